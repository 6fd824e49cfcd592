"""How often something may be done, by each account and from each address: one table, and one place that counts.

Counted in the database (`accounts.models.ThrottleCount`), so that it is the same however many processes answer.
Honest use meets none of them: 300 accounts may log in behind one address, ten a second.
"""

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from zhgg.kit import request_context
from zhgg.kit.errors import TooOften

MINUTE = 60


@dataclass(frozen=True)
class Throttle:
    """So many (`account` for each account, `address` for each address, None for any number) in `seconds`, which run
    from the first one. `did` and `undone` say in Chinese what was done too often, and what came of it this time.

    The address is that of the present request.
    """

    name: str
    title: str
    did: str
    undone: str
    account: int | None
    address: int | None
    seconds: int

    def spend(self, user_id=None):
        """Count one more. Raises TooOften, which says when to try again, where that is more than may be.

        One statement: outside a transaction nobody waits for it, inside one it is taken back with the rest.
        """
        self._refuse(self._count(user_id), room_for=0)

    def fail(self, user_id=None):
        """Count one more of what went wrong, and refuse nothing."""
        self._count(user_id)

    def look(self, user_id=None):
        """Count nothing. Raises TooOften where the next one would be more than may be."""
        self._refuse(self._read(user_id), room_for=1)

    def _kept(self, user_id):
        """`{key: (most, who is told)}`, the account first: so no two requests wait for each other crosswise."""
        kept, address = {}, request_context.current().address
        if self.account and user_id:
            kept[f"{self.name}:account:{user_id}"] = (self.account, "您")
        if self.address and address:
            kept[f"{self.name}:address:{_network(address)}"] = (self.address, "您所在的网络")
        return kept

    def _count(self, user_id):
        kept = self._kept(user_id)
        if not kept:
            return []
        rows = ", ".join(["(%s, 1, statement_timestamp() + make_interval(secs => %s))"] * len(kept))
        statement = f"""
            INSERT INTO accounts_throttlecount AS known (key, count, ends_at) VALUES {rows}
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN known.ends_at > statement_timestamp() THEN known.count + 1 ELSE 1 END,
                ends_at = CASE WHEN known.ends_at > statement_timestamp() THEN known.ends_at ELSE excluded.ends_at END
            RETURNING key, count, extract(epoch FROM ends_at - statement_timestamp())::float
        """  # nosec B608: made of placeholders
        return self._found(kept, statement, [value for key in kept for value in (key, self.seconds)])

    def _read(self, user_id):
        statement = """
            SELECT key, count, extract(epoch FROM ends_at - statement_timestamp())::float FROM accounts_throttlecount
            WHERE key = ANY(%s) AND ends_at > statement_timestamp()
        """
        kept = self._kept(user_id)
        return self._found(kept, statement, [list(kept)])

    @staticmethod
    def _found(kept, statement, parameters):
        """`[(count, seconds left, most, who)]`."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [(count, left, *kept[key]) for key, count, left in cursor.fetchall()]

    def _refuse(self, counts, room_for):
        full = [(left, most, who) for count, left, most, who in counts if count + room_for > most]
        if full:
            left, most, who = max(full)
            raise TooOften(
                f"{who}在 {_span(self.seconds)}内已{self.did} {most:,} 次，{self.undone}。请在 {_when(left)}再试。",
                title=self.title,
                retry_after=max(1, math.ceil(left)),
            )


def _network(address):
    """What counts as one visitor's address: an IPv4 address, or the /64 that an IPv6 visitor has all of."""
    found = ipaddress.ip_address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def _span(seconds):
    return f"{seconds // MINUTE} 分钟"


def _when(left):
    if left <= MINUTE:
        return f"{max(1, math.ceil(left))} 秒后"
    # Said to the minute, and so rounded up.
    moment = timezone.localtime() + timedelta(seconds=left + MINUTE, microseconds=-1)
    return f"{moment:%H:%M} 以后"


LOGIN_BEGUN = Throttle("begin", "登录太频繁", "登录", "这次没有登录", account=None, address=1_200, seconds=MINUTE)
LOGIN = Throttle("login", "登录太频繁", "登录", "这次没有登录", account=120, address=None, seconds=MINUTE)
"""At 渝快办: an address is counted when a login begins, an account when it ends."""
STAFF_FAILURES = Throttle(
    "staff", "登录失败太多", "登录失败", "暂停从这里登录", account=None, address=20, seconds=5 * MINUTE
)
"""Wrong passwords and codes from one address, whatever the names; AXES_FAILURE_LIMIT is what one name has."""
SEARCH = Throttle("search", "查询太频繁", "查询", "这次没有查询", account=240, address=3_000, seconds=MINUTE)
EXPORT = Throttle("export", "导出太频繁", "导出", "这次没有导出", account=20, address=400, seconds=10 * MINUTE)
REVEAL = Throttle("reveal", "查看太频繁", "查看号码", "这次没有显示", account=100, address=1_000, seconds=10 * MINUTE)
UPLOAD = Throttle("upload", "上传太频繁", "上传", "这次没有上传", account=120, address=3_000, seconds=10 * MINUTE)
WRONG_CODES = Throttle("verify", "核验太频繁", "核验失败", "暂停核验", account=None, address=30, seconds=MINUTE)
"""校验码 that fit no paper."""


# Views that are counted -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """What a view is counted for, and which requests of it count."""

    throttle: Throttle
    is_asked_for: Callable


def counted(throttle, is_asked_for):
    """Mark a view whose requests count for `throttle` where `is_asked_for(request)`; the middleware does the rest."""

    def mark(view):
        view.counted = [*getattr(view, "counted", ()), Counted(throttle, is_asked_for)]
        return view

    return mark


NO_SEARCH = {"page", "size", "sort", "state", "list"}
"""Parameters by which a list is only paged, put in order, or narrowed to a state."""


def _searches(request):
    asked = request.GET if request.method in ("GET", "HEAD") else request.POST
    return any(value and name not in NO_SEARCH for name, value in asked.items())


def _uploads(request):
    return request.method == "POST" and bool(request.FILES)


searches = counted(SEARCH, _searches)
"""A list: what is asked of it by more than its page, its order or a state."""
takes_files = counted(UPLOAD, _uploads)
"""A form: a file that comes with it."""
