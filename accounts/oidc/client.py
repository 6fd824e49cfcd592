"""Talking to 渝快办 from the server: bounded in time, size and trust.

One `BackChannel` serves one login and has one deadline for everything it fetches. A server that answers slowly, without
end, byte by byte, compressed, or with a redirect is cut off. Discovery and keys are kept in the process.
"""

import contextlib
import json
import socket
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError as Urllib3Error

from accounts.oidc.refusals import NotVerified, ProviderBroken, ProviderDown

MAX_BYTES = 256 * 1024
DISCOVERY_SECONDS = 3600
KEYS_SECONDS = 600
REFETCHES_PER_MINUTE = 20
LOOPBACK = ("127.0.0.1", "localhost", "::1")


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


class BackChannel:
    """Requests to the provider on behalf of one login, all within settings.OIDC_DEADLINE_SECONDS."""

    def __init__(self):
        self._ends = time.monotonic() + settings.OIDC_DEADLINE_SECONDS

    def get(self, url, **kwargs):
        """The JSON object at `url`. Raises ProviderDown or ProviderBroken."""
        return self._object("GET", url, **kwargs)

    def post(self, url, **kwargs):
        """The JSON object that answers a form posted to `url`. Raises also NotVerified when the provider says no."""
        return self._object("POST", url, **kwargs)

    def _object(self, method, url, **kwargs):
        status, content_type, body = self._fetch(method, url, **kwargs)
        path = urlsplit(url).path
        if status >= 500:
            raise ProviderDown(f"{path} answered {status}")
        if status == 400:
            # invalid_grant and its like: this login cannot succeed, the provider itself is well.
            raise NotVerified(f"{path} answered 400 {_oauth_error(body)}")
        if status != 200:
            raise ProviderBroken(f"{path} answered {status} {_oauth_error(body)}")
        if content_type not in ("application/json", ""):
            raise ProviderBroken(f"{path} answered with content type {content_type[:60]!r}")
        answer = parse_object(body)
        if answer is None:
            raise ProviderBroken(f"{path} answered no JSON object")
        return answer

    def _fetch(self, method, url, **kwargs):
        remaining = self._ends - time.monotonic()
        if remaining <= 0:
            raise ProviderDown(f"{urlsplit(url).path}: no time left")
        wire = Wire()
        future = Future()
        # In a thread of its own, because nothing else bounds looking up a name or reading a dribbling header.
        threading.Thread(
            target=_run, args=(future, wire, method, url, remaining, kwargs), name="oidc-back-channel", daemon=True
        ).start()
        try:
            return future.result(timeout=remaining)
        except TimeoutError as error:
            raise ProviderDown(f"{urlsplit(url).path} did not finish in time") from error
        except (requests.RequestException, Urllib3Error, OSError) as error:
            raise ProviderDown(f"{urlsplit(url).path}: {type(error).__name__}") from error
        finally:
            wire.cut()


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
    error = (parse_object(body) or {}).get("error", "")
    return repr(error[:60]) if isinstance(error, str) else "''"


# Discovery and keys --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Provider:
    """What discovery tells. Empty text: the provider has no such endpoint."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    names_itself_on_callback: bool
    takes_secret_in_form: bool


class _Kept:
    """A value with its age; one per process."""

    def __init__(self):
        self.value = None
        self.key = None
        self.since = 0.0

    def get(self, key, seconds):
        fresh = self.key == key and time.monotonic() - self.since < seconds
        return self.value if fresh else None

    def put(self, key, value):
        self.key, self.value, self.since = key, value, time.monotonic()
        return value


_provider = _Kept()
_keys = _Kept()
_refetches = []


def forget():
    """Drop what is kept of the provider; the next login asks again."""
    _provider.__init__()
    _keys.__init__()
    _refetches.clear()


def discover(channel):
    """The Provider behind settings.OIDC_ISSUER."""
    issuer = settings.OIDC_ISSUER
    return _provider.get(issuer, DISCOVERY_SECONDS) or _provider.put(issuer, _discover(channel, issuer))


def _discover(channel, issuer):
    document = channel.get(_endpoint(issuer.rstrip("/") + "/.well-known/openid-configuration", issuer))
    if document.get("issuer") != issuer:
        raise ProviderBroken("discovery names another issuer")

    def endpoint(name, *, required=True):
        value = document.get(name)
        if value is None and not required:
            return ""
        return _endpoint(value, issuer)

    return Provider(
        issuer=issuer,
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        userinfo_endpoint=endpoint("userinfo_endpoint", required=False),
        end_session_endpoint=endpoint("end_session_endpoint", required=False),
        names_itself_on_callback=document.get("authorization_response_iss_parameter_supported") is True,
        # Where nothing is announced, OpenID Connect means HTTP Basic.
        takes_secret_in_form="client_secret_post" in (document.get("token_endpoint_auth_methods_supported") or ()),
    )


def _endpoint(value, issuer):
    """`value` when it is an address we may send secrets or browsers to: https, or what the issuer itself uses in
    development; no user, no fragment, nothing unprintable."""
    reason = f"an endpoint is no usable address: {str(value)[:100]!r}"
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii() or not value.isprintable():
        raise ProviderBroken(reason)
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is no number
    except ValueError as error:
        raise ProviderBroken(reason) from error
    plain_ok = urlsplit(issuer).scheme == "http" and (settings.DEVELOPMENT or parts.hostname in LOOPBACK)
    if parts.scheme != "https" and not (parts.scheme == "http" and plain_ok):
        raise ProviderBroken(reason)
    if not parts.hostname or "@" in parts.netloc or "\\" in value or " " in value or parts.fragment:
        raise ProviderBroken(reason)
    return value


def signing_keys(channel, provider, *, refresh=False):
    """The provider's keys for RS256 as `[(kid or None, public key)]`.

    With `refresh` they are fetched anew, because none of the kept ones fits: keys may rotate at any time. No more than
    REFETCHES_PER_MINUTE; beyond that the kept ones are answered.
    """
    kept = _keys.get(provider.jwks_uri, KEYS_SECONDS)
    if kept is not None and (not refresh or not _may_refetch()):
        return kept
    return _keys.put(provider.jwks_uri, list(_usable_keys(channel.get(provider.jwks_uri))))


def _may_refetch():
    now = time.monotonic()
    _refetches[:] = [moment for moment in _refetches if now - moment < 60]
    if len(_refetches) >= REFETCHES_PER_MINUTE:
        return False
    _refetches.append(now)
    return True


def _usable_keys(document):
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise ProviderBroken("the key set has no list of keys")
    for jwk in keys[:100]:
        if not isinstance(jwk, dict) or jwk.get("kty") != "RSA":
            continue
        if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
            continue
        try:
            key = RSAAlgorithm.from_jwk(jwk)
        except (InvalidKeyError, ValueError, TypeError, KeyError):
            continue  # a key we cannot read does no harm to the others
        if isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192:
            yield jwk.get("kid"), key
