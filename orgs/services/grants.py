"""Every write to grants: who acts for a unit or a 二级单位, from when until when."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import AuditAction, Kind
from accounts.identity import identity_digest
from accounts.models import User
from accounts.notices import notify
from orgs import hooks
from orgs.enums import GrantRole, Role
from orgs.models import Grant
from orgs.rules import may_grant
from orgs.services.locks import confirm_authority, lock_department
from orgs.services.people import acting_for
from orgs.trail import record
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow
from zhgg.kit.identifiers.id_documents import RESIDENT_ID

# What the database refuses → the sentence, and the name of the value that stands in the way.
GRANT_CONFLICTS = {
    "one_agent_a_unit": "本单位刚刚已有另一名法人单位授权人。请刷新页面后再办理。",
    "one_manager_a_department": "这个二级单位刚刚已有另一名管理人员。请刷新页面后再办理。",
    "one_unit_role_a_person": (
        "此人已是某个单位的法人单位授权人或二级单位管理人员，一人只能担任一项，请换一人，或先结束其现有的授权。"
    ),
}


class FieldConflict(NotNow):
    """What was typed into one field stands against what is stored; `field` is its name in the service's arguments."""

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field


class StaleGrant(NotNow):
    """Another person holds the role by now, or nobody does. `current` is the grant as it stands now, or None."""

    def __init__(self, message, current):
        super().__init__(message)
        self.current = current


def grant_role(
    *,
    actor,
    role,
    unit,
    department=None,
    holder_name,
    holder_mobile,
    holder_id_number,
    holder_id_type=RESIDENT_ID,
    seen=None,
):
    """Give `role` to the person with this 证件 from now on; whoever held it before loses it in the same moment.

    `holder_id_number` is normalised and valid for its type. The person need not have logged in yet. With `seen`, the id
    of the grant that the page showed (0 for none), only that one is replaced. Raises StaleGrant when somebody else was
    named meanwhile; FieldConflict when the person already holds a unit role anywhere; NotNow when the 二级单位 was
    deleted; NeverAllowed when the actor may not give this role.
    """
    may_grant(actor, role, unit).enforce()
    holder_digest = identity_digest(holder_id_type, holder_id_number)
    current = Grant.objects.current().filter(role=role, unit=unit, department=department)
    try:
        with transaction.atomic():
            confirm_authority(actor)
            former = list(current.select_for_update())
            if seen is not None and [grant.pk for grant in former] != ([seen] if seen else []):
                raise StaleGrant("您填写期间，授权已有变化。请核对后再办理。", current.first())
            correction = [grant for grant in former if grant.holder_digest == holder_digest]
            held = [(each.holder_name, each.holder_mobile, each.holder_id_type) for each in correction]
            if (holder_name, holder_mobile, holder_id_type) in held:
                label = GrantRole(role).label
                raise FieldConflict(
                    "holder_id_number", f"{holder_name}现在就是{label}，填写的内容没有变化，不必再授权。"
                )
            now = end_grants(former, actor=actor, tell=not correction)
            if department is not None and lock_department(department).unit_id != unit.pk:
                raise NeverAllowed("这个二级单位不属于本单位。")
            grant = Grant.objects.create(
                role=role,
                unit=unit,
                department=department,
                holder_name=holder_name,
                holder_mobile=holder_mobile,
                holder_id_type=holder_id_type,
                holder_id_number=holder_id_number,
                holder_digest=holder_digest,
                started_at=now,
                started_by_id=actor.user_id,
            )
            _record_grant(AuditAction.GRANTED, actor, grant)
            if not correction:
                _tell_holder(grant, *words_for_new_holder(actor, grant))
            if role == GrantRole.MANAGER:
                hooks.manager_changed(actor=actor, department=department, holder_digest=holder_digest)
    except IntegrityError as error:
        name = error.__cause__.diag.constraint_name
        if name == "one_unit_role_a_person":
            held = Grant.objects.current().filter(unit=unit, holder_digest=holder_digest).select_related("department")
            raise FieldConflict("holder_id_number", why_held(held.first(), role)) from error
        if name not in GRANT_CONFLICTS:
            raise
        raise StaleGrant(GRANT_CONFLICTS[name], current.first()) from error
    return grant


def why_held(held, role):
    """Why whoever holds the grant `held` does not get `role`. Of other units nothing is told, not even which one it is:
    then `held` is None."""
    if held is None:
        return GRANT_CONFLICTS["one_unit_role_a_person"]
    if held.role == GrantRole.AGENT:
        return "此人已是法人单位授权人，不能同时担任二级单位管理人员，请换一人，或先由法人单位更改授权人。"
    place = f"“{held.department.name}”"
    if role == GrantRole.AGENT:
        return f"此人已是{place}的管理人员，不能同时担任法人单位授权人，请换一人，或先为{place}更换管理人员。"
    return f"此人已是{place}的管理人员，一人只能管理一个二级单位，请换一人，或先为{place}更换管理人员。"


def end_grant(*, actor, grant, reason=""):
    """End a grant now; the person keeps their own login. Whether it was still in force: an end is never moved.

    科技局 gives a `reason`, which the holder and whoever acts for the unit are told.
    """
    may_grant(actor, grant.role, grant.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        locked = list(Grant.objects.current().filter(pk=grant.pk).select_for_update())
        end_grants(locked, actor=actor, reason=reason)
        if locked and actor.role == Role.BUREAU:
            _tell_unit(locked[0], actor, reason)
    return bool(locked)


def _tell_unit(grant, actor, reason):
    others = [user for user in acting_for(grant.unit) if user.identity_digest != grant.holder_digest]
    body = f"{actor.signature}办理，从现在起生效。{_because(reason)}需要时，请另行授权。"
    notify(others, subject=f"{grant.holder_name}不再是{_office(grant)}", body=body, url=reverse("portal"))


def _because(reason):
    return f"原因：{reason.rstrip('。')}。" if reason else ""


def end_grants(locked, *, actor, tell=True, reason=""):
    """End these locked grants; returns the time. The clock is read after the lock: nothing ends before it began."""
    locked = list(locked)
    now = database_now()
    for grant in locked:
        grant.ended_at = now
        grant.ended_by_id = actor.user_id
        grant.end_reason = reason
        grant.save(update_fields=["ended_at", "ended_by", "end_reason"])
        _record_grant(AuditAction.GRANT_ENDED, actor, grant)
        if tell:
            body = f"{actor.signature}办理，从现在起生效。{_because(reason)}您的个人登录和个人事项不受影响。"
            _tell_holder(grant, f"您不再是{_office(grant)}", body)
    return now


def _office(grant):
    place = grant.department or grant.unit
    return f"{place}的{'管理人员' if grant.department_id else grant.get_role_display()}"


def words_for_new_holder(actor, grant):
    """Subject and body of the message to whoever was just given the grant."""
    return f"您已成为{_office(grant)}", f"{actor.signature}办理。重新打开页面即可办理。"


def _tell_holder(grant, subject, body):
    """Tell the person, if they have ever logged in."""
    holders = User.objects.filter(kind=Kind.PERSON, identity_digest=grant.holder_digest, is_active=True)
    notify(holders, subject=subject, body=body, url=reverse("portal"))


def _record_grant(action, actor, grant):
    record(action, actor=actor, obj=grant, unit_id=grant.unit_id, detail=audit_detail(grant))


def audit_detail(grant):
    """What the audit trail says of a grant beside its name."""
    detail = {"role": grant.role, "department": grant.department_id}
    return {**detail, "reason": grant.end_reason} if grant.end_reason else detail
