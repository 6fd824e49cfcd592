"""Every write to units, 二级单位 and grants.

Rows are locked in one order everywhere, so that two writes never wait for each other: grants, then people, then the
unit, then the 二级单位, then what hangs on them.
"""

import unicodedata

from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import audit
from accounts.enums import AuditAction, Kind
from accounts.models import User
from accounts.notices import notify
from orgs import codes, hooks, usage
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant, Unit
from orgs.rules import may_grant, may_manage_departments
from orgs.trail import record
from zhgg.kit.clock import database_now
from zhgg.kit.crypto import digest
from zhgg.kit.errors import NeverAllowed, NotNow

# 单位信息 ------------------------------------------------------------------------------------------------------------

# What 渝快办 may state about a unit: our claim name → our field.
CLAIM_FIELDS = {
    "org_name": "name",
    "legal_rep_name": "legal_rep_name",
    "legal_rep_id_type": "legal_rep_id_type",
    "legal_rep_id_number": "legal_rep_id_number",
    "registered_on": "registered_on",
    "registered_capital": "registered_capital",
    "paid_in_capital": "paid_in_capital",
    "registration_type": "registration_type",
    "district": "district",
    "address": "address",
}
PROVIDER = "渝快办"

# Never taken from a form: identity, and what the database keeps for itself.
LOCKED = frozenset(
    {"id", "uscc", "name", "stated", "version", "seal_id", "created_at", "updated_at", "updated_by"},
)
BANK_FIELDS = frozenset({"bank_name", "bank_account", "bank_code"})


def receive_login(*, user, claims):
    """Take over what 渝快办 stated about a unit at this login; make the unit at the first one.

    Runs inside the login's transaction. A value that 渝快办 sends replaces ours and turns its field grey; what it does
    not send stays as the unit filled it in. Accounts that are not 法人用户 are none of our business.
    """
    if user.kind != Kind.LEGAL or not claims.uscc:
        return
    unit, created = Unit.objects.select_for_update(no_key=True).get_or_create(
        uscc=claims.uscc, defaults={"name": claims.org_name or claims.name}
    )
    former_name = unit.name
    changed = _apply_claims(unit, claims)
    if not (created or changed):
        return
    if not created:
        unit.version += 1
    unit.updated_by = PROVIDER
    unit.save()
    detail = {"fields": changed, "from": PROVIDER}
    if unit.name != former_name:
        detail["former_name"] = former_name
    audit.record(AuditAction.UNIT_SAVED, user=user, role=Role.LEGAL, unit_id=unit.pk, obj=unit, detail=detail)


def _apply_claims(unit, claims):
    """Write what was stated into the unit; the names of the fields that changed, or whose grey changed."""
    values = _stated_values(claims)
    changed = {field for field, value in values.items() if getattr(unit, field) != value}
    changed |= set(values).symmetric_difference(unit.stated)
    for field, value in values.items():
        setattr(unit, field, value)
    if "name" not in values and "name" not in unit.stated:
        # Without org_name the account's own name is the best there is, and it may change too.
        changed |= {"name"} if unit.name != claims.name else set()
        unit.name = claims.name
    unit.stated = sorted(values)
    return sorted(changed)


def _stated_values(claims):
    """Field → value of everything that was stated and that our code tables know."""
    values = {field: getattr(claims, claim) for claim, field in CLAIM_FIELDS.items()}
    values["province"] = codes.province_of(values["district"])
    if values["district"] == values["province"] or not values["province"]:
        values["district"] = ""
    if codes.table("registration_type").row(values["registration_type"]) is None:
        values["registration_type"] = ""
    return {field: value for field, value in values.items() if value not in ("", None)}


class StaleUnit(Exception):
    """Somebody else has saved the unit since the form was opened. `unit` is as it stands now."""

    def __init__(self, unit):
        super().__init__("unit was saved meanwhile")
        self.unit = unit


