"""The site as production runs it: gunicorn with deploy/gunicorn.conf.py, and `manage.py work` beside it."""

import base64
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.visitor import HOST, Visitor
from zhgg.dev.lint import PRODUCTION

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
KEPT = """
import subprocess, sys, time
while True:
    subprocess.run([sys.executable, "manage.py", "work"])
    time.sleep(1)
"""


def environment(database_url, uploads, **more):
    """Variables of production, with keys of this run."""
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"faults:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    return {
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        **PRODUCTION,
        **keys,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "ALLOWED_HOSTS": HOST,
        # The people of these tests are invented.
        "ALLOW_SYNTHETIC_IDS": "1",
        "EMAIL_URL": "dummymail://",
        "DATABASE_URL": database_url,
        "UPLOAD_DIR": str(uploads),
        **more,
    }


class Site:
    """Two web workers and one job worker at most, ended by `end`."""

    def __init__(self, variables, folder):
        self.log = folder / "site.log"
        self.uploads = Path(variables["UPLOAD_DIR"])
        self.port = free_port()
        self.variables = {
            "WEB_WORKERS": "2",
            "WEB_THREADS": "16",
            **variables,
            "WEB_BIND": f"127.0.0.1:{self.port}",
        }
        self._processes = []
        self.web = self._start("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py")
        self.wait_until_ready()

    def start_worker(self):
        """`manage.py work`, as a process; it is ended with the site, if not before."""
        return self._start("manage.py", "work")

    @contextlib.contextmanager
    def kept_worker(self):
        """`manage.py work` while the block runs, started again after each end as `Restart=always` of its unit does."""
        process = self._start("-c", KEPT)
        yield
        os.killpg(process.pid, signal.SIGKILL)

    def manage(self, *arguments, **variables):
        """One command of manage.py, to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env={**self.variables, **variables}, capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, code):
        """What Python prints that runs inside the site's settings."""
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def visitor(self, session=None):
        return Visitor(self.port, session)

    @property
    def web_workers(self):
        """The numbers of gunicorn's workers."""
        number = self.web.pid
        return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text().split()]

    def kill_web_workers(self):
        """kill -9 of all of them; gunicorn starts others."""
        for number in self.web_workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def wait_until_ready(self, seconds=START_SECONDS):
        """Until /readyz is 200; how long that took."""
        began = time.monotonic()
        while (answer := self.visitor().get("/readyz")).status != 200:
            assert self.web.poll() is None, f"the site has ended: {self.told()}"
            assert time.monotonic() - began < seconds, f"not ready after {seconds} s: {answer}\n{self.told()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def told(self):
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    def end(self):
        """Everything that was started here, whatever state it is in."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, *arguments):
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=PROJECT, env=self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)
        return process


def free_port():
    """A port of loopback on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
