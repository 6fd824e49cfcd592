"""How many requests a web process works on at once; the others wait their turn, in the order in which they came.

A process may hold many requests at a time, so that logins may wait for 渝快办 and locks for each other without keeping
anybody else (deploy/gunicorn.conf.py). Were all of them worked on at once, as in the last hour before 申报截止, they
would take the interpreter from each other thousands of times a second, each with its locks and its own database
connection held for as long as all of them together take (figures: docs/performance.md, "The last hour").
"""

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from django.db import connections

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.2
"""Who has been at work for longer waits for something (a lock, a disk, a slow reader) or does what takes long, and
counts no more: a few of these must not keep everybody waiting. Far more than what a page takes while others work too,
and so little that 112 requests that all wait for one lock have all begun after 6 s."""

IDLE_SECONDS = 60.0
"""A thread without work for so long ends, and its database connections with it."""

_own = threading.local()


@contextmanager
def given_up():
    """Let another request be worked on during the block, in which this one waits for another server.

    Before what comes after the block it waits its turn again: every other turn is for one that goes on. In a thread
    that takes no turns (a test, a job) nothing happens.
    """
    seat = getattr(_own, "seat", None)
    if seat is None:
        yield
        return
    seat.turns.give_back(seat)
    try:
        yield
    finally:
        seat.turns.take_again(seat)


class Seat:
    """One thread of `turns`, and what it is handed when its turn comes: a job, or None to go on or to end."""

    def __init__(self, turns):
        self.turns = turns
        self.handed = SimpleQueue()


class Turns:
    """An executor of as many threads as there are jobs under way, of which `at_once` work; what the web worker of
    gunicorn asks of one.

    A job goes to the thread that had work last, so that as few threads and database connections as possible are in
    use, and those stay warm.
    """

    def __init__(self, at_once):
        self._at_once = at_once
        # Reentrant: gunicorn calls `shutdown` from a signal, wherever the main thread happens to be.
        self._lock = threading.RLock()
        self._jobs = deque()
        self._returning = deque()  # seats whose other server has answered
        self._job_was_last = False
        self._idle = []  # seats without a job, the one that had work last at the end
        self._begun = {}  # when each seat at work began, by time.monotonic()
        self._closed = False

    def submit(self, function, *arguments):
        """A Future of `function(*arguments)`, called once there is a turn for it."""
        future = Future()
        with self._lock:
            self._jobs.append((future, function, arguments))
            self.let_in()
        return future

    def shutdown(self, wait=False):
        """Each thread ends once it has nothing left to do; nobody waits for that here, whatever `wait` says."""
        with self._lock:
            self._closed = True
            for seat in self._idle:
                seat.handed.put(None)

    def let_in(self):
        """Hand out the turns that are free; whoever runs the process is to call it now and then, because nobody else
        notices that patience with a thread has ended."""
        with self._lock:
            now = time.monotonic()
            free = self._at_once - sum(now - begun < PATIENCE_SECONDS for begun in self._begun.values())
            for _ in range(min(free, len(self._jobs) + len(self._returning))):
                try:
                    seat, job = self._next()
                except RuntimeError:
                    # No further thread can be started just now: whoever is done next takes the job.
                    logger.exception("a request waits for a thread")
                    break
                self._begun[seat] = now
                seat.handed.put(job)

    def give_back(self, seat):
        """This seat waits for another server from now on."""
        with self._lock:
            del self._begun[seat]
            self.let_in()

    def take_again(self, seat):
        """Wait until this seat is at work again."""
        with self._lock:
            self._returning.append(seat)
            self.let_in()
        seat.handed.get()

    def _next(self):
        """`(seat, job)` of who has waited longest: in turn of those that go on, so that a login, which waits several
        times, is not late because of a crowd, and of those that have not begun, so that many logins keep nobody out."""
        if self._returning and (self._job_was_last or not self._jobs):
            self._job_was_last = False
            return self._returning.popleft(), None
        self._job_was_last = True
        return self._free_seat(), self._jobs.popleft()

    def _free_seat(self):
        if self._idle:
            return self._idle.pop()
        seat = Seat(self)
        threading.Thread(target=self._work, args=(seat,), name="request").start()
        return seat

    def _work(self, seat):
        _own.seat = seat
        while job := self._next_job(seat):
            _do(*job)
            del job  # nothing of a request stays while the thread waits for the next
            with self._lock:
                del self._begun[seat]
                self._idle.append(seat)
                if self._closed:
                    seat.handed.put(None)
                self.let_in()
        connections.close_all()

    def _next_job(self, seat):
        """What this seat is handed; None when it shall end, after which nobody hands it anything."""
        while True:
            try:
                job = seat.handed.get(timeout=IDLE_SECONDS)
            except Empty:
                job = None
            if job:
                return job
            with self._lock:
                if seat in self._idle:
                    self._idle.remove(seat)
                    return None


def _do(future, function, arguments):
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*arguments)
    except BaseException as error:  # as every executor: whoever asks for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
