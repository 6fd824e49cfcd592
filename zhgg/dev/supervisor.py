"""Starts the processes of `./dev run`, watches them, and ends all of them when one ends or a signal comes."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zhgg.dev.console import complain
from zhgg.dev.errors import DevError

GRACE_SECONDS = 8.0
PR_SET_PDEATHSIG = 1


class Ended(BaseException):
    """Somebody asked us to end. Not an Exception, so that nothing on the way takes it for a failure."""


class Signals:
    """SIGINT, SIGTERM and SIGHUP as `Ended`, raised at once, or after a `held` block that must not be torn apart."""

    def __init__(self) -> None:
        self._asked = False
        self._held = 0

    def install(self) -> None:
        """Listen. A shell starts background jobs with SIGINT ignored; nohup ignores SIGHUP, which stays so."""
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGTERM, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let the block finish before `Ended` is raised."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._raise_if_asked()

    def finish(self) -> None:
        """From now on nothing interrupts: the end is under way."""
        self._held += 1_000_000

    def _note(self, number: int, frame: object) -> None:
        self._asked = True
        self._raise_if_asked()

    def _raise_if_asked(self) -> None:
        if self._asked and not self._held:
            self.finish()
            raise Ended


@dataclass
class Child:
    """A process under a name that people understand."""

    name: str
    process: subprocess.Popen


class Supervisor:
    """The processes of one `./dev run`."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.children: list[Child] = []

    def start(self, name: str, *arguments: str) -> None:
        """Start `python …` in a session of its own: a Ctrl-C at the terminal reaches us, and we end it in order."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.children.append(Child(name, process))

    def check(self) -> None:
        """Raise DevError when one of them has ended."""
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                how = f"被信号 {-code} 终止" if code < 0 else f"退出码 {code}"
                raise DevError(f"{child.name}意外结束（{how}），其余进程随之停止 / a process ended unexpectedly.")

    def watch(self) -> None:
        """Return never: `Ended` or DevError end it."""
        while True:
            self.check()
            time.sleep(0.2)

    def end(self) -> None:
        """Ask all of them to end, wait, and kill what is left, workers of workers included."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                complain(f"{child.name}没有按时结束，强制停止。")
            # Each leads a session, so its group holds it and whatever it started.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """On Linux, end when the supervisor is killed outright."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
