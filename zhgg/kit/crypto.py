"""Encryption of single values and keyed digests.

Keys
    `settings.FIELD_KEYS` is the key ring: `id:key[,id:key…]`, newest first, each key 32 random bytes in base64. The
    first key seals, all of them open, so a key is rotated by putting a new one in front. `settings.DIGEST_KEY` (base64,
    at least 32 bytes) keys the digests; while it is empty they use a key derived from the OLDEST key of the ring, which
    stays the same when a new one is put in front. Set DIGEST_KEY to that derived key (`derived_digest_key`) before the
    oldest key leaves the ring.

Suites
    `settings.FIELD_SUITE` says with what is sealed: "aes" (AES-256-GCM) or "sm" (SM4-GCM, RFC 8998, with a key of 16
    bytes that HKDF-SM3 derives from that of the ring). Both open side by side: the token names its suite.
    `settings.DIGEST_SUITE` says how digests are made: "sha256" (HMAC-SHA256) or "sm3" (HMAC-SM3, GB/T 32905). A digest
    does not name its suite, because it is looked up: `manage.py rotate_digests` moves all of them at once.

Token
    suite (1 byte: 1 is AES-256-GCM, 2 is SM4-GCM) · length of the key id (1 byte) · key id (ASCII) · nonce (12 bytes) ·
    ciphertext with its tag (16 bytes). The head (all before the nonce) and the caller's context are authenticated with
    the text, so a token opens only with the context it was sealed for.
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
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

AES, SM = 1, 2
SUITES = {"aes": AES, "sm": SM}
"""FIELD_SUITE → version of the tokens that it seals."""
DIGEST_SUITES = ("sha256", "sm3")
SM4_KEY_BYTES = 16
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)


class Undecipherable(Exception):
    """A token that cannot be read: damaged, sealed with a key that is not in the ring, or moved from another place."""


class _SM4:
    """SM4-GCM as AESGCM does it, with a key derived from `key`."""

    def __init__(self, key):
        self._key = key

    def encrypt(self, nonce, plain, authenticated):
        encryptor = Cipher(SM4(_sm4_key(self._key)), GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(authenticated)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce, sealed, authenticated):
        text, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(SM4(_sm4_key(self._key)), GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(authenticated)
        # Nothing of it is used before the tag has been found right.
        return decryptor.update(text) + decryptor.finalize()


@lru_cache(maxsize=8)
def _sm4_key(key: bytes) -> bytes:
    return HKDF(algorithm=SM3(), length=SM4_KEY_BYTES, salt=None, info=b"zhgg sm4").derive(key)


_CIPHERS = {AES: AESGCM, SM: _SM4}


@dataclass(frozen=True)
class _Ring:
    """The parsed key ring, newest first. No key ever shows in a repr."""

    keys: dict[str, bytes] = field(repr=False)
    ciphers: dict[bytes, AESGCM | _SM4] = field(repr=False)
    """Head of a token → what opens and seals it. They hold a key and no state; making one takes longer than a value."""

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
    return _Ring(
        keys, {_head(suite, key_id): make(key) for suite, make in _CIPHERS.items() for key_id, key in keys.items()}
    )


def _ring() -> _Ring:
    return _parsed(settings.FIELD_KEYS)


def check_keys() -> None:
    """Raise ImproperlyConfigured, with a sentence that never contains a key, when the keys cannot be used."""
    _ring()
    _digest_key()
    if settings.FIELD_SUITE not in SUITES:
        raise ImproperlyConfigured(f"FIELD_SUITE must be one of {', '.join(SUITES)}.")
    if settings.DIGEST_SUITE not in DIGEST_SUITES:
        raise ImproperlyConfigured(f"DIGEST_SUITE must be one of {', '.join(DIGEST_SUITES)}.")


# Sealing -------------------------------------------------------------------------------------------------------------


def seal(text: str, context: str) -> bytes:
    """`text` encrypted with the newest key into a token that opens only with the same `context`."""
    try:
        plain = text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate cannot be encrypted") from None
    head = newest_head()
    return _sealed(_ring().ciphers[head], head, os.urandom(NONCE_BYTES), plain, context)


def unseal(token: bytes, context: str) -> str:
    """The text of a token. Raises Undecipherable for anything but an unchanged token sealed for this `context`."""
    return _opened(_ring(), bytes(token), context).decode("utf-8")


def reseal_each(moves) -> list[bytes | Undecipherable]:
    """For each of `[(token, context, other context)]` a token of the same text for the other context.

    As `seal` of `unseal`, for thousands at once; in the place of one that cannot be read stands why.
    """
    ring, head = _ring(), newest_head()
    cipher, nonces = ring.ciphers[head], os.urandom(NONCE_BYTES * len(moves))
    tokens = []
    for place, (token, context, into) in enumerate(moves):
        nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        try:
            tokens.append(_sealed(cipher, head, nonce, _opened(ring, token, context), into))
        except Undecipherable as error:
            tokens.append(error)
    return tokens


def _sealed(cipher, head, nonce, plain, context):
    return head + nonce + cipher.encrypt(nonce, plain, head + context.encode("utf-8"))


def _opened(ring, token, context):
    end = 2 + token[1] if len(token) > 1 else 0
    head, nonce, sealed = token[:end], token[end : end + NONCE_BYTES], token[end + NONCE_BYTES :]
    cipher = ring.ciphers.get(head)
    if cipher is None:
        raise Undecipherable(f"sealed with key {_key_id(token)!r}, which is not in FIELD_KEYS")
    if len(sealed) < TAG_BYTES:
        raise Undecipherable("cut off")
    try:
        return cipher.decrypt(nonce, sealed, head + context.encode("utf-8"))
    except InvalidTag:
        raise Undecipherable("changed, or moved from another row or column") from None


def newest_head() -> bytes:
    """The beginning of every token that is sealed with the newest key, in the suite of the settings."""
    return _head(SUITES[settings.FIELD_SUITE], _ring().newest)


def _head(suite, key_id):
    return bytes((suite, len(key_id))) + key_id.encode("ascii")


def sealed_with_newest_key(token: bytes) -> bool:
    """Whether the token needs no new sealing after the ring got a new key, or the settings another suite."""
    token = bytes(token)
    return _key_id(token) == _ring().newest and token[0] == SUITES[settings.FIELD_SUITE]


def _key_id(token: bytes) -> str:
    if len(token) < 2 or token[0] not in _CIPHERS:
        raise Undecipherable("not a token of a known version")
    try:
        return token[2 : 2 + token[1]].decode("ascii")
    except UnicodeDecodeError:
        raise Undecipherable("not a token: its key id is no text") from None


# Digests -------------------------------------------------------------------------------------------------------------


def digest(purpose: str, value: str) -> str:
    """Keyed digest (64 hex digits) of an already normalised value, for look-ups and unique constraints.

    HMAC-SHA256, or with DIGEST_SUITE sm3 the HMAC-SM3 of that (`to_sm3`).

    `purpose` keeps kinds apart: the same text as 证件号码 and as 银行账号 has two digests. An empty value has an empty
    digest, so that "not known" equals nothing.
    """
    if not value:
        return ""
    first = sha256_digest(purpose, value)
    return to_sm3(first) if settings.DIGEST_SUITE == "sm3" else first


def sha256_digest(purpose: str, value: str) -> str:
    """The digest of suite sha256, whatever the settings say."""
    if not purpose or "\0" in purpose:
        raise ValueError("a digest needs a purpose, without NUL")
    message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
    return hmac.new(_digest_key(), message, hashlib.sha256).hexdigest()


def to_sm3(digest: str) -> str:
    """The digest of suite sm3 for one of suite sha256; "" for "".

    It is made of the other digest and not of the value, so that every stored one can be moved: of some (a number that
    was refused, one that changed since) nothing but the digest is left.
    """
    if not digest:
        return ""
    outer = HMAC(_sm3_key(_digest_key()), SM3())
    outer.update(digest.encode("ascii"))
    return outer.finalize().hex()


@lru_cache(maxsize=8)
def _sm3_key(key: bytes) -> bytes:
    return HKDF(algorithm=SM3(), length=KEY_BYTES, salt=None, info=b"zhgg digest sm3").derive(key)


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
