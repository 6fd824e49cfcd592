"""The one place of the web server's options: `gunicorn -c deploy/gunicorn.conf.py`.

Behind a proxy that buffers requests and answers (nginx), so a thread is only held by work of ours: by the database, at
most 8 s, or by 渝快办, at most `OIDC_DEADLINE_SECONDS`. Many threads a process cost nothing while they wait, and leave
other pages free when a slow provider holds every login: 200 logins in 10 s, each waiting 2 s for each of two answers,
are 80 at once. A few of them work at a time (zhgg.kit.turns).
"""

import os
import shutil
import tempfile
from pathlib import Path

wsgi_app = "zhgg.wsgi:application"
# Resolved: an upgrade moves the link `current`, and a worker that starts at that moment must not mix two versions.
chdir = str(Path(__file__).resolve().parent.parent)
# A socket that systemd opened (LISTEN_FDS) goes before this.
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000").split(",")

worker_class = "zhgg.web.Worker"
workers = int(os.environ.get("WEB_WORKERS") or max(2, os.cpu_count() or 2))
# The sum over the workers stays the same however many there are, because each thread may hold a database connection:
# PostgreSQL must allow some more (`max_connections`), or PgBouncer stands in between.
threads = int(os.environ.get("WEB_THREADS") or max(16, 224 // workers))
# How many requests one worker works on at once; one that waits for 渝快办, or has been at it for longer (kit.turns),
# does not count. Enough to keep a core busy while some wait for the database, and no more.
os.environ["WEB_AT_ONCE"] = str(max(1, int(os.environ.get("WEB_AT_ONCE") or 4)))
# A worker takes no connection that it has no thread for: what waits, waits in the socket for whoever is free first.
worker_connections = threads
# Logins that may wait for 渝快办 at once in one worker; the other threads stay free for other pages.
os.environ.setdefault("OIDC_IN_FLIGHT", str(threads * 7 // 8))
backlog = 2048
# No kept-alive connections: they would tie the proxy's connections to one worker while the other idles.
keepalive = 0

# Each worker is replaced now and then, not all at once: whatever leaks, leaks little. 0 never replaces them.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "10000"))
max_requests_jitter = max_requests // 5
# A worker whose main thread says nothing for so long is killed; the requests themselves have limits of their own, the
# longest 8 s for the database (lock and statement) and 8 s for 渝快办. A stopping worker finishes what it has begun.
timeout = 30
graceful_timeout = 30
# The sign of life is a file: on a busy disk writing it could take longer than `timeout`.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # nosec B108
# Each worker opens its own connections and threads. An upgrade is a restart: systemd holds the socket meanwhile.
preload_app = False
control_socket_disable = True

# Who may say that the visitor came by https and from where: the proxy. A Unix socket is only open to it anyway.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# One line a request is written by the site itself, with the number that error pages show; here only starts and ends.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "info")
proc_name = "zhgg-web"

# Where the workers keep their counters, so that /metrics tells of all of them. A reload reads this file again.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="zhgg-metrics-")


def pre_fork(server, worker):
    """Give the new worker the lowest free place: it goes on with the counters of whoever had it before."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in range(1000) if place not in taken)


def post_fork(server, worker):
    os.environ["WEB_PLACE"] = str(worker.place)


def on_exit(server):
    """The next server begins to count at nought."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
