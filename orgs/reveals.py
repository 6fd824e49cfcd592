"""Which values of units may be shown in full on purpose (each time logged)."""

from orgs.models import Unit


def load_unit(actor, object_id):
    """`(whose, object)` of a unit that the actor may see, or None."""
    unit = Unit.objects.visible_to(actor).filter(pk=object_id).first()
    return (unit.name, unit) if unit else None


REVEALS = {
    "unit-bank-account": load_unit,
    "unit-legal-rep": load_unit,
    "unit-contact-mobile": load_unit,
}
