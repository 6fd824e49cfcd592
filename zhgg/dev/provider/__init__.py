"""A stand-in for 渝快办 in development and tests: a small OpenID provider on loopback.

`python -m zhgg.dev.provider --port 9400 --accounts FILE` runs it as a process of its own. A test runs it in-process:

    provider = serve(accounts=[{"sub": "p1", "account_type": "person", "label": "王小明", "claims": {…}}])
    provider.issuer                  # http://127.0.0.1:<port>
    provider.accounts                # a list that the test may change at any time
    provider.rotate_key()            # a new signing key, no fault
    provider.faults["id_token"] = "alg_none"
    provider.requests                # the paths that were asked for, in order
    provider.stop()

Authorization code flow with PKCE (S256) only; clients log in with client_secret_basic or client_secret_post; a code
works once and for a minute. The ID token says who and which kind of account, all other claims come from userinfo. A
POST to /authorize with the parameters of the authorization request and `sub` chooses that account.

Faults. Each breaks one property; without any, everything is as the standards ask.

    fault                value                 what happens
    -------------------  --------------------  -------------------------------------------------------------
    discovery, jwks,     "down"                503
    token, userinfo      "500"                 500 with a text
                         "401"                 401 with the JSON error invalid_client
                         "404"                 404 with HTML
                         "slow"                nothing at all for `slow_seconds`, then the right answer
                         "drip"                headers at once, then a blank every half second without end
                         "drip_header"         a header that grows by one character every half second
                         "endless"             headers at once, then blanks as fast as they are read
                         "long_header"         a header as fast as it is read, without end
                         "huge_headers"        300 headers of 8 kB
                         "continue"            100 Continue again and again
                         "huge"                32 MB of JSON with a Content-Length
                         "gzip_bomb"           a few hundred kB of gzip that unpack to 256 MB
                         "deflate", "br"       compressed although nobody asked for it
                         "redirect"            307 to an address where the right answer is
                         "redirect_file"       302 to file:///etc/passwd
                         "redirect_inside"     302 to the address where clouds keep their secrets
                         "hang_up"             the connection ends without an answer
                         "cut"                 the connection ends within the JSON
                         "two_lengths"         two Content-Length that differ
                         "broken_chunks"       chunks whose length is no number
                         "no_http"             the greeting of a mail server
                         "garbage"             200 with HTML
                         "empty"               200 with nothing
                         "signed"              200 with the JSON as a signed token (application/jwt)
                         "not_object"          200 with a JSON list
                         "not_utf8"            200 with bytes that are no UTF-8
                         "nan"                 200 with NaN and Infinity
                         "huge_int"            200 with a number of 10,000 digits
                         "deep"                200 with objects nested 40,000 deep
    <endpoint>_set       a dict                puts members into that JSON answer, over the right ones:
                                               discovery {"issuer": …}, token {"token_type": "mac"},
                                               userinfo {"sub": …}, jwks {"keys": []}
    <endpoint>_drop      a list of names       takes members out
    id_token_set, _drop  as above              the same for claims of the ID token: iss, aud, azp, exp, nonce
    id_token             "alg_none"            unsigned
                         "alg_list"            the header's `alg` is ["RS256"]
                         "hs256_public_key"    HS256 with our public key as the secret
                         "rs512"               RS512 by the right key
                         "key_of_ec"           ES256 by the elliptic key that is in the key set as well
                         "key_for_encryption"  RS256 by the RSA key that is in the key set for encryption
                         "foreign_key"         signed by another key under our `kid`
                         "withdrawn_key"       signed by the key before the last rotation, with its `kid`
                         "jwk_header"          signed by another key, which stands in the header
                         "jku_header"          signed by another key; the header says where to fetch it
                         "x5u_header"          likewise, as a certificate
                         "crit_header"         a header that says that `exp` must be understood
                         "b64_header"          a header that says that the payload is not encoded
                         "deep_header"         a header nested 20,000 deep
                         "no_kid"              header without `kid`
                         "unknown_kid"         header with a `kid` that is not in the key set
                         "kid_list"            header whose `kid` is a list
                         "no_signature"        header and payload alone
                         "wrong_at_hash"       `at_hash` of another access token
                         "payload_list"        the payload is a list
                         "payload_nan"         the payload's `exp` is NaN
                         "payload_huge_int"    the payload's `exp` has 10,000 digits
                         "payload_deep"        the payload is nested 20,000 deep
                         "payload_not_utf8"    the payload is no UTF-8
                         "garbage"             not a token
    rotate_at            an endpoint           a new key, without the former one, just before it answers
    mix_up               "id_token"            the ID token is the one of the login before this
                         "userinfo"            userinfo tells of another account of the same entrance
    code                 "unchecked"           a code works again and again, and with any code_verifier
    client_auth          "basic", "form"       clients are known by their secret in that place alone
    callback_iss         a text or None        that parameter of the callback is the text, or missing
    callback_state       a text or None        likewise
    callback_code        a text or None        likewise
    callback_error       an error code         the callback carries this error and no code

`provider.slow_seconds` (30) is the length of `"slow"`.
"""

