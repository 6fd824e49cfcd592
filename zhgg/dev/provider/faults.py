"""What may be broken on purpose. The table of all faults stands in the package's docstring."""

import zlib
from collections import UserDict
from functools import cache

ENDPOINTS = ("discovery", "jwks", "token", "userinfo")
ENDPOINT_MODES = frozenset(
    {"down", "500", "slow", "drip", "endless", "huge", "gzip_bomb", "redirect", "garbage", "not_object"}
)
ID_TOKEN_MODES = frozenset(
    {"alg_none", "hs256_public_key", "foreign_key", "no_kid", "unknown_kid", "wrong_at_hash", "garbage"}
)
DOCUMENTS = (*ENDPOINTS, "id_token")
CALLBACK_PARAMETERS = ("callback_iss", "callback_state", "callback_code", "callback_error")

HUGE_BYTES = 32 * 1024 * 1024
BOMB_BYTES = 256 * 1024 * 1024


class Faults(UserDict):
    """A dict that knows its keys: a misspelt fault would otherwise make a test pass for the wrong reason."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in ENDPOINTS:
            if value not in ENDPOINT_MODES:
                raise ValueError(f"{key} cannot be {value!r}; one of {sorted(ENDPOINT_MODES)}")
        elif key == "id_token":
            if value not in ID_TOKEN_MODES:
                raise ValueError(f"id_token cannot be {value!r}; one of {sorted(ID_TOKEN_MODES)}")
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
