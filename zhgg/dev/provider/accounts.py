"""The accounts that the stand-in lists: from a JSON file that is read anew when it changes, or given by a test."""

import json
import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


class AccountFile:
    """`{"accounts": [{"sub", "account_type", "label", "note", "claims"}, …]}`, read when its time or size changed.

    A missing file means no accounts; one that cannot be read (half written, say) leaves the former list in force.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._accounts: list[dict] = []

    def read(self) -> list[dict]:
        """The accounts in the order of the file."""
        try:
            status = os.stat(self.path)
        except OSError:
            self._seen, self._accounts = None, []
            return self._accounts
        seen = (status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            try:
                self._accounts = [
                    account for account in json.loads(self.path.read_text("utf-8"))["accounts"] if account["sub"]
                ]
                self._seen = seen
            except (OSError, ValueError, KeyError, TypeError) as error:
                logger.warning("cannot read %s: %s", self.path, error)
        return self._accounts
