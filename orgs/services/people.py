"""Who is told of what happens to a unit."""

from accounts.enums import Kind
from accounts.models import User
from orgs.models import Grant


def acting_for(unit):
    """The active accounts of the unit itself and of its 授权人."""
    agents = Grant.objects.current().agents().filter(unit=unit).values("holder_digest")
    return [
        *User.objects.filter(kind=Kind.LEGAL, uscc=unit.uscc, is_active=True),
        *User.objects.known_by(agents).filter(is_active=True),
    ]


def with_a_role_in(unit):
    """Those, and the managers of its 二级单位."""
    holders = Grant.objects.current().filter(unit=unit).values("holder_digest")
    return [
        *User.objects.filter(kind=Kind.LEGAL, uscc=unit.uscc, is_active=True),
        *User.objects.known_by(holders).filter(is_active=True),
    ]
