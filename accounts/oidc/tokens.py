"""What an ID token must be before anybody is believed to be somebody. mozilla-django-oidc leaves most of it out."""

import base64
import hashlib
import hmac
import math
import time

import jwt

from accounts.oidc.client import parse_object
from accounts.oidc.refusals import NotVerified, told

ALGORITHM = "RS256"
SKEW_SECONDS = 60
MAX_AGE_SECONDS = 600
MAX_LENGTH = 64 * 1024


def verify(token, *, keys, client_id, issuer, nonce, access_token):
    """The claims of a valid ID token; raises NotVerified with the reason otherwise.

    `keys(again)` answers the provider's signing keys; when none fits they are asked for again, once: the provider may
    have begun to sign with a new one in between.
    """
    claims = _signed_claims(token, keys)
    _check_parties(claims, client_id, issuer)
    _check_times(claims, time.time())
    if not _same_text(claims.get("nonce"), nonce):
        raise NotVerified("nonce does not match")
    if "at_hash" in claims and not _same_text(claims["at_hash"], _half_hash(access_token)):
        raise NotVerified("at_hash does not match")
    return claims


def is_subject(value):
    """Whether `value` may be a `sub`: a text of 1 to 255 printable characters."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable() and bool(value.strip())


def _signed_claims(token, keys):
    if not isinstance(token, str) or not token.isascii() or len(token) > MAX_LENGTH:
        raise NotVerified("there is no ID token")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise NotVerified("the ID token cannot be read") from error
    # Keys named inside the token (jwk, jku, x5u) are never looked at.
    if header.get("alg") != ALGORITHM:
        raise NotVerified(f"the ID token is signed with {told(header.get('alg'))}")
    if "crit" in header or "b64" in header:
        raise NotVerified("the ID token has critical extensions")
    for again in (False, True):
        for key in _candidates(keys(again), header.get("kid")):
            payload = _payload(token, key)
            if payload is not None:
                return payload
    raise NotVerified("no key of the provider fits the ID token")


def _candidates(keys, kid):
    """A token without kid is accepted only while the provider has a single key (OpenID Connect Core, 10.1)."""
    if kid is None:
        return [key for _, key in keys] if len(keys) == 1 else []
    return [key for own_kid, key in keys if own_kid in (kid, None)]


def _payload(token, key):
    try:
        body = jwt.PyJWS().decode(token, key, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, ValueError):
        return None
    claims = parse_object(body)
    if claims is None:
        raise NotVerified("the ID token holds no JSON object")
    return claims


def _check_parties(claims, client_id, issuer):
    if not _same_text(claims.get("iss"), issuer):
        raise NotVerified("iss is not our provider")
    audience = claims.get("aud")
    # A further audience could use the token against us, so a list must hold us alone.
    if not _same_text(audience[0] if isinstance(audience, list) and len(audience) == 1 else audience, client_id):
        raise NotVerified("aud is not this client alone")
    if "azp" in claims and not _same_text(claims["azp"], client_id):
        raise NotVerified("azp is not this client")
    if not is_subject(claims.get("sub")):
        raise NotVerified("sub is no text of 1 to 255 characters")


def _check_times(claims, now):
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if expires is None or issued is None:
        raise NotVerified("exp and iat are required")
    if expires <= now - SKEW_SECONDS:
        raise NotVerified("the ID token has expired")
    if issued > now + SKEW_SECONDS:
        raise NotVerified("iat lies in the future")
    if issued < now - MAX_AGE_SECONDS:
        raise NotVerified("iat is older than ten minutes")
    not_before = _moment(claims, "nbf")
    if not_before is not None and not_before > now + SKEW_SECONDS:
        raise NotVerified("nbf lies in the future")


def _moment(claims, name):
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value == math.inf:
        raise NotVerified(f"{name} is no number")
    return value


def _same_text(value, expected):
    return isinstance(value, str) and hmac.compare_digest(value.encode("utf-8", "surrogatepass"), expected.encode())


def _half_hash(access_token):
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
