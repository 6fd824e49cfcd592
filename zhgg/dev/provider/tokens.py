"""Keys and signed tokens of the stand-in."""

import base64
import hashlib
import hmac
import json
import math
import secrets
from dataclasses import dataclass
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

# Members of the header that some of the `id_token` faults put over the right ones.
HEADERS = {
    "alg_list": {"alg": ["RS256"]},
    "jku_header": {"jku": "https://keys.example.org/jwks"},
    "x5u_header": {"x5u": "https://keys.example.org/certificate"},
    "crit_header": {"crit": ["exp"], "exp": 1},
    "b64_header": {"crit": ["b64"], "b64": False},
    "unknown_kid": {"kid": "nobody-knows-this"},
    "kid_list": {"kid": ["a", "b"]},
    "key_for_encryption": {"kid": "unrelated-enc"},
}


def base64url(value: bytes) -> str:
    """Base64 for URLs without padding, as JOSE and PKCE write it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def half_hash(value: str) -> str:
    """`at_hash` of an access token under RS256: the left half of its SHA-256."""
    return base64url(hashlib.sha256(value.encode()).digest()[:16])


class Keys:
    """The signing key and, beside it in the key set, keys that a relying party must leave alone."""

    def __init__(self) -> None:
        self.signing, self.kid = new_rsa_key(), secrets.token_hex(8)
        self.former: tuple[rsa.RSAPrivateKey, str] | None = None

    def rotate(self) -> None:
        """A new signing key with a new `kid`; the former one leaves the key set."""
        self.former = self.signing, self.kid
        self.signing, self.kid = new_rsa_key(), secrets.token_hex(8)

    def key_set(self) -> dict:
        """The JSON Web Key Set. The unrelated keys come first, so that 'take the first' fails."""
        own = {**RSAAlgorithm.to_jwk(self.signing.public_key(), as_dict=True), "use": "sig", "alg": "RS256"}
        return {"keys": [*unrelated_keys(), {**own, "kid": self.kid}]}

    def sign(self, claims: dict, mode: str | None = None) -> str:
        """`claims` as an RS256 token, or broken in the way that `mode` names (the `id_token` fault)."""
        if mode == "garbage":
            return "not.a.token"
        if mode == "alg_none":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": self.kid})
        if mode == "hs256_public_key":
            return self._sign_with_public_key(claims)
        if mode == "rs512":
            return jwt.encode(claims, self.signing, algorithm="RS512", headers={"kid": self.kid})
        if mode == "key_of_ec":
            return jwt.encode(claims, unrelated().elliptic, algorithm="ES256", headers={"kid": "unrelated-ec"})
        key = self.signing
        if mode == "key_for_encryption":
            key = unrelated().encryption
        if mode in ("foreign_key", "jwk_header", "jku_header", "x5u_header"):
            key = new_rsa_key()
        header, payload = self._header(mode, key), self._payload(mode, claims)
        if mode == "withdrawn_key":
            key, kid = self.former
            header = json.dumps({"alg": "RS256", "kid": kid}).encode()
        message = f"{base64url(header)}.{base64url(payload)}"
        if mode == "no_signature":
            return message
        return f"{message}.{base64url(key.sign(message.encode(), PKCS1v15(), SHA256()))}"

    def _header(self, mode: str | None, key: rsa.RSAPrivateKey) -> bytes:
        header = {"alg": "RS256", "typ": "JWT", "kid": self.kid}
        if mode == "no_kid":
            del header["kid"]
        if mode == "jwk_header":
            header["jwk"] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        if mode == "deep_header":
            return b'{"alg":"RS256","a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
        return json.dumps(header | HEADERS.get(mode, {})).encode()

    @staticmethod
    def _payload(mode: str | None, claims: dict) -> bytes:
        if mode == "payload_list":
            return json.dumps([claims]).encode()
        if mode == "payload_nan":
            return json.dumps({**claims, "exp": math.nan}).encode()
        if mode == "payload_huge_int":
            return json.dumps({**claims, "exp": "?"}).replace('"?"', "9" * 10_000).encode()
        if mode == "payload_deep":
            return b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
        if mode == "payload_not_utf8":
            return json.dumps({**claims, "a": "?"}).encode().replace(b"?", b"\xff\xfe")
        return json.dumps(claims).encode()

    def subject_of(self, token: str) -> dict | None:
        """The claims of one of our own ID tokens, expired or not; None for anything else."""
        try:
            return jwt.decode(
                token,
                self.signing.public_key(),
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError:
            return None

    def _sign_with_public_key(self, claims: dict) -> str:
        """HS256 with the public key as the secret. PyJWT refuses to make this, so it is written by hand."""
        secret = self.signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header = {"alg": "HS256", "typ": "JWT", "kid": self.kid}
        message = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{message}.{base64url(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"


def new_rsa_key() -> rsa.RSAPrivateKey:
    """2048 bits: enough for a stand-in, and quick."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Unrelated:
    """Keys that never sign an ID token of ours, unless a fault says so."""

    elliptic: ec.EllipticCurvePrivateKey
    encryption: rsa.RSAPrivateKey


@cache
def unrelated() -> Unrelated:
    """Made once in a process."""
    return Unrelated(ec.generate_private_key(ec.SECP256R1()), new_rsa_key())


def unrelated_keys() -> tuple[dict, ...]:
    """Their public halves, as the key set shows them."""
    elliptic = ECAlgorithm.to_jwk(unrelated().elliptic.public_key(), as_dict=True)
    encryption = RSAAlgorithm.to_jwk(unrelated().encryption.public_key(), as_dict=True)
    return (
        {**elliptic, "use": "sig", "alg": "ES256", "kid": "unrelated-ec"},
        {**encryption, "use": "enc", "alg": "RSA-OAEP", "kid": "unrelated-enc"},
    )
