"""What 渝快办 tells about itself: its addresses, kept for ten minutes in the process, and its keys, never kept."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

from accounts.oidc.refusals import ProviderBroken

DISCOVERY_SECONDS = 600
MOST_KEYS = 100
LOOPBACK = ("127.0.0.1", "localhost", "::1")
BASIC, FORM = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True)
class Provider:
    """What discovery tells. Empty text: the provider has no such endpoint.

    `secret_ways` are the ways of OpenID Connect in which it may take our secret, the likelier one first: which of
    several a client is registered for is not announced.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    names_itself_on_callback: bool
    secret_ways: tuple


@dataclass(frozen=True)
class _Kept:
    provider: Provider
    until: float


# By issuer; one entry in a process, except in tests.
_kept = {}


def forget():
    """Drop what is kept of the provider; the next login asks again."""
    _kept.clear()


def discover(channel):
    """The Provider behind settings.OIDC_ISSUER. Raises ProviderDown or ProviderBroken."""
    issuer = settings.OIDC_ISSUER
    kept = _kept.get(issuer)
    if kept is None or kept.until <= time.monotonic():
        kept = _kept[issuer] = _Kept(_discover(channel, issuer), time.monotonic() + DISCOVERY_SECONDS)
    return kept.provider


def _discover(channel, issuer):
    address = _endpoint("OIDC_ISSUER", issuer.rstrip("/") + "/.well-known/openid-configuration", issuer)
    document = channel.get(address)
    if document.get("issuer") != issuer:
        raise ProviderBroken("discovery names another issuer")

    def endpoint(name, *, required=True):
        value = document.get(name)
        return "" if value is None and not required else _endpoint(name, value, issuer)

    return Provider(
        issuer=issuer,
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        userinfo_endpoint=endpoint("userinfo_endpoint", required=False),
        end_session_endpoint=endpoint("end_session_endpoint", required=False),
        names_itself_on_callback=document.get("authorization_response_iss_parameter_supported") is True,
        secret_ways=_secret_ways(document.get("token_endpoint_auth_methods_supported")),
    )


def _secret_ways(announced):
    """Where nothing usable is announced, OpenID Connect means HTTP Basic."""
    known = announced if isinstance(announced, list) else []
    return tuple(way for way in (BASIC, FORM) if way in known) or (BASIC,)


def _endpoint(name, value, issuer):
    """`value` when it is an address we may send secrets or browsers to: https, or what the issuer itself uses in
    development; no user, no fragment, nothing unprintable."""
    wrong = ProviderBroken(f"{name} is no usable address")
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii() or not value.isprintable():
        raise wrong
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is no number
    except ValueError as error:
        raise wrong from error
    plain_ok = urlsplit(issuer).scheme == "http" and (settings.DEVELOPMENT or parts.hostname in LOOPBACK)
    if parts.scheme != "https" and not (parts.scheme == "http" and plain_ok):
        raise wrong
    if not parts.hostname or "@" in parts.netloc or "\\" in value or " " in value or parts.fragment:
        raise wrong
    return value


def ask_for_keys(channel, provider):
    """Ask for the provider's keys now; the function that is answered waits for them: `[(kid or None, public key)]`.

    They are asked for at every login, while the code is traded for tokens: so nobody waits longer for them, a new key
    counts at once, and one that was withdrawn counts no longer.
    """
    answer = channel.begin("GET", provider.jwks_uri)
    return lambda: list(_usable_keys(answer()))


def _usable_keys(document):
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise ProviderBroken("the key set has no list of keys")
    for jwk in keys[:MOST_KEYS]:
        # A private key is no business of ours, and reading one is slow.
        if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or "d" in jwk:
            continue
        if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
            continue
        key = _read_key(jwk)
        if isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192:
            yield jwk.get("kid"), key


def _read_key(jwk):
    try:
        return RSAAlgorithm.from_jwk(jwk)
    except Exception:  # a key that cannot be read, for whatever reason, does no harm to the others
        return None
