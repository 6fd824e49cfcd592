"""Every write to units, 二级单位 and grants."""

from django.db import IntegrityError, connection, transaction

from accounts.enums import AuditAction, Kind
from orgs import hooks
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant, Unit
from orgs.trail import record
from zhgg.kit.clock import database_now
from zhgg.kit.crypto import digest
from zhgg.kit.errors import NeverAllowed, NotNow

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
    changed = _apply_claims(unit, claims)
    if created or changed:
        unit.version += 1
        unit.save()


def _apply_claims(unit, claims):
    before = {field: getattr(unit, field) for field in CLAIM_FIELDS.values()}
    stated = []
    for claim, field in CLAIM_FIELDS.items():
        value = getattr(claims, claim)
        if value not in ("", None):
            setattr(unit, field, value)
            stated.append(field)
    if "district" in stated:
        unit.province = f"{unit.district[:2]}0000"
        stated.append("province")
    stated.sort()
    changed = stated != unit.stated or any(getattr(unit, field) != value for field, value in before.items())
    unit.stated = stated
    return changed


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


def save_unit(*, actor, version, values):
    """Save 单位信息 as the actor's unit filled it in, and return the unit.

    `values` maps editable field names to cleaned values; a field that 渝快办 stated is left alone whatever it says.
    `version` is the one the form was made from: NotNow when somebody else has saved since.
    """
    with transaction.atomic():
        confirm_authority(actor)
        unit = Unit.objects.visible_to(actor).select_for_update(no_key=True).filter(pk=actor.unit_id).first()
        if unit is None or not actor.acts_for_unit:
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
            unit.save(update_fields=[*changed, "version", "updated_at"])
            record(AuditAction.UNIT_SAVED, actor=actor, obj=unit, unit_id=unit.pk, detail={"fields": sorted(changed)})
    return unit


# Never taken from a form: identity, and what the database keeps for itself.
LOCKED = frozenset({"id", "uscc", "name", "stated", "version", "seal_id", "created_at", "updated_at"})


class StaleUnit(Exception):
    """Somebody else has saved the unit since the form was opened. `unit` is as it stands now."""

    def __init__(self, unit):
        super().__init__("unit was saved meanwhile")
        self.unit = unit


def add_department(*, actor, name, name_key):
    """Add a 二级单位 to the actor's unit; NotNow when the name is taken."""
    with transaction.atomic():
        confirm_authority(actor)
        if not actor.acts_for_unit:
            raise NeverAllowed("只有法人单位和法人单位授权人可以新增二级单位。")
        try:
            with transaction.atomic():
                department = Department.objects.create(unit_id=actor.unit_id, name=name, name_key=name_key)
        except IntegrityError as error:
            raise NotNow(f"本单位已有名为“{name}”的二级单位，请换一个名称。") from error
        record(AuditAction.DEPARTMENT_CREATED, actor=actor, obj=department, unit_id=actor.unit_id)
    return department


GRANT_CONFLICTS = {
    "one_agent_a_unit": "本单位刚刚已有另一名法人单位授权人。请刷新页面后再办理。",
    "one_manager_a_department": "这个二级单位刚刚已有另一名管理人员。请刷新页面后再办理。",
    "one_unit_role_a_person": (
        "此人已是某个单位的法人单位授权人或二级单位管理人员，一人只能担任一项，请换一人，或先结束其现有的授权。"
    ),
}


def grant_role(*, actor, role, unit, department=None, holder_name, holder_mobile, holder_id_number):
    """Give `role` to the person with this 证件号码 from now on; whoever held it before loses it in the same moment.

    `holder_id_number` is normalised and valid. The person need not have logged in yet. NotNow when the person already
    holds a unit role anywhere; NeverAllowed when the actor may not give this role.
    """
    if not _may_grant(actor, role, unit):
        raise NeverAllowed("只有法人单位可以办理账号授权；二级单位管理人员由法人单位或其授权人设置。")
    holder_digest = digest("id_number", holder_id_number)
    try:
        with transaction.atomic():
            confirm_authority(actor)
            # One at a time a unit; the row itself stays readable and referable.
            Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
            now = database_now()
            _end(Grant.objects.current().filter(role=role, unit=unit, department=department), actor=actor, now=now)
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
            if role == GrantRole.MANAGER:
                hooks.manager_changed(actor=actor, department=department, holder_digest=holder_digest)
    except IntegrityError as error:
        sentence = GRANT_CONFLICTS.get(error.__cause__.diag.constraint_name)
        if sentence is None:
            raise
        raise NotNow(sentence) from error
    return grant


def end_grant(*, actor, grant):
    """End a grant now; the person keeps their own login. Ending one that has ended already changes nothing."""
    if not _may_grant(actor, grant.role, grant.unit):
        raise NeverAllowed("您不能结束这项授权。")
    with transaction.atomic():
        confirm_authority(actor)
        _end(Grant.objects.current().filter(pk=grant.pk), actor=actor, now=database_now())


def _may_grant(actor, role, unit):
    if actor.role == Role.BUREAU:
        return True
    if actor.unit_id != unit.pk:
        return False
    return actor.role == Role.LEGAL or (role == GrantRole.MANAGER and actor.role == Role.AGENT)


def _end(grants, *, actor, now):
    for grant in grants.select_for_update():
        grant.ended_at = now
        grant.ended_by_id = actor.user_id
        grant.save(update_fields=["ended_at", "ended_by"])
        _record_grant(AuditAction.GRANT_ENDED, actor, grant)


def _record_grant(action, actor, grant):
    record(
        action,
        actor=actor,
        obj=grant,
        unit_id=grant.unit_id,
        detail={"role": grant.role, "department": grant.department_id},
    )
