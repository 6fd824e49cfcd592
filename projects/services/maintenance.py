"""The maintenance switch: set, change, end. For officers and administrators, and for `manage.py maintenance`."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import AuditAction
from accounts.services import prolong_kept_forms
from orgs.actors import Actor
from orgs.enums import Role
from orgs.services.officers import officers_alone
from orgs.trail import record
from projects import maintenance
from projects.maintenance import KEPT_AFTERWARDS
from projects.models import Maintenance
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow

OPERATOR = Actor(user=None, role=Role.BUREAU)
"""Whoever has the server's command line."""
OPERATOR_NAME = "服务器命令行"
FIELDS = ("begins_at", "ends_at", "message")


class StaleMaintenance(Exception):
    """Somebody else has changed or ended it since the page was opened."""


def set_maintenance(*, actor, begins_at, ends_at, message):
    """Announce a maintenance from `begins_at` (None: now) until about `ends_at`.

    Raises Http404 for anybody but officers, and NotNow when one is set already or `ends_at` lies in the past.
    """
    officers_alone(actor)
    now = database_now()
    begins_at = max(begins_at or now, now)
    _in_the_future(ends_at, begins_at)
    try:
        with transaction.atomic():
            made = Maintenance.objects.create(
                begins_at=begins_at,
                ends_at=ends_at,
                message=message,
                set_at=now,
                set_by=actor.user,
                set_by_name=_name(actor),
            )
            record(AuditAction.MAINTENANCE_SET, actor=actor, obj=made, detail=_times(made))
            _known_everywhere()
    except IntegrityError as error:
        if "one_maintenance_at_a_time" not in str(error):
            raise
        raise NotNow("已经设置了一次系统维护，请先修改或结束它。", title="已经设置了系统维护") from None
    return made


def change_maintenance(*, actor, version, begins_at, ends_at, message):
    """Change what people are told about the maintenance that is set; one that has begun keeps its beginning.

    What people typed meanwhile is kept as much longer. Raises Http404, StaleMaintenance, and NotNow when `ends_at` lies
    in the past.
    """
    officers_alone(actor)
    with transaction.atomic():
        found = _lock()
        if found is None or found.version != version:
            raise StaleMaintenance
        now = database_now()
        begins_at = found.begins_at if found.begins_at <= now else max(begins_at or now, now)
        _in_the_future(ends_at, max(begins_at, now))
        found.begins_at, found.ends_at, found.message = begins_at, ends_at, message
        found.version += 1
        found.save(update_fields=[*FIELDS, "version"])
        prolong_kept_forms(since=found.begins_at, until=ends_at + KEPT_AFTERWARDS)
        record(AuditAction.MAINTENANCE_CHANGED, actor=actor, obj=found, detail=_times(found))
        _known_everywhere()
    return found


def end_maintenance(*, actor):
    """It is over, or does not take place. Returns it; None when none was set. Raises Http404."""
    officers_alone(actor)
    with transaction.atomic():
        found = _lock()
        if found is None:
            return None
        now = database_now()
        found.ended_at, found.ended_by_name = now, _name(actor)
        found.version += 1
        found.save(update_fields=["ended_at", "ended_by_name", "version"])
        prolong_kept_forms(since=found.begins_at, until=now + KEPT_AFTERWARDS)
        record(AuditAction.MAINTENANCE_ENDED, actor=actor, obj=found, detail={"begun": found.begins_at <= now})
        _known_everywhere()
    return found


def _lock():
    return Maintenance.objects.select_for_update(no_key=True).filter(ended_at=None).first()


def _in_the_future(ends_at, moment):
    if ends_at <= moment:
        raise NotNow("预计结束的时间应晚于现在和开始的时间，请返回修改。")


def _name(actor):
    return actor.name or OPERATOR_NAME


def _times(row):
    return {
        name: timezone.localtime(getattr(row, name)).isoformat(timespec="minutes") for name in ("begins_at", "ends_at")
    }


def _known_everywhere():
    # This process at once, the others within MAINTENANCE_READ_SECONDS.
    transaction.on_commit(maintenance.read_anew)
