"""办理记录 as 科技局's pages of calls and announcements draw it (templates/projects/bureau/history.html)."""

from dataclasses import dataclass
from datetime import datetime

HISTORY_LENGTH = 100


@dataclass(frozen=True)
class Event:
    """One line of 办理记录: a change or an extension. `lines` are (what, before, after)."""

    at: datetime
    who: str
    what: str
    lines: list
    reason: str = ""


def changes_of(obj):
    """The latest changes of a call or an announcement, newest first."""
    return [Event(each.at, each.by_name, each.what, each.values) for each in obj.changes.all()[:HISTORY_LENGTH]]
