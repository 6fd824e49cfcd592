"""Every write to 单位信息: what 渝快办 states at a login, and what the unit fills in."""

from django.db import transaction

from accounts import audit
from accounts.enums import AuditAction, Kind
from accounts.notices import notify
from orgs import codes
from orgs.enums import Role
from orgs.models import Unit
from orgs.services.locks import confirm_authority
from orgs.services.people import acting_for
from orgs.trail import record
from zhgg.kit.errors import NeverAllowed

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
    {"id", "uscc", "name", "stated", "version", "seal_id", "created_at", "updated_at", "updated_by"}
    | {"suspended_at", "suspended_reason"},
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
    labels = "、".join(Unit.labels(field.name for field in Unit._meta.fields if field.name in changed))
    notify(
        [user for user in acting_for(unit) if user.pk != actor.user_id],
        subject=f"单位的{labels}已更改",
        body=f"{actor.signature}更改了{unit.name}的{labels}。请核对；如非本单位所为，请立即改回并致电技术支持。",
        url=unit.get_absolute_url(),
    )
