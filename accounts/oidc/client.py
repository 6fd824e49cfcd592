"""Talking to 渝快办 from the server: bounded in time, size and trust.

One `BackChannel` serves one login and has one deadline for everything it fetches. A server that answers slowly, without
end, byte by byte, compressed, or with a redirect is cut off. `places` bounds how many logins wait for 渝快办 at once.
"""

import contextlib
import json
import re
import socket
import threading
import time
from concurrent.futures import Future
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import connection
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError as Urllib3Error

from accounts.oidc.refusals import Crowded, LoginRefused, NotVerified, ProviderBroken, ProviderDown, told
from zhgg.kit.turns import given_up

MAX_BYTES = 256 * 1024
# application/json, the application/jwk-set+json of key sets (RFC 7517, 8.5) and its like, or nothing said.
JSON_TYPE = re.compile(r"(application/([a-z0-9.-]+\+)?json)?")


class Wire(HTTPAdapter):
    """A requests adapter whose connections can be cut from outside, whatever they are waiting for.

    A time-out of requests starts anew with every byte that arrives; cutting the socket does not.
    """

    def __init__(self):
        self._sockets = []
        self._cut = False
        self._lock = threading.Lock()
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        wire = self

        class PlainConnection(HTTPConnection):
            def _new_conn(self):
                return wire.watch(super()._new_conn())

        class TLSConnection(HTTPSConnection):
            def _new_conn(self):
                return wire.watch(super()._new_conn())

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = PlainConnection

        class TLSPool(HTTPSConnectionPool):
            ConnectionCls = TLSConnection

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TLSPool}

    def watch(self, sock):
        """Remember a second handle of the connection: TLS takes the first one over."""
        with self._lock:
            if self._cut:
                sock.close()
                raise OSError("cut off")
            self._sockets.append(sock.dup())
        return sock

    def cut(self):
        """End every connection now; whoever reads from one gets an error."""
        with self._lock:
            self._cut = True
            for sock in self._sockets:
                with contextlib.suppress(OSError):  # already ended
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            self._sockets.clear()


class Places:
    """How many logins of this process may wait for the provider at the same time: settings.OIDC_IN_FLIGHT.

    The threads beyond them stay free for everybody else, however slow the provider is.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._taken = 0

    @contextlib.contextmanager
    def one(self):
        """One place for the length of the block; raises Crowded when all are taken."""
        with self._lock:
            if self._taken >= settings.OIDC_IN_FLIGHT:
                raise Crowded(f"{self._taken} logins are in flight in this process")
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1


places = Places()


class BackChannel:
    """Requests to the provider on behalf of one login, all within `seconds` (settings.OIDC_DEADLINE_SECONDS), of which
    the time that this process keeps the login waiting for its turn is none.

    A context manager: with its end every connection ends, whether somebody still waits for an answer or not.
    """

    def __init__(self, seconds=None):
        self._ends = time.monotonic() + (settings.OIDC_DEADLINE_SECONDS if seconds is None else seconds)
        self._wires = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for wire in self._wires:
            wire.cut()

    def get(self, url, **kwargs):
        """The JSON object at `url`. Raises ProviderDown or ProviderBroken."""
        return self.begin("GET", url, **kwargs)()

    def post(self, url, **kwargs):
        """The JSON object that answers a form posted to `url`. Raises also NotVerified when the provider says no."""
        return self.begin("POST", url, **kwargs)()

    def begin(self, method, url, **kwargs):
        """Send the request now; the function that is answered waits for the JSON object and raises as above.

        So two things can be asked for at the same time.
        """
        path = urlsplit(url).path
        remaining = self._ends - time.monotonic()
        if remaining <= 0:
            raise ProviderDown(f"{path}: no time left")
        wire, future = Wire(), Future()
        self._wires.append(wire)
        # In a thread of its own, because nothing else bounds looking up a name or reading a dribbling header.
        threading.Thread(
            target=_run, args=(future, wire, method, url, remaining, kwargs), name="oidc-back-channel", daemon=True
        ).start()
        return lambda: _object(path, *self._wait(path, wire, future))

    def _wait(self, path, wire, future):
        if not connection.in_atomic_block:
            # Nobody holds a database connection while waiting for somebody else's server.
            connection.close()
        try:
            with given_up():
                answer = future.result(timeout=max(0, self._ends - time.monotonic()))
                answered = time.monotonic()
            # Our own queue is not the provider's time.
            self._ends += time.monotonic() - answered
            return answer
        except TimeoutError as error:
            raise ProviderDown(f"{path} did not finish in time") from error
        except (Urllib3Error, OSError) as error:  # requests' own are OSErrors
            raise ProviderDown(f"{path}: {type(error).__name__}") from error
        except LoginRefused:
            raise
        except Exception as error:
            # Whatever else a server can make the HTTP library stumble over is the server's doing.
            raise ProviderBroken(f"{path}: {type(error).__name__}") from error
        finally:
            wire.cut()


def _object(path, status, content_type, body):
    if status >= 500:
        raise ProviderDown(f"{path} answered {status}")
    if status == 400:
        # invalid_grant and its like: this login cannot succeed, the provider itself is well.
        raise NotVerified(f"{path} answered 400 {_oauth_error(body)}")
    if status == 401:
        raise Unauthorized(f"{path} answered 401 {_oauth_error(body)}")
    if status != 200:
        raise ProviderBroken(f"{path} answered {status} {_oauth_error(body)}")
    if not JSON_TYPE.fullmatch(content_type):
        raise ProviderBroken(f"{path} answered with content type {told(content_type)}")
    answer = parse_object(body)
    if answer is None:
        raise ProviderBroken(f"{path} answered no JSON object")
    return answer


class Unauthorized(ProviderBroken):
    """The provider does not know our client, or not by the way in which the secret was sent."""


def _run(future, wire, method, url, seconds, kwargs):
    try:
        future.set_result(_exchange(wire, method, url, seconds, kwargs))
    except BaseException as error:  # whatever it is, the waiting thread raises it
        future.set_exception(error)


def _exchange(wire, method, url, seconds, kwargs):
    """Status, content type and body of one exchange, read here in full and never more than MAX_BYTES."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **kwargs.pop("headers", {})}
    with requests.Session() as session:
        session.trust_env = False  # no .netrc, which would replace our Authorization header
        session.mount("http://", wire)
        session.mount("https://", wire)
        response = session.request(
            method, url, headers=headers, timeout=seconds, stream=True, allow_redirects=False, **kwargs
        )
        with response:
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise ProviderBroken(f"{urlsplit(url).path} answered with a content encoding")
            body = bytearray()
            while chunk := response.raw.read(16 * 1024, decode_content=False):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ProviderBroken(f"{urlsplit(url).path} answered more than {MAX_BYTES} bytes")
            content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return response.status_code, content_type, bytes(body)


def parse_object(body):
    """The JSON object in `body` (bytes), or None: no JSON, no object, NaN, or nested beyond reason."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name):
    raise ValueError(name)


def _oauth_error(body):
    return told((parse_object(body) or {}).get("error", ""))
