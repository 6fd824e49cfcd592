"""Lists may be read from a streaming replica of the database, never older than what their reader has written.

Off unless REPLICA_URL is set. A view opts in with `@may_read_replica`; everything else, all writes and all questions of
who may do what go to the primary. Who has just posted something carries in a cookie how far the primary's log had come,
and reads the primary until the replica has come as far. A replica that is away, or more than REPLICA_LAG_SECONDS
behind, is passed over. The cookie grants nothing: a forged one only chooses where its sender reads.
"""

import functools
import logging
import re
import threading
import time
from contextvars import ContextVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

log = logging.getLogger("zhgg.replica")
ALIAS, PRIMARY = "replica", "default"
COOKIE = "zhgg_written" if settings.STARTS_PLAIN_HTTP else "__Host-written"
COOKIE_SECONDS = 60
REST_SECONDS = 10
"""A replica that failed is left alone for so long."""
LOOK_SECONDS = 1.0
"""How often a process compares the two at most."""
_LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
_AWAY = (OperationalError, InterfaceError)
_reads_replica = ContextVar("zhgg_reads_replica", default=False)


class Router:
    """Django's database router: reads inside `@may_read_replica` views go to the replica."""

    def db_for_read(self, model, **hints):
        return ALIAS if _reads_replica.get() else PRIMARY

    def db_for_write(self, model, **hints):
        return PRIMARY

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == PRIMARY


def number_of(lsn):
    """A place in the log, `16/B374D848`, as a number; 0 for anything else."""
    if not _LSN.fullmatch(lsn or ""):
        return 0
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


class Progress:
    """How far the replica of this process is, looked up at most once in LOOK_SECONDS."""

    def __init__(self):
        self._lock = threading.Lock()
        self.forget()

    def forget(self):
        """Know nothing, as at the start."""
        self._looked = self._rests_until = -float("inf")
        self._replayed = 0
        # (when, how far the primary was): the lag is the age of the newest that the replica has passed.
        self._seen = []

    def reaches(self, lsn):
        """Whether the replica can be read by somebody who wrote up to `lsn`, a number."""
        now = time.monotonic()
        if now < self._rests_until:
            return False
        is_due = now - self._looked >= LOOK_SECONDS or self._replayed < lsn
        # One thread looks; the others go by what was seen last, which can only be too little.
        if is_due and self._lock.acquire(blocking=False):
            try:
                self._look(now)
            finally:
                self._lock.release()
        fresh = any(at >= now - settings.REPLICA_LAG_SECONDS and place <= self._replayed for at, place in self._seen)
        return fresh and self._replayed >= lsn

    def failed(self, error):
        """The replica is away: nobody asks it for a while."""
        log.warning("replica: %s", type(error).__name__)
        self._rests_until = time.monotonic() + REST_SECONDS
        connections[ALIAS].close()

    def _look(self, now):
        self._seen = [seen for seen in self._seen if seen[0] >= now - settings.REPLICA_LAG_SECONDS]
        self._seen.append((now, number_of(_ask(PRIMARY, "pg_current_wal_lsn()"))))
        try:
            # NULL where it is no replica (any more).
            self._replayed = number_of(_ask(ALIAS, "pg_last_wal_replay_lsn()"))
        except _AWAY as error:
            self.failed(error)
            return
        self._looked = now


progress = Progress()


def _ask(alias, what):
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {what}")  # nosec B608: a constant of this module
        return cursor.fetchone()[0]


def may_read_replica(view):
    """Decorator for a view that only reads, and may show others' changes some seconds late."""

    @functools.wraps(view)
    def reading(request, *args, **kwargs):
        if not settings.REPLICA_URL or request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        # Rights are asked of the primary, always.
        bool(request.actor.role)
        if not progress.reaches(number_of(request.COOKIES.get(COOKIE))):
            return view(request, *args, **kwargs)
        token = _reads_replica.set(True)
        try:
            return view(request, *args, **kwargs)
        except _AWAY as error:
            progress.failed(error)
        finally:
            _reads_replica.reset(token)
        return view(request, *args, **kwargs)

    return reading


class WrittenMiddleware:
    """After a POST or a login: the cookie that says how far the primary's log had come when it was done."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        wrote = request.method == "POST" or settings.SESSION_COOKIE_NAME in response.cookies
        if settings.REPLICA_URL and wrote:
            try:
                lsn = _ask(PRIMARY, "pg_current_wal_lsn()")
            except _AWAY:
                return response
            response.set_cookie(
                COOKIE,
                lsn,
                max_age=COOKIE_SECONDS,
                secure=not settings.STARTS_PLAIN_HTTP,
                httponly=True,
                samesite="Lax",
            )
        return response
