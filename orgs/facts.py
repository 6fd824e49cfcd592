"""How 单位信息 is shown in view mode: the fields of the guide in its order, codes as words, numbers masked."""

from orgs import codes
from orgs.models import Unit
from zhgg.kit.fields import to_show
from zhgg.kit.ui import MASKS, Fact, Masked

BASICS = (
    "name",
    "province",
    "scope",
    "district",
    "address",
    "postcode",
    "registered_on",
    "registered_capital",
    "paid_in_capital",
    "uscc",
    "registration_type",
    "nature",
    "legal_rep_name",
    "legal_rep_id_type",
    "legal_rep_id_number",
    "new_area",
    "industry",
    "contact_name",
    "contact_mobile",
    "contact_phone",
    "email",
    "keywords",
)
BANK = ("bank_holder", "bank_name", "bank_account", "bank_code")
# Fields that the model derives.
DERIVED_LABELS = {"scope": "单位地域", "bank_holder": "户名"}
CODE_TABLES = {
    "province": "province",
    "scope": "unit_scope",
    "district": "china_division",
    "registration_type": "registration_type",
    "nature": "unit_nature",
    "legal_rep_id_type": "id_document_type",
    "new_area": "chongqing_new_area",
    "industry": "industry",
}
AMOUNTS = ("registered_capital", "paid_in_capital")
# Field → (kind of orgs.reveals, style of kit.ui.MASKS).
MASKED = {
    "legal_rep_id_number": ("unit-legal-rep", "id"),
    "contact_mobile": ("unit-contact-mobile", "phone"),
    "bank_account": ("unit-bank-account", "bank"),
}


def facts_of(unit, names):
    """One Fact for each field of `names`, with what the unit has there."""
    return [Fact(label_of(name), _shown(unit, name), full=name == "keywords") for name in names]


def _shown(unit, name):
    value = to_show(unit, name)
    if name in MASKED:
        kind, style = MASKED[name]
        return Masked(kind, unit.pk, value, style, label=label_of(name))
    return in_words(name, value)


def label_of(name):
    """What pages call a field of the unit, derived ones included."""
    return DERIVED_LABELS.get(name) or Unit._meta.get_field(name).verbose_name


def in_words(name, value):
    """The value of a field as text: the words for a code, the unit behind an amount; "" when it is empty."""
    if value in (None, "", []):
        return ""
    if name in CODE_TABLES:
        words = codes.table(CODE_TABLES[name]).label(value)
        sector = codes.table("three_sector").name(codes.three_sector_of(value)) if name == "industry" else ""
        return f"{words}（{sector}）" if sector else words
    if name in AMOUNTS:
        return f"{plain_amount(value):,f} 万元"
    if name in MASKED:
        return MASKS[MASKED[name][1]][1](value)
    if isinstance(value, list):
        return "，".join(value)
    return str(value)


def plain_amount(value):
    """An amount without the zeros that the column adds: 500, not 500.000000."""
    return value.quantize(1) if value == value.to_integral_value() else value.normalize()
