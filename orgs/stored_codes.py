"""The code tables as the database holds them, read by each process again when somebody has changed one.

Every change raises the number of the one CodeVersion. A process asks for it at most every LIFE_SECONDS, and at midnight
reads anew what begins and ends by the day. A table of which the database has no line is read from its file.
"""

import logging
import time
from collections import defaultdict

from django.db import DatabaseError
from django.utils import timezone

from orgs import codes
from orgs.models import CodeEntry, CodeVersion

LIFE_SECONDS = 5
"""How long a change may stay unseen by another process."""
logger = logging.getLogger(__name__)


class _Known:
    looked_at = float("-inf")
    read = (0, None)


def refresh(*, at_once=False):
    """Have `orgs.codes` say what the database says. Call it outside a transaction, before work begins.

    A database that is away changes nothing: what is known goes on being known.
    """
    now = time.monotonic()
    if not at_once and now - _Known.looked_at <= LIFE_SECONDS:
        return
    _Known.looked_at = now
    try:
        # The number first: what is changed after it was read has a higher one, and is read next time.
        number = CodeVersion.objects.values_list("number", flat=True).first() or 0
        today = timezone.localdate()
        if _Known.read != (number, today):
            codes.use(_tables(today))
            _Known.read = (number, today)
    except DatabaseError as error:
        logger.warning("code tables: %s", type(error).__name__)


def forget():
    """Go back to the files, as a new process begins."""
    _Known.looked_at, _Known.read = float("-inf"), (0, None)
    codes.use([])


def _tables(today):
    found = defaultdict(list)
    for entry in CodeEntry.objects.order_by("table", "position", "pk"):
        row = {"code": entry.code, **entry.columns, "name": entry.name}
        if entry.valid_until is not None and entry.valid_until < today:
            row["status"] = "ended"
        elif entry.valid_from is not None and entry.valid_from > today:
            row["status"] = "coming"
        found[entry.table].append(row)
    return [codes.of_rows(name, rows) for name, rows in found.items() if name in codes.names()]
