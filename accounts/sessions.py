"""Beginning, prolonging and ending a session. It holds who is logged in and since when, and nothing personal.

A session ends thirty minutes after the last thing a person did (SESSION_COOKIE_AGE), and ten hours after the login
whatever happens (SESSION_LIFETIME_SECONDS). Every view that answers a logged-in user counts as something a person did:
opening a page, sending a form, saving what was typed by itself. What a page asks without anybody's doing (a poll) is
marked `@background` and prolongs nothing.

A page view that comes within a minute of the last one writes nothing: the session then ends up to a minute early, never
late, and pages say when. Reading is most of what a site does, and a write for each page is most of what it costs.
"""

import math
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib import auth
from django.utils import timezone

BEGAN = "began"
WRITTEN_EVERY_SECONDS = 60


@dataclass(frozen=True)
class End:
    """When a session ends: in `left` seconds (0 when it has). `absolute` says that no activity can put it off."""

    left: int
    absolute: bool

    @property
    def warn(self):
        """How many seconds before the end pages say so."""
        return settings.SESSION_WARNING_SECONDS

    @property
    def at(self):
        """The moment of the end."""
        return timezone.now() + timedelta(seconds=self.left)


def begin(request, user, backend):
    """Log `user` in with a new session; whatever the browser was logged in as before is gone, row and all.

    `backend` is the dotted name of the authentication backend.
    """
    request.session.flush()
    auth.login(request, user, backend=backend)
    request.session[BEGAN] = int(time.time())


def too_old(session):
    """Whether the session has reached its absolute end, however busy it was. One without a beginning begins now."""
    began = session.get(BEGAN)
    if began is None:
        session[BEGAN] = int(time.time())
        return False
    return time.time() - began >= settings.SESSION_LIFETIME_SECONDS


def background(view):
    """Mark a view that pages ask by themselves: it does not prolong the session."""
    view.background = True
    return view


def prolong(session):
    """Let the session last another thirty minutes from now; it is written with the answer."""
    session.modified = True


def keep_up(session):
    """Prolong the session, unless that was done within the last minute."""
    if session.seconds_left() < settings.SESSION_COOKIE_AGE - WRITTEN_EVERY_SECONDS:
        prolong(session)


def end_of(session):
    """The End of a session: thirty minutes from now where it has just been prolonged, else as its row says."""
    return _end(session, settings.SESSION_COOKIE_AGE if session.modified else session.seconds_left())


def _end(session, idle):
    whole = session[BEGAN] + settings.SESSION_LIFETIME_SECONDS - time.time() if BEGAN in session else idle
    return End(max(0, math.ceil(min(idle, whole))), absolute=whole <= idle and BEGAN in session)
