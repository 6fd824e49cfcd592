"""Which values of units and grants may be shown in full on purpose (each time logged)."""

from orgs.models import Grant, Unit


def load_unit(actor, object_id):
    """`(whose, object)` of a unit that the actor may see, or None."""
    unit = Unit.objects.visible_to(actor).filter(pk=object_id).first()
    return (unit.name, unit) if unit else None


def load_grant(actor, object_id):
    """`(whose, object)` of a grant that the actor may see, or None."""
    grant = Grant.objects.visible_to(actor).filter(pk=object_id).first()
    return (grant.holder_name, grant) if grant else None


REVEALS = {
    "unit-bank-account": load_unit,
    "unit-legal-rep": load_unit,
    "unit-contact-mobile": load_unit,
    "grant-id-number": load_grant,
    "grant-mobile": load_grant,
}
