"""What may be broken on purpose. The table of all faults stands in the package's docstring."""

import zlib
from collections import UserDict
from functools import cache

ENDPOINTS = ("discovery", "jwks", "token", "userinfo")
JSON = "application/json"
INSIDE = "http://169.254.169.254/latest/meta-data/"
# Answers that are wrong as they stand: status, content type, further headers, body.
STANDING = {
    "down": (503, "text/plain", {}, b""),
    "500": (500, "text/plain", {}, b"something broke"),
    "401": (401, JSON, {"WWW-Authenticate": "Basic"}, b'{"error": "invalid_client"}'),
    "404": (404, "text/html", {}, b"<!doctype html><title>not here</title>"),
    "redirect_file": (302, "text/plain", {"Location": "file:///etc/passwd"}, b""),
    "redirect_inside": (302, "text/plain", {"Location": INSIDE}, b""),
    "garbage": (200, "text/html", {}, b"<!doctype html><title>maintenance</title>"),
    "empty": (200, JSON, {}, b""),
    "not_object": (200, JSON, {}, b'["not", "an", "object"]'),
    "not_utf8": (200, JSON, {}, b'{"sub": "\xff\xfe"}'),
    "nan": (200, JSON, {}, b'{"sub": NaN, "iat": Infinity}'),
    "huge_int": (200, JSON, {}, b'{"exp": ' + b"9" * 10_000 + b"}"),
    "deep": (200, JSON, {}, b'{"a":' * 40_000 + b"1" + b"}" * 40_000),
    "deflate": (200, JSON, {"Content-Encoding": "deflate"}, zlib.compress(b"{}")),
    "br": (200, JSON, {"Content-Encoding": "br"}, b"\x0b\x00\x80{}\x03"),
}
# Bytes on the wire that no server that is in order sends; what follows `...` is repeated as long as somebody reads.
RAW = {
    "hang_up": (b"", b""),
    "cut": (b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"sub": ', b""),
    "two_lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b""),
    "broken_chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", b""),
    "no_http": (b"220 mail.example.org ESMTP\r\n", b""),
    "huge_headers": (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 8000) for n in range(300)), b""),
    "long_header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip_header": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
}
ENDPOINT_MODES = frozenset(
    {*STANDING, *RAW, "slow", "drip", "endless", "huge", "gzip_bomb", "redirect", "signed"},
)
ID_TOKEN_MODES = frozenset(
    {
        *("alg_none", "alg_list", "hs256_public_key", "rs512", "key_of_ec", "key_for_encryption", "foreign_key"),
        "withdrawn_key",
        *("jwk_header", "jku_header", "x5u_header", "crit_header", "b64_header", "deep_header"),
        *("no_kid", "unknown_kid", "kid_list", "no_signature", "wrong_at_hash", "garbage"),
        *("payload_list", "payload_nan", "payload_deep", "payload_not_utf8", "payload_huge_int"),
    }
)
DOCUMENTS = (*ENDPOINTS, "id_token")
CALLBACK_PARAMETERS = ("callback_iss", "callback_state", "callback_code", "callback_error")
# Faults that have but a few values.
CHOICES = {
    **dict.fromkeys(ENDPOINTS, ENDPOINT_MODES),
    "id_token": ID_TOKEN_MODES,
    "rotate_at": frozenset(ENDPOINTS),
    "mix_up": frozenset({"id_token", "userinfo"}),
    "code": frozenset({"unchecked"}),
    "client_auth": frozenset({"basic", "form"}),
}

HUGE_BYTES = 32 * 1024 * 1024
BOMB_BYTES = 256 * 1024 * 1024


class Faults(UserDict):
    """A dict that knows its keys: a misspelt fault would otherwise make a test pass for the wrong reason."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in CHOICES:
            if value not in CHOICES[key]:
                raise ValueError(f"{key} cannot be {value!r}; one of {sorted(CHOICES[key])}")
        elif key not in CALLBACK_PARAMETERS and not any(
            key in (f"{document}_set", f"{document}_drop") for document in DOCUMENTS
        ):
            raise KeyError(f"unknown fault {key!r}")
        super().__setitem__(key, value)

    def edit(self, document: str, values: dict) -> dict:
        """`values` with what `<document>_set` puts in and `<document>_drop` takes out."""
        edited = {**values, **self.get(f"{document}_set", {})}
        dropped = self.get(f"{document}_drop", ())
        return {key: value for key, value in edited.items() if key not in dropped}


@cache
def gzip_bomb() -> bytes:
    """A few hundred kB that unpack to `BOMB_BYTES` of blanks inside a JSON text."""
    compressor = zlib.compressobj(wbits=31)
    megabyte = b" " * 1024 * 1024
    parts = [compressor.compress(b'{"sub": "')]
    parts += [compressor.compress(megabyte) for _ in range(BOMB_BYTES // len(megabyte))]
    return b"".join([*parts, compressor.compress(b'"}'), compressor.flush()])
