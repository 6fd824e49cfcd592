"""What the stand-in has handed out and still has to recognise."""

import secrets
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """What one click on an account allows: a code, later an access token."""

    sub: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    auth_time: int


class Expiring:
    """Values under random names that leave by themselves, so that a provider that runs for days stays small."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._entries: dict[str, tuple[float, object]] = {}

    def add(self, value: object) -> str:
        """Keep `value` under a new random name."""
        now = time.monotonic()
        for name, (ends, _) in list(self._entries.items()):
            if ends <= now:
                self._entries.pop(name, None)
        name = secrets.token_urlsafe(24)
        self._entries[name] = (now + self.seconds, value)
        return name

    def get(self, name: str | None) -> object | None:
        """The value, or None when it is unknown or too old."""
        return self._unless_ended(self._entries.get(name or ""))

    def pop(self, name: str | None) -> object | None:
        """Like `get`, once only: of two that ask at the same time one gets it."""
        return self._unless_ended(self._entries.pop(name or "", None))

    def __len__(self) -> int:
        return len(self._entries)

    @staticmethod
    def _unless_ended(entry: tuple[float, object] | None) -> object | None:
        return entry[1] if entry and entry[0] > time.monotonic() else None