def hold_department(department_id):
    """Keep the 二级单位 from being deleted, and its manager from changing, until this transaction ends.

    A shared lock: any number of submissions hold it at once, and only a change of the 二级单位 itself waits for them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM orgs_department WHERE id = %s FOR SHARE", [department_id])


def save_unit(*, actor, version, values):
    """Save 单位信息 as the actor's unit filled it in, and return the unit.

    `values` maps editable field names to cleaned values; a field that 渝快办 stated is left alone whatever it says.
    `version` is the one the form was made from: StaleUnit when somebody else has saved since. Whoever else acts for the
    unit is told when the bank account changed.
    """
    with transaction.atomic():
        confirm_authority(actor)
        unit = Unit.objects.visible_to(actor).select_for_update(no_key=True).filter(pk=actor.unit_id).first()
        if unit is None:
            raise NeverAllowed("只有法人单位和法人单位授权人可以维护单位信息。")
        if unit.version != version:
            raise StaleUnit(unit)
        changed = []
        for field, value in values.items():
            if field not in unit.stated and field not in LOCKED and getattr(unit, field) != value:
                setattr(unit, field, value)
                changed.append(field)
        if changed:
            unit.version += 1
            unit.updated_by = actor.signature
            unit.save(update_fields=[*changed, "version", "updated_at", "updated_by"])
            record(AuditAction.UNIT_SAVED, actor=actor, obj=unit, unit_id=unit.pk, detail={"fields": sorted(changed)})
            _tell_of_bank_change(actor, unit, BANK_FIELDS.intersection(changed))
    return unit


def _tell_of_bank_change(actor, unit, changed):
    if not changed:
        return
    agents = Grant.objects.current().agents().filter(unit=unit).values("holder_digest")
    others = [
        *User.objects.filter(kind=Kind.LEGAL, uscc=unit.uscc, is_active=True),
        *User.objects.filter(kind=Kind.PERSON, identity_digest__in=agents, is_active=True),
    ]
    labels = "、".join(Unit.labels(field.name for field in Unit._meta.fields if field.name in changed))
    notify(
        [user for user in others if user.pk != actor.user_id],
        subject=f"单位的{labels}已更改",
        body=f"{actor.signature}更改了{unit.name}的{labels}。请核对；如非本单位所为，请立即改回并致电技术支持。",
        url=unit.get_absolute_url(),
    )


# 二级单位 ------------------------------------------------------------------------------------------------------------


def department_name_key(name):
    """What two names of 二级单位 are compared by: blanks, full width and upper case make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())[:200]


