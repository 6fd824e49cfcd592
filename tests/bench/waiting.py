"""The site, which says in each answer how long it waited for 渝快办 (X-Waited, milliseconds): `./dev bench deadline`.

What its own thread does to ask (TLS, HTTP, the request to read) is part of the wait.
"""

import threading
import time

from zhgg.wsgi import application as site

from accounts.oidc.client import BackChannel  # isort: skip (after the apps have been loaded)

_now = threading.local()
_wait = BackChannel._wait


def _timed(channel, *arguments):
    began = time.perf_counter()
    try:
        return _wait(channel, *arguments)
    finally:
        _now.waited += time.perf_counter() - began


BackChannel._wait = _timed


def application(environment, start_response):
    """The site's answer with one header more."""
    _now.waited = 0.0

    def start(status, headers, *error):
        return start_response(status, [*headers, ("X-Waited", f"{1000 * _now.waited:.1f}")], *error)

    return site(environment, start)
