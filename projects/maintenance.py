"""Whether the site is under maintenance (系统维护), for every page and without a query for each.

Each process reads the row that is not over at most once in MAINTENANCE_READ_SECONDS, and the database's time with it.
From then on it knows by its own steady clock what time it is there: what was set for a later hour begins everywhere at
that hour exactly, and only a change is known to the other processes some seconds later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models.functions import Now

from projects.models import Maintenance

KEPT_AFTERWARDS = timedelta(hours=24)
"""How long after the expected end what people typed meanwhile is kept for them."""
ASK_AGAIN_SECONDS = 600
"""When to ask again once the expected end has passed."""


@dataclass(frozen=True)
class Upkeep:
    """The maintenance that is set, at one moment `now` of the database's clock."""

    begins_at: datetime
    ends_at: datetime
    message: str
    now: datetime

    @property
    def is_on(self):
        """Whether it has begun."""
        return self.now >= self.begins_at

    @property
    def is_overdue(self):
        """Whether it should be over and is not."""
        return self.now >= self.ends_at

    @property
    def retry_after(self):
        """In how many seconds to ask again."""
        return ASK_AGAIN_SECONDS if self.is_overdue else max(60, int((self.ends_at - self.now).total_seconds()))

    @property
    def kept_until(self):
        """Until when what is typed now is kept."""
        return max(self.ends_at, self.now) + KEPT_AFTERWARDS


@dataclass(frozen=True)
class _Read:
    row: Maintenance | None
    at: float


_latest: _Read | None = None


def present():
    """The Upkeep as it stands now; None while no maintenance is set."""
    global _latest
    if _latest is None or monotonic() - _latest.at >= settings.MAINTENANCE_READ_SECONDS:
        row = Maintenance.objects.filter(ended_at=None).annotate(read_at=Now()).first()
        _latest = _Read(row, monotonic())
    read = _latest
    if read is None or read.row is None:
        return None
    now = read.row.read_at + timedelta(seconds=monotonic() - read.at)
    return Upkeep(read.row.begins_at, read.row.ends_at, read.row.message, now)


def read_anew():
    """Have this process read the row again with the next page; called after every change."""
    global _latest
    _latest = None


def know_of_none():
    """Have this process take it that no maintenance is set, as if it had just read so. For tests that count queries."""
    global _latest
    _latest = _Read(None, monotonic())
