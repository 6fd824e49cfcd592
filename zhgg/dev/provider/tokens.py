"""Keys and signed tokens of the stand-in."""

import base64
import hashlib
import hmac
import json
import secrets
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


def base64url(value: bytes) -> str:
    """Base64 for URLs without padding, as JOSE and PKCE write it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def half_hash(value: str) -> str:
    """`at_hash` of an access token under RS256: the left half of its SHA-256."""
    return base64url(hashlib.sha256(value.encode()).digest()[:16])


class Keys:
    """The signing key and, beside it in the key set, keys that a relying party must leave alone."""

    def __init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """A new signing key with a new `kid`; the former one leaves the key set."""
        self.signing = new_rsa_key()
        self.kid = secrets.token_hex(8)

    def key_set(self) -> dict:
        """The JSON Web Key Set. The unrelated keys come first, so that 'take the first' fails."""
        own = {**RSAAlgorithm.to_jwk(self.signing.public_key(), as_dict=True), "use": "sig", "alg": "RS256"}
        return {"keys": [*unrelated_keys(), {**own, "kid": self.kid}]}

    def sign(self, claims: dict, mode: str | None = None) -> str:
        """`claims` as an RS256 token, or broken in the way that `mode` names (the `id_token` fault)."""
        headers = {"kid": self.kid}
        if mode == "garbage":
            return "not.a.token"
        if mode == "alg_none":
            return jwt.encode(claims, None, algorithm="none", headers=headers)
        if mode == "hs256_public_key":
            return self._sign_with_public_key(claims)
        if mode == "no_kid":
            headers = {}
        if mode == "unknown_kid":
            headers = {"kid": "nobody-knows-this"}
        key = new_rsa_key() if mode == "foreign_key" else self.signing
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)

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


@cache
def unrelated_keys() -> tuple[dict, ...]:
    """Public keys that never sign an ID token of ours, made once in a process."""
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    encryption = new_rsa_key().public_key()
    return (
        {**ECAlgorithm.to_jwk(elliptic, as_dict=True), "use": "sig", "alg": "ES256", "kid": "unrelated-ec"},
        {**RSAAlgorithm.to_jwk(encryption, as_dict=True), "use": "enc", "alg": "RSA-OAEP", "kid": "unrelated-enc"},
    )
