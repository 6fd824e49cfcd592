"""One gunicorn worker a program, and what it and its PostgreSQL process have cost: CPU by the kernel's own account."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
STARTS_IN = 30
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A WSGI program behind one synchronous worker, or as the file `config` says; its database connections are known by
    `name`."""

    def __init__(self, name, application, *, config=None, **environment):
        self.name = f"bench-{name}"
        self.port = free_port()
        options = (
            ("--config", config) if config else ("--workers", "1", "--worker-class", "sync", "--no-control-socket")
        )
        address = ("--bind", f"127.0.0.1:{self.port}", "--log-level", "warning")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", application, *options, *address],
            cwd=ROOT,
            env={**os.environ, "PGAPPNAME": self.name, "CONN_MAX_AGE": "3600", **environment},
        )
        self.backends = []
        self._browsers = {}

    def get(self, path, cookie):
        """`(seconds, body)` of one request; anything but 200 ends the measurement.

        Like a browser, whoever comes with this cookie brings along what they have been given before.
        """
        kept = self._browsers.setdefault(cookie, {})
        began = time.perf_counter()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as visitor:
            visitor.request("GET", path, headers={"Cookie": "; ".join([cookie, *kept.values()])})
            answer = visitor.getresponse()
            body = answer.read()
        for given in answer.headers.get_all("Set-Cookie") or ():
            kept[given.partition("=")[0]] = given.partition(";")[0]
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300].decode(errors='replace')}")
        return time.perf_counter() - began, body

    def wait(self):
        """Until it listens."""
        until_it_listens(self.process, self.port)

    def find_backends(self):
        """Look up the PostgreSQL processes; once the pages have been asked for."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [self.name])
            self.backends = [pid for (pid,) in cursor.fetchall()]

    def cost(self):
        """`(CPU seconds of the application, of the database)` so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        return sum(map(_cpu, children)), sum(map(_cpu, self.backends))

    def memory(self):
        """`(present, highest)` MB of memory of the first worker."""
        [worker, *_] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{worker}/status").read_text("utf-8").splitlines())
        return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def stop(self):
        """End it."""
        self.process.terminate()
        self.process.wait()


def free_port():
    """A port of loopback at which nobody listens yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until_it_listens(process, port):
    """Wait for a process that has just been started."""
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"{process.args} does not start")


def cost_of_all(pid):
    """CPU seconds of a process and of all that it has started, threads and processes that have ended included."""
    used, pids = 0, [pid]
    for each in pids:
        used += sum(map(int, _stat(each)[11:15]))
        for thread in Path(f"/proc/{each}/task").glob("*/children"):
            pids += thread.read_text("ascii").split()
    return used / TICKS


def postmaster():
    """The process of which PostgreSQL's others are children; None where it is not on this machine."""
    try:
        return int(_stat(connection.cursor().connection.info.backend_pid)[1])
    except FileNotFoundError:
        return None


def cost_of_machine():
    """`(CPU seconds that all processes have used, that nobody has used)` since the machine started."""
    first = Path("/proc/stat").read_text("ascii").partition("\n")[0]
    user, nice, system, idle, waiting, *others = map(int, first.split()[1:9])
    return (user + nice + system + sum(others)) / TICKS, (idle + waiting) / TICKS


def _stat(pid):
    """The fields of /proc/PID/stat behind the name, which may hold blanks and brackets."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()


def _cpu(pid):
    """CPU seconds of all threads of a process; 0 for one that is not on this machine."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text("ascii").split()[0]) for each in threads) / 1e9
