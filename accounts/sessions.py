"""Beginning and ending a session. It holds who is logged in and since when, and nothing personal."""

import time

from django.conf import settings
from django.contrib import auth

BEGAN = "began"


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
