"""停用 and 恢复 of a unit by 科技局."""

from django.db import transaction
from django.urls import reverse

from accounts.enums import AuditAction
from accounts.notices import notify
from orgs.models import Unit
from orgs.rules import may_suspend, why_suspended
from orgs.services.people import with_a_role_in
from orgs.trail import record
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow

RESUMED = "从现在起，本单位的人员可以照常提交、审核和授权。"


def suspend_unit(*, actor, unit, reason):
    """Suspend the unit from now on; everybody of it reads the `reason` and can neither submit nor decide.

    What has reached 科技局 stays. Waits for what people of the unit are doing at this moment (see `confirm_unit`).
    NotNow when it is suspended already, NeverAllowed for anybody but 科技局.
    """
    may_suspend(actor).enforce()
    with transaction.atomic():
        unit = _lock(unit)
        if unit.is_suspended:
            raise NotNow(f"{unit}已经停用，原因：{unit.suspended_reason}", title="单位已停用")
        unit.suspended_at, unit.suspended_reason = database_now(), reason
        _save(unit)
        record(AuditAction.UNIT_SUSPENDED, actor=actor, obj=unit, unit_id=unit.pk, detail={"reason": reason})
        _tell(unit, "本单位已被科技局停用", why_suspended(unit.name, reason))
    return unit


def resume_unit(*, actor, unit, reason):
    """Let a suspended unit act again. NotNow when it is not suspended, NeverAllowed for anybody but 科技局."""
    may_suspend(actor).enforce()
    with transaction.atomic():
        unit = _lock(unit)
        if not unit.is_suspended:
            raise NotNow(f"{unit}现在没有停用，不必恢复。")
        unit.suspended_at, unit.suspended_reason = None, ""
        _save(unit)
        record(AuditAction.UNIT_RESUMED, actor=actor, obj=unit, unit_id=unit.pk, detail={"reason": reason})
        _tell(unit, "本单位已恢复使用", RESUMED)
    return unit


def _lock(unit):
    # The strongest lock, which alone waits for the weak one of confirm_unit.
    return Unit.objects.select_for_update().get(pk=unit.pk)


def _save(unit):
    unit.save(update_fields=["suspended_at", "suspended_reason"])


def _tell(unit, subject, body):
    notify(with_a_role_in(unit), subject=subject, body=body, url=reverse("portal"))
