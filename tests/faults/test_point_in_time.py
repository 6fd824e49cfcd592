"""Going back to a moment: deploy/archive_wal.sh, base_backup.sh and point_in_time.sh, with real PostgreSQL."""

import gzip
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from tests.faults.ledger import Writers
from tests.faults.server import TEMPLATE, Server
from tests.faults.site import PROJECT, Site, environment
from zhgg.dev.postgres import PORT, SUPERUSER

pytestmark = [pytest.mark.faults, pytest.mark.django_db, pytest.mark.xdist_group("faults"), pytest.mark.limit(240)]


@pytest.fixture
def archived(server, house, keys, tmp_path):
    """A site on a PostgreSQL that archives its log; `run(script, *arguments)` is the exit code and what was printed."""
    own = Server(tmp_path, durable=True)
    own.start("postgres")
    archive = own.folder / "archive"
    for folder in (archive, archive / "wal", archive / "base"):
        folder.mkdir()
        shutil.chown(folder, own.data.stat().st_uid, own.data.stat().st_gid)
    # What PostgreSQL runs has to be readable for its account, which a checkout need not be.
    scripts = own.folder / "deploy"
    shutil.copytree(PROJECT / "deploy", scripts)
    variables = {
        **os.environ,
        "PATH": f"{Path(own.program('psql')).parent}:{os.environ['PATH']}",
        "PGHOST": str(own.sockets),
        "PGUSER": SUPERUSER,
        "WAL_ARCHIVE": str(archive),
    }

    def run(script, *arguments):
        command = [scripts / script, *arguments]
        done = subprocess.run(
            command, env=variables, cwd=own.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **own._owner
        )
        return done.returncode, done.stdout.decode()

    own.query("postgres", "ALTER SYSTEM SET archive_mode = on")
    command = f"WAL_ARCHIVE={archive} {scripts}/archive_wal.sh %p %f"
    own.query("postgres", f"ALTER SYSTEM SET archive_command = '{command}'")
    own.halt("fast")
    server.start(TEMPLATE)
    own.fill("site", ["--dbname", server.url(TEMPLATE)], {})
    site = Site(environment(own.url("site"), tmp_path / "uploads", **keys), tmp_path)

    def visitor(name, number):
        return site.visitor(house["sessions"][name][number])

    yield SimpleNamespace(server=own, database="site", visitor=visitor, writers=house["writers"], run=run, site=site)
    site.end()
    for folder in own.folder.glob("then*"):
        if (folder / "postmaster.pid").exists():
            own.run("pg_ctl", "-D", folder, "-m", "immediate", "stop")
    own.destroy()


def rows_of(folder, statement):
    with psycopg.connect(f"postgres://{SUPERUSER}@/site?host={folder}&port={PORT}", autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def test_the_database_comes_back_as_it_was_at_a_moment_and_as_it_was_at_the_end(archived):
    """A moment before somebody spoiled the data: all that was acknowledged until then, and nothing that came after."""
    own, run = archived.server, archived.run
    code, told = run("base_backup.sh")
    assert code == 0, told
    with Writers(archived).at_work() as before:
        before.wait_for(20)
    time.sleep(0.2)
    moment = own.value("site", "SELECT now()").isoformat()
    time.sleep(0.2)
    with Writers(archived).at_work() as after:
        after.wait_for(10)
    names = "SELECT name FROM orgs_department"
    at_the_end = sorted(own.query("site", names))
    own.query("site", "UPDATE accounts_user SET name = '误'")
    own.query("postgres", "SELECT pg_switch_wal()")
    own.query("postgres", "CHECKPOINT")

    then = own.folder / "then"
    began = time.monotonic()
    code, told = run("point_in_time.sh", moment, then)
    print(f"{told}in all {time.monotonic() - began:.1f} s")
    assert code == 0, told
    restored = {name for (name,) in rows_of(then, names)}
    assert set(before.acknowledged) <= restored
    assert not restored & set(after.acknowledged)
    assert rows_of(then, "SELECT count(*) FROM accounts_user WHERE name = '误'") == [(0,)]
    # The one that runs was not touched, and what came back takes writes.
    assert sorted(own.query("site", names)) == at_the_end
    rows_of(then, "UPDATE accounts_user SET name = name RETURNING 1")

    # The machine is lost: what the archive has, to its end.
    last = own.value("postgres", "SELECT last_archived_wal FROM pg_stat_archiver")
    own.halt("immediate")
    code, told = run("point_in_time.sh", "latest", own.folder / "then-latest")
    assert code == 0, told
    assert sorted(rows_of(own.folder / "then-latest", names)) == at_the_end
    assert (own.folder / "archive" / "wal" / f"{last}.gz").exists()

    code, told = run("point_in_time.sh", "2020-01-01 00:00+08", own.folder / "then-never")
    assert (code, "no base backup was done before 2020-01-01" in told) == (1, True)


def test_the_archive_takes_nothing_twice_and_nothing_where_there_is_none_and_older_pieces_go(archived):
    own, run = archived.server, archived.run
    archive = own.folder / "archive"
    switch = "SELECT pg_walfile_name(pg_switch_wal())"
    piece = own.folder / "piece"
    piece.write_bytes(b"one")
    assert run("archive_wal.sh", piece, "name") == (0, "")
    assert run("archive_wal.sh", piece, "name") == (0, "")
    piece.write_bytes(b"two")
    assert run("archive_wal.sh", piece, "name")[0] != 0
    assert gzip.decompress((archive / "wal" / "name.gz").read_bytes()) == b"one"

    # Away for a while: PostgreSQL keeps what it could not archive, and brings it later.
    (archive / "wal").rename(archive / "away")
    own.query("postgres", "CREATE TABLE something ()")
    kept = own.value("postgres", switch)
    failed = "SELECT failed_count > 0 FROM pg_stat_archiver"
    wait_until(lambda: own.value("postgres", failed))
    (archive / "away").rename(archive / "wal")
    wait_until((archive / "wal" / f"{kept}.gz").exists, 70)

    for number in range(3):
        own.query("postgres", f"CREATE TABLE something{number} ()")
        code, told = run("base_backup.sh")
        assert code == 0, told
        time.sleep(1)
    assert len(list((archive / "base").iterdir())) == 2
    assert not (archive / "wal" / f"{kept}.gz").exists()


def wait_until(there, seconds=30):
    ends = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < ends
        time.sleep(0.1)