def add_department(*, actor, unit, name):
    """Add a 二级单位 to the unit; NotNow when the name is taken."""
    may_manage_departments(actor, unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        # Whoever submits 个人信息 holds this lock: "the unit has no 二级单位" stays true until they are done.
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        department = Department(unit=unit)
        _save_name(department, name)
        record(AuditAction.DEPARTMENT_CREATED, actor=actor, obj=department, unit_id=unit.pk)
    return department


def rename_department(*, actor, department, name):
    """Give a 二级单位 another name; NotNow when it is taken or the 二级单位 was deleted."""
    may_manage_departments(actor, department.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        department = _lock_department(department)
        former_name = department.name
        if name != former_name:
            _save_name(department, name)
            record(
                AuditAction.DEPARTMENT_SAVED,
                actor=actor,
                obj=department,
                unit_id=department.unit_id,
                detail={"former_name": former_name},
            )
    return department


def _save_name(department, name):
    department.name, department.name_key = name, department_name_key(name)
    try:
        with transaction.atomic():
            department.save()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "department_name_unique_in_unit":
            raise
        raise FieldConflict("name", f"本单位已有名为“{name}”的二级单位，请换一个名称。") from error


class StaleDepartment(NotNow):
    """Somebody else has saved the 二级单位 since the form was opened. Both values are as they stand now."""

    def __init__(self, department, manager):
        super().__init__(f"您填写期间，“{department.name}”已有更新。请核对后再保存。", title="二级单位刚刚有人保存")
        self.department, self.manager = department, manager


def save_department(
    *, actor, unit, name, holder_name, holder_mobile, holder_id_number, department=None, seen_name="", seen_grant=0
):
    """Save a 二级单位 with its manager, both or neither (S12); without `department` a new one.

    `seen_name` and `seen_grant` (0 for none) are what the form was made from: StaleDepartment when either has changed
    since. A manager whose data stay the same keeps the grant; anything else ends it and begins a new one.
    """
    holder = {"holder_name": holder_name, "holder_mobile": holder_mobile, "holder_id_number": holder_id_number}
    with transaction.atomic():
        confirm_authority(actor)
        manager = None
        if department is None:
            department = add_department(actor=actor, unit=unit, name=name)
        else:
            manager = _lock_as_seen(department, seen_name, seen_grant)
            department = rename_department(actor=actor, department=department, name=name)
        if manager is None or any(getattr(manager, field) != value for field, value in holder.items()):
            grant_role(actor=actor, role=GrantRole.MANAGER, unit=unit, department=department, **holder)
    return department


def _lock_as_seen(department, seen_name, seen_grant):
    """Lock a 二级单位 and its manager's grant, and return that grant or None."""
    managers = Grant.objects.current().managers().filter(department=department)
    list(managers.select_for_update())
    department = _lock_department(department)
    # A fresh look: whoever held the locks before may have put another grant in the place of the one waited for.
    manager = managers.first()
    if department.name != seen_name or (manager.pk if manager else 0) != seen_grant:
        raise StaleDepartment(department, manager)
    return manager


class DepartmentInUse(NotNow):
    """A 二级单位 that cannot be deleted; `uses` says why."""

    def __init__(self, department, uses):
        sentences = "；".join(use.sentence for use in uses)
        super().__init__(
            f"不能删除“{department.name}”：{sentences}。",
            title="二级单位正在使用，不能删除",
            links=[(use.url, use.label) for use in uses],
        )
        self.uses = uses


def end_department(*, actor, department):
    """Delete a 二级单位 (S13): the row and its manager's grant end now, history keeps both.

    DepartmentInUse while 个人信息 refers to it or a proposal is in its 部门审核. Deleting one twice changes nothing.
    """
    may_manage_departments(actor, department.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        managers = Grant.objects.current().managers().filter(department=department)
        list(managers.select_for_update())
        Unit.objects.select_for_update(no_key=True).get(pk=department.unit_id)
        department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
        if department.ended_at is not None:
            return
        if uses := usage.of(department):
            raise DepartmentInUse(department, uses)
        department.ended_at = _end(managers.select_for_update(), actor=actor)
        department.save(update_fields=["ended_at"])
        record(AuditAction.DEPARTMENT_DELETED, actor=actor, obj=department, unit_id=department.unit_id)


def _lock_department(department):
    locked = Department.objects.current().select_for_update(no_key=True).filter(pk=department.pk).first()
    if locked is None:
        raise NotNow(f"二级单位“{department.name}”已被删除，不能再办理。")
    return locked


# Grants --------------------------------------------------------------------------------------------------------------


def confirm_authority(actor):
    """Make sure, in this transaction and until its end, that the actor still holds the grant they act by.

    An agent or manager who was replaced while a form was open is refused here. The shared lock makes ending a grant
    wait for decisions that are under way, and the other way round.
    """
    if actor.grant_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM orgs_grant WHERE id = %s AND ended_at IS NULL FOR SHARE", [actor.grant_id])
        if cursor.fetchone() is None:
            raise NotNow(
                f"您作为{actor.role_label}的授权已经结束，这次办理没有生效。如有疑问，请联系{actor.unit_name}。",
                title="授权已结束",
            )


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


def grant_role(*, actor, role, unit, department=None, holder_name, holder_mobile, holder_id_number, seen=None):
    """Give `role` to the person with this 证件号码 from now on; whoever held it before loses it in the same moment.

    `holder_id_number` is normalised and valid. The person need not have logged in yet. With `seen`, the id of the grant
    that the page showed (0 for none), only that one is replaced. Raises StaleGrant when somebody else was named
    meanwhile; FieldConflict when the person already holds a unit role anywhere; NotNow when the 二级单位 was deleted;
    NeverAllowed when the actor may not give this role.
    """
    may_grant(actor, role, unit).enforce()
    holder_digest = digest("id_number", holder_id_number)
    current = Grant.objects.current().filter(role=role, unit=unit, department=department)
    try:
        with transaction.atomic():
            confirm_authority(actor)
            former = list(current.select_for_update())
            if seen is not None and [grant.pk for grant in former] != ([seen] if seen else []):
                raise StaleGrant("您填写期间，授权已有变化。请核对后再办理。", current.first())
            correction = [grant for grant in former if grant.holder_digest == holder_digest]
            if correction and (holder_name, holder_mobile) == (former[0].holder_name, former[0].holder_mobile):
                label = GrantRole(role).label
                raise FieldConflict(
                    "holder_id_number", f"{holder_name}现在就是{label}，填写的内容没有变化，不必再授权。"
                )
            now = _end(former, actor=actor, tell=not correction)
            if department is not None and _lock_department(department).unit_id != unit.pk:
                raise NeverAllowed("这个二级单位不属于本单位。")
            grant = Grant.objects.create(
                role=role,
                unit=unit,
                department=department,
                holder_name=holder_name,
                holder_mobile=holder_mobile,
                holder_id_number=holder_id_number,
                holder_digest=holder_digest,
                started_at=now,
                started_by_id=actor.user_id,
            )
            _record_grant(AuditAction.GRANTED, actor, grant)
            if not correction:
                _tell_holder(grant, f"您已成为{_office(grant)}", f"{actor.signature}办理。重新打开页面即可办理。")
            if role == GrantRole.MANAGER:
                hooks.manager_changed(actor=actor, department=department, holder_digest=holder_digest)
    except IntegrityError as error:
        name = error.__cause__.diag.constraint_name
        if name == "one_unit_role_a_person":
            raise FieldConflict("holder_id_number", _held_already(unit, role, holder_digest)) from error
        if name not in GRANT_CONFLICTS:
            raise
        raise StaleGrant(GRANT_CONFLICTS[name], current.first()) from error
    return grant


def _held_already(unit, role, holder_digest):
    """Why this person gets no other role. Of other units nothing is told, not even which one it is."""
    held = Grant.objects.current().filter(unit=unit, holder_digest=holder_digest).select_related("department").first()
    if held is None:
        return GRANT_CONFLICTS["one_unit_role_a_person"]
    if held.role == GrantRole.AGENT:
        return "此人已是法人单位授权人，不能同时担任二级单位管理人员，请换一人，或先由法人单位更改授权人。"
    place = f"“{held.department.name}”"
    if role == GrantRole.AGENT:
        return f"此人已是{place}的管理人员，不能同时担任法人单位授权人，请换一人，或先为{place}更换管理人员。"
    return f"此人已是{place}的管理人员，一人只能管理一个二级单位，请换一人，或先为{place}更换管理人员。"


def end_grant(*, actor, grant):
    """End a grant now; the person keeps their own login. Whether it was still in force: an end is never moved."""
    may_grant(actor, grant.role, grant.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        locked = list(Grant.objects.current().filter(pk=grant.pk).select_for_update())
        _end(locked, actor=actor)
    return bool(locked)


def _end(locked, *, actor, tell=True):
    """End these locked grants; returns the time. The clock is read after the lock: nothing ends before it began."""
    locked = list(locked)
    now = database_now()
    for grant in locked:
        grant.ended_at = now
        grant.ended_by_id = actor.user_id
        grant.save(update_fields=["ended_at", "ended_by"])
        _record_grant(AuditAction.GRANT_ENDED, actor, grant)
        if tell:
            body = f"{actor.signature}办理，从现在起生效。您的个人登录和个人事项不受影响。"
            _tell_holder(grant, f"您不再是{_office(grant)}", body)
    return now


def _office(grant):
    place = grant.department or grant.unit
    return f"{place}的{'管理人员' if grant.department_id else grant.get_role_display()}"


def _tell_holder(grant, subject, body):
    """Tell the person, if they have ever logged in."""
    holders = User.objects.filter(kind=Kind.PERSON, identity_digest=grant.holder_digest, is_active=True)
    notify(holders, subject=subject, body=body, url=reverse("portal"))


def _record_grant(action, actor, grant):
    record(
        action,
        actor=actor,
        obj=grant,
        unit_id=grant.unit_id,
        detail={"role": grant.role, "department": grant.department_id},
    )