import os
import threading
import time
from pathlib import Path

from zhgg.dev.provider.accounts import AccountFile
from zhgg.dev.provider.clients import Client, clients_from_environment
from zhgg.dev.provider.faults import Faults
from zhgg.dev.provider.grants import Expiring, Grant
from zhgg.dev.provider.server import Server
from zhgg.dev.provider.tokens import Keys, half_hash

CODE_SECONDS = 60
TOKEN_SECONDS = 300
SESSION_SECONDS = 8 * 60 * 60


class Provider:
    """The state of one stand-in and the rules of what it hands out. `serve` makes one that listens."""

    def __init__(
        self, accounts: list[dict] | None = None, accounts_file: Path | None = None, clients: dict | None = None
    ) -> None:
        self._accounts = accounts if accounts is not None else []
        self._file = AccountFile(accounts_file) if accounts_file else None
        self.clients: dict[str, Client] = clients if clients is not None else clients_from_environment(os.environ)
        self.keys = Keys()
        self.codes = Expiring(CODE_SECONDS)
        self.tokens = Expiring(TOKEN_SECONDS)
        self.sessions = Expiring(SESSION_SECONDS)
        self.requests: list[str] = []
        self.slow_seconds = 30.0
        self.stopping = threading.Event()
        self.issuer = ""
        self._faults = Faults()
        self._former: Grant | None = None
        self._server: Server | None = None

    @property
    def accounts(self) -> list[dict]:
        """All accounts in order. Given ones may be changed in place; those of a file follow the file."""
        return self._file.read() if self._file else self._accounts

    @accounts.setter
    def accounts(self, accounts: list[dict]) -> None:
        self._accounts = accounts

    @property
    def faults(self) -> Faults:
        """What is broken on purpose."""
        return self._faults

    @faults.setter
    def faults(self, faults: dict) -> None:
        self._faults = Faults(faults)

    def start(self, port: int = 0) -> "Provider":
        """Listen on 127.0.0.1 in a thread of its own."""
        self._server = Server(self, port)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="ykb-stand-in").start()
        return self

    def stop(self) -> None:
        """End the listener; answers that are slow on purpose end too. A second call does nothing."""
        self.stopping.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def rotate_key(self) -> None:
        """From now on sign with a new key; the former one leaves the key set."""
        self.keys.rotate()

    def account(self, sub: str, entrance: str | None = None) -> dict | None:
        """The account with this `sub`, of this entrance if one is named."""
        for account in self.accounts:
            if account["sub"] == sub and entrance in (None, account["account_type"]):
                return account
        return None

    def accounts_of(self, entrance: str) -> list[dict]:
        """What the login page of an entrance lists."""
        return [account for account in self.accounts if account["account_type"] == entrance]

    def metadata(self) -> dict:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }

    def token_response(self, grant: Grant) -> dict:
        """The answer of the token endpoint to a code that was good."""
        access_token = self.tokens.add(grant)
        about = self._former if self._former and self.faults.get("mix_up") == "id_token" else grant
        self._former = grant
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid",
            "id_token": self._id_token(about, access_token),
        }

    def userinfo(self, grant: Grant) -> dict | None:
        """All claims of the account, or None when it has gone meanwhile."""
        account = self.account(grant.sub)
        if account is None:
            return None
        if self.faults.get("mix_up") == "userinfo":
            account = next(each for each in self.accounts_of(account["account_type"]) if each["sub"] != grant.sub)
        return {**account.get("claims", {}), "sub": account["sub"], "account_type": account["account_type"]}

    def _id_token(self, grant: Grant, access_token: str) -> str:
        now = int(time.time())
        account = self.account(grant.sub) or {}
        mode = self.faults.get("id_token")
        claims = {
            "iss": self.issuer,
            "sub": grant.sub,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": grant.auth_time,
            "at_hash": half_hash("another token" if mode == "wrong_at_hash" else access_token),
            "account_type": account.get("account_type"),
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        return self.keys.sign(self.faults.edit("id_token", claims), mode)


def serve(
    accounts: list[dict] | None = None,
    port: int = 0,
    *,
    accounts_file: Path | None = None,
    clients: dict[str, Client] | None = None,
) -> Provider:
    """Start a stand-in on loopback; port 0 takes a free one. `stop()` ends it."""
    return Provider(accounts, accounts_file, clients).start(port)
