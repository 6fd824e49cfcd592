"""Figures of this app for monitoring (zhgg.kit.metrics)."""

from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now

from accounts.enums import AuditAction
from accounts.models import AuditEvent
from zhgg.kit.metrics import gauge

OUTCOMES = {AuditAction.LOGIN: "accepted", AuditAction.LOGIN_REFUSED: "refused"}


@gauge("zhgg_logins_last_5_minutes", "Logins on all machines, by what became of them", "outcome")
def logins():
    """What the audit trail says of the last five minutes."""
    recent = AuditEvent.objects.filter(action__in=OUTCOMES, at__gt=Now() - timedelta(minutes=5))
    counted = recent.order_by().values_list("action").annotate(number=Count("pk"))
    return dict.fromkeys(OUTCOMES.values(), 0) | {OUTCOMES[action]: number for action, number in counted}
