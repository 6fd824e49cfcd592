"""More machines than one, on one: two web nodes behind nginx, PgBouncer in transaction mode, a streaming replica."""

import shutil
import subprocess
import time

import psycopg
import pytest

from tests.faults.site import Site, environment, free_port
from tests.faults.visitor import Visitor
from zhgg.dev.postgres import PORT, SUPERUSER

NGINX, PGBOUNCER = (
    shutil.which("nginx", path="/usr/sbin:/usr/bin"),
    shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"),
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.skipif(not NGINX, reason="needs nginx (apt-get install nginx)"),
    pytest.mark.skipif(not PGBOUNCER, reason="needs PgBouncer (apt-get install pgbouncer)"),
]

POOL = """\
[databases]
{database} = host={sockets} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 12
unix_socket_dir =
user = nobody
"""
PROXY = """\
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream zhgg {{ {nodes} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://zhgg;
            proxy_set_header Host $http_host;
            add_header X-Node $upstream_addr always;
        }}
    }}
}}
"""


LOOKED = """
    SELECT sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) FROM pg_stat_user_tables
    WHERE relname = 'projects_proposal'
"""
"""How often a server has looked into the table of 申报书."""


class Author(Visitor):
    """A visitor who keeps the cookie that says how far the primary's log had come."""

    written = None

    def _headers(self, content_type):
        headers = super()._headers(content_type)
        if self.written:
            headers["Cookie"] += f"; __Host-written={self.written}"
        return headers

    def post(self, path, fields=None, files=None):
        answer = super().post(path, fields, files)
        for name, value in answer.headers:
            if name.lower() == "set-cookie" and value.startswith("__Host-written="):
                self.written = value.partition("=")[2].partition(";")[0]
        return answer


class Replica:
    """A streaming copy of the server, with sockets of its own."""

    def __init__(self, server, folder):
        self.server, self.data, self.sockets = server, folder / "data", folder / "sockets"
        self.sockets.mkdir(parents=True)
        for place in (folder, self.sockets):
            shutil.chown(place, server.data.stat().st_uid, server.data.stat().st_gid)
        source = ["-h", str(server.sockets), "-p", str(PORT), "-U", SUPERUSER]
        server.run("pg_basebackup", *source, "-D", self.data, "-R", "-X", "stream", "-c", "fast")
        options = f"-c unix_socket_directories={self.sockets}"
        server.run("pg_ctl", "-D", self.data, "-w", "-t", "30", "-o", options, "start")

    def url(self, database):
        return f"postgres://{SUPERUSER}@/{database}?host={self.sockets}&port={PORT}"

    def ask(self, database, statement):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone()[0]

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self.server.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")


@pytest.fixture
def scaled(world, house, keys, tmp_path_factory):
    """The house on two nodes; `browser(name)`, `replica`, `value(sql)`."""
    server, database = world.server, world.database
    folder = tmp_path_factory.mktemp("scaled")
    folder.chmod(0o755)
    replica = Replica(server, server.folder / "replica")
    server.query("postgres", f"ALTER ROLE {SUPERUSER} SET lock_timeout = 4000")
    server.query("postgres", f"ALTER ROLE {SUPERUSER} SET statement_timeout = 7000")
    pool, pool_settings = free_port(), server.folder / "pool.ini"
    pool_settings.write_text(
        POOL.format(database=database, sockets=server.sockets, port=PORT, user=SUPERUSER, listen=pool)
    )
    bouncer = subprocess.Popen([PGBOUNCER, pool_settings], stderr=subprocess.DEVNULL)
    variables = environment(
        f"postgres://{SUPERUSER}@127.0.0.1:{pool}/{database}",
        folder / "uploads",
        **keys,
        DATABASE_POOLER="1",
        REPLICA_URL=replica.url(database),
        REPLICA_LAG_SECONDS="2",
    )
    nodes = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        nodes.append(Site(variables | {"WEB_WORKERS": "1"}, folder / name))
    listens = free_port()
    configuration = folder / "nginx.conf"
    upstream = " ".join(f"server 127.0.0.1:{node.port};" for node in nodes)
    configuration.write_text(PROXY.format(folder=folder, nodes=upstream, port=listens))
    proxy = subprocess.Popen([NGINX, "-c", configuration, "-g", "daemon off; user root;"], stderr=subprocess.DEVNULL)

    ends = time.monotonic() + 10
    while Visitor(listens).get("/healthz").status != 200:
        assert time.monotonic() < ends, (folder / "nginx.log").read_text()
        time.sleep(0.05)

    class Scaled:
        sessions, untouched = house["sessions"], house["untouched"]

        def __init__(self):
            self.replica, self.database, self.value, self.nodes = replica, database, world.value, nodes

        def browser(self, session):
            return Author(listens, session)

    yield Scaled()
    proxy.terminate()
    proxy.wait()
    for node in nodes:
        node.end()
    bouncer.terminate()
    bouncer.wait()
    replica.stop()
    server.query("postgres", f"ALTER ROLE {SUPERUSER} RESET ALL")


def listed(answer):
    """The ids of the 申报书 on a page of the list."""
    assert answer.status == 200, answer
    return {
        int(part.split("/")[0].split("?")[0]) for part in answer.body.split('href="/projects/')[1:] if part[0].isdigit()
    }


@pytest.mark.limit(120)
def test_an_author_reads_what_they_wrote_whatever_the_replica_knows(scaled):
    officer, other = (scaled.browser(session) for session in scaled.sessions["officers"][:2])
    accepted, later = scaled.untouched
    path = "/projects/?state=accepted"
    before, ends = scaled.replica.ask(scaled.database, LOOKED), time.monotonic() + 20
    answers = [other.get("/projects/") for _ in range(12)]
    # A node looks once a second how far the replica is, and a session tells of its reads after a second.
    while (reads := scaled.replica.ask(scaled.database, LOOKED) - before) < 12 and time.monotonic() < ends:
        answers.append(other.get("/projects/"))
        time.sleep(0.1)

    done = officer.post(f"/projects/{accepted}/accept/", {"seen_step": _step(scaled, accepted)})
    at_once = listed(officer.get(path))
    scaled.replica.ask(scaled.database, "SELECT pg_wal_replay_pause()")
    again = officer.post(f"/projects/{later}/accept/", {"seen_step": _step(scaled, later)})
    behind = listed(officer.get(path))
    time.sleep(3)
    others = listed(other.get(path))
    scaled.replica.ask(scaled.database, "SELECT pg_wal_replay_resume()")
    scaled.replica.stop()
    away = [other.get(path) for _ in range(4)]

    assert {answer.status for answer in answers} == {200}
    assert {answer.header("X-Node") for answer in answers} == {f"127.0.0.1:{node.port}" for node in scaled.nodes}
    assert (done.status, again.status) == (302, 302)
    assert accepted in at_once
    assert {accepted, later} <= behind
    assert {accepted, later} <= others
    assert [listed(answer) >= {accepted, later} for answer in away] == [True] * 4
    assert reads >= 12
    assert scaled.value("SELECT state FROM projects_proposal WHERE id = %s", later) == "accepted"


def _step(scaled, proposal):
    return scaled.value("SELECT step_count FROM projects_proposal WHERE id = %s", proposal)
