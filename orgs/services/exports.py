"""The line of the audit trail that each export leaves, and how many an account may have."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.enums import AuditAction
from accounts.models import AuditEvent, User
from zhgg.kit.clock import database_now
from zhgg.kit.errors import TooOften

MOST_EXPORTS, WINDOW = 20, timedelta(minutes=10)
"""So many exports go in so long a time, those with full numbers and those of every list together."""
MINUTE = timedelta(minutes=1)


def note_export(*, actor, name, detail):
    """Write the line of an export of the list called `name`; to be called before anything is read for it.

    The audit trail itself is counted, so that the limit is the same whichever process answers. Raises TooOften, which
    says when to try again, and writes nothing then.
    """
    with transaction.atomic():
        # Of two at the same moment the second one counts the first.
        list(User.objects.filter(pk=actor.user_id).select_for_update(no_key=True).values_list("pk"))
        now = database_now()
        own = AuditEvent.objects.filter(user=actor.user_id, action=AuditAction.EXPORT, at__gt=now - WINDOW)
        recent = list(own.order_by("-at").values_list("at", flat=True)[:MOST_EXPORTS])
        if len(recent) == MOST_EXPORTS:
            raise _too_often(recent[-1] + WINDOW, now)
        audit.record(
            AuditAction.EXPORT, user=actor.user, role=actor.role, unit_id=actor.unit_id, label=name, detail=detail
        )


def _too_often(until, now):
    minutes, seconds = WINDOW // MINUTE, -(-(until - now) // timedelta(seconds=1))
    # Said to the minute, and so rounded up.
    shown = timezone.localtime(until + MINUTE - timedelta(microseconds=1))
    return TooOften(
        f"您在 {minutes} 分钟内已导出 {MOST_EXPORTS} 次，这次没有导出。请在 {shown:%H:%M} 以后再试。",
        title="导出太频繁",
        retry_after=seconds,
    )
