"""How long until a deadline, in words."""

from dataclasses import dataclass

from zhgg.kit.ui import Badge

SOON_DAYS = 14


@dataclass(frozen=True)
class Remaining:
    """A number and its unit (13 天, 5 小时, 40 分钟), and whether it is little."""

    number: int
    unit: str
    soon: bool

    def __str__(self):
        return f"{self.number} {self.unit}"

    @property
    def badge(self):
        """The same as a badge: amber when the deadline is near."""
        return Badge(str(self), "todo" if self.soon else "info", "clock")


def remaining(deadline, now):
    """What is left until `deadline` (exclusive); None when it is over. Days above two, then hours, then minutes."""
    seconds = (deadline - now).total_seconds()
    if seconds <= 0:
        return None
    days, hours = int(seconds // 86400), int(seconds // 3600)
    if days >= 2:
        return Remaining(days, "天", days <= SOON_DAYS)
    if hours >= 1:
        return Remaining(hours, "小时", True)
    return Remaining(max(1, int(seconds // 60)), "分钟", True)
