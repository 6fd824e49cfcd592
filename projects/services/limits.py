"""限项: an administrator sets, changes and removes them. Each change is in the history of the calls it counts over."""

from django.db import transaction
from django.http import Http404

from accounts.enums import AuditAction
from orgs.services.officers import officers_alone
from orgs.trail import record
from projects.models import Call, Limit
from projects.services.changes import write_down

WHAT = "限项"


def save_limit(*, actor, values, limit_id=None):
    """A new 限项, or `limit_id` with other `values` (name, role, number, calls); returns it. Raises Http404.

    Nothing changed is nothing written down.
    """
    officers_alone(actor)
    with transaction.atomic():
        limit = Limit() if limit_id is None else _locked(limit_id)
        before, counted = (str(limit), _calls_of(limit)) if limit.pk else ("", {})
        for name in ("name", "role", "number"):
            setattr(limit, name, values[name])
        limit.save()
        limit.calls.set(values["calls"])
        calls = _calls_of(limit)
        # In the order of their numbers, so that two of these never wait for each other.
        for pk in sorted(counted.keys() | calls.keys()):
            old, new = before if pk in counted else "", str(limit) if pk in calls else ""
            if old != new:
                write_down(calls.get(pk) or counted[pk], actor=actor, what=WHAT, values=[[WHAT, old, new]])
        if before != str(limit) or counted.keys() != calls.keys():
            detail = {"limit": str(limit), "before": before, "calls": sorted(calls)}
            record(AuditAction.LIMIT_SAVED, actor=actor, obj=limit, detail=detail)
    return limit


def remove_limit(*, actor, limit_id):
    """Take a 限项 away. Raises Http404."""
    officers_alone(actor)
    with transaction.atomic():
        limit = _locked(limit_id)
        calls = _calls_of(limit)
        for pk in sorted(calls):
            write_down(calls[pk], actor=actor, what=WHAT, values=[[WHAT, str(limit), ""]])
        detail = {"deleted": str(limit), "calls": sorted(calls)}
        record(AuditAction.LIMIT_SAVED, actor=actor, obj=limit, detail=detail)
        limit.delete()


def _locked(limit_id):
    limit = Limit.objects.select_for_update().filter(pk=limit_id).first()
    if limit is None:
        raise Http404
    return limit


def _calls_of(limit):
    return {call.pk: call for call in Call.objects.filter(limits=limit)}
