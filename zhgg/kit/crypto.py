"""Encryption of single values and keyed digests.

Keys
    `settings.FIELD_KEYS` is the key ring: `id:key[,id:key…]`, newest first, each key 32 random bytes in base64. The
    first key seals, all of them open, so a key is rotated by putting a new one in front. `settings.DIGEST_KEY` (base64,
    at least 32 bytes) keys the digests; while it is empty they use a key derived from the OLDEST key of the ring, which
    stays the same when a new one is put in front. Set DIGEST_KEY to that derived key (`derived_digest_key`) before the
    oldest key leaves the ring.

Token
    version (1 byte, 1) · length of the key id (1 byte) · key id (ASCII) · nonce (12 bytes) · AES-256-GCM ciphertext
    with its tag (16 bytes). The head (all before the nonce) and the caller's context are authenticated with the text,
    so a token opens only with the context it was sealed for.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)


class Undecipherable(Exception):
    """A token that cannot be read: damaged, sealed with a key that is not in the ring, or moved from another place."""


@dataclass(frozen=True)
class _Ring:
    """The parsed key ring, newest first. No key ever shows in a repr."""

    keys: dict[str, bytes] = field(repr=False)

    @property
    def newest(self) -> str:
        return next(iter(self.keys))

    @property
    def oldest(self) -> bytes:
        return list(self.keys.values())[-1]


def _decoded(text: str) -> bytes | None:
    """The bytes of a base64 text in the common or the URL-safe alphabet, or None."""
    try:
        return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=8)
def _parsed(text: str) -> _Ring:
    keys: dict[str, bytes] = {}
    for place, part in enumerate(text.split(","), start=1):
        key_id, colon, encoded = part.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(
                f"FIELD_KEYS: entry {place} must look like id:key, with an id of 1 to 32 letters, digits or . _ -"
            )
        key = _decoded(encoded)
        if key is None or len(key) != KEY_BYTES:
            length = "no base64" if key is None else f"{len(key)} bytes"
            raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} must be 32 bytes in base64, and is {length}.")
        if key_id in keys:
            raise ImproperlyConfigured(f"FIELD_KEYS: the id {key_id!r} is there twice.")
        if key in keys.values():
            raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} is the same as another one.")
        keys[key_id] = key
    return _Ring(keys)


def _ring() -> _Ring:
    return _parsed(settings.FIELD_KEYS)


def check_keys() -> None:
    """Raise ImproperlyConfigured, with a sentence that never contains a key, when the keys cannot be used."""
    _ring()
    _digest_key()


# Sealing -------------------------------------------------------------------------------------------------------------


def seal(text: str, context: str) -> bytes:
    """`text` encrypted with the newest key into a token that opens only with the same `context`."""
    ring, head = _ring(), newest_head()
    try:
        plain = text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate cannot be encrypted") from None
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + AESGCM(ring.keys[ring.newest]).encrypt(nonce, plain, head + context.encode("utf-8"))


def unseal(token: bytes, context: str) -> str:
    """The text of a token. Raises Undecipherable for anything but an unchanged token sealed for this `context`."""
    token = bytes(token)
    key_id = _key_id(token)
    key = _ring().keys.get(key_id)
    if key is None:
        raise Undecipherable(f"sealed with key {key_id!r}, which is not in FIELD_KEYS")
    end = 2 + len(key_id)
    head, nonce, sealed = token[:end], token[end : end + NONCE_BYTES], token[end + NONCE_BYTES :]
    if len(sealed) < TAG_BYTES:
        raise Undecipherable("cut off")
    try:
        return AESGCM(key).decrypt(nonce, sealed, head + context.encode("utf-8")).decode("utf-8")
    except InvalidTag:
        raise Undecipherable("changed, or moved from another row or column") from None


def newest_head() -> bytes:
    """The beginning of every token that is sealed with the newest key."""
    key_id = _ring().newest.encode("ascii")
    return bytes((VERSION, len(key_id))) + key_id


def sealed_with_newest_key(token: bytes) -> bool:
    """Whether the token needs no new sealing after the ring got a new key."""
    return _key_id(bytes(token)) == _ring().newest


def _key_id(token: bytes) -> str:
    if len(token) < 2 or token[0] != VERSION:
        raise Undecipherable("not a token of a known version")
    try:
        return token[2 : 2 + token[1]].decode("ascii")
    except UnicodeDecodeError:
        raise Undecipherable("not a token: its key id is no text") from None


# Digests -------------------------------------------------------------------------------------------------------------


def digest(purpose: str, value: str) -> str:
    """Keyed digest (HMAC-SHA256, 64 hex digits) of an already normalised value, for look-ups and unique constraints.

    `purpose` keeps kinds apart: the same text as 证件号码 and as 银行账号 has two digests. An empty value has an empty
    digest, so that "not known" equals nothing.
    """
    if not value:
        return ""
    if not purpose or "\0" in purpose:
        raise ValueError("a digest needs a purpose, without NUL")
    message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
    return hmac.new(_digest_key(), message, hashlib.sha256).hexdigest()


def derived_digest_key() -> str:
    """The key that digests use while DIGEST_KEY is empty, in base64: what DIGEST_KEY must be set to before the oldest
    key leaves the ring."""
    return base64.b64encode(_derived(_ring().oldest)).decode("ascii")


def _digest_key() -> bytes:
    text = settings.DIGEST_KEY
    return _own_digest_key(text) if text else _derived(_ring().oldest)


@lru_cache(maxsize=8)
def _own_digest_key(text: str) -> bytes:
    key = _decoded(text)
    if key is None or len(key) < KEY_BYTES:
        length = "no base64" if key is None else f"{len(key)} bytes"
        raise ImproperlyConfigured(f"DIGEST_KEY must be at least 32 bytes in base64, and is {length}.")
    return key


@lru_cache(maxsize=8)
def _derived(oldest: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"zhgg digest").derive(oldest)
