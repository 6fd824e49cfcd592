"""Which values of units and grants may be shown in full on purpose (each time logged)."""

from accounts.reveal import Found
from orgs.models import Grant, Unit


def load_unit(actor, object_id):
    """A unit that the actor may see, or None."""
    unit = Unit.objects.visible_to(actor).filter(pk=object_id).first()
    return Found(unit.name, unit) if unit else None


def load_grant(actor, object_id):
    """A grant that the actor may see, or None. Nobody sees the one that they hold."""
    grant = Grant.objects.visible_to(actor).filter(pk=object_id).first()
    return Found(grant.holder_name, grant) if grant else None


REVEALS = {
    "unit-bank-account": ("银行账号", load_unit),
    "unit-legal-rep": ("法定代表人证件号码", load_unit),
    "unit-contact-mobile": ("单位联系人手机", load_unit),
    "grant-id-number": ("证件号码", load_grant),
    "grant-mobile": ("手机号码", load_grant),
}
