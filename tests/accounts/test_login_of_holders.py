"""A grant made before its holder ever logged in takes effect at the login with that document, and with no other."""

import pytest

from accounts.identity import identity_digest
from accounts.models import User
from orgs.enums import GrantRole, Role
from orgs.models import Grant
from orgs.services.grants import grant_role
from tests import factories as make
from tests.accounts.conftest import person

pytestmark = pytest.mark.django_db

RESIDENT = "990000198501010019"
# Of somebody from 香港, as it stands on a 港澳居民居住证.
PERMIT = "810000199408230021"


def grant(id_type, number, role=GrantRole.AGENT):
    unit = make.make_unit(departments=["软件研究所"])
    grant_role(
        actor=make.actor_of(unit.account),
        role=role,
        unit=unit,
        department=unit.made_departments[0] if role == GrantRole.MANAGER else None,
        holder_name="王小明",
        holder_mobile="16900000005",
        holder_id_type=id_type,
        holder_id_number=number,
    )
    return unit


def log_in(visitor, id_type, number):
    visitor.provider.accounts = [person("p1", id_type=id_type, id_number=number)]
    visitor.log_in("p1", "person")
    return make.actor_of(visitor.user)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("01", RESIDENT),
        ("02", "H12345678"),
        ("03", "12345678"),
        ("04", PERMIT),
        ("06", "E12345678"),
        ("07", "USA310012345678"),
    ],
)
def test_it_takes_effect_at_the_first_login_with_that_document(visitor, id_type, number):
    unit = grant(id_type, number)
    assert not Grant.objects.with_login().get().has_login

    actor = log_in(visitor, id_type, number)

    assert (actor.role, actor.unit_id) == (Role.AGENT, unit.pk)
    assert Grant.objects.with_login().get().has_login


@pytest.mark.parametrize("theirs", ["02", "03"])
def test_the_same_number_on_another_kind_of_document_is_somebody_else(visitor, theirs):
    number = {"02": "H12345678", "03": "12345678"}[theirs]
    grant("06", number)

    actor = log_in(visitor, theirs, number)

    assert actor.role == Role.PERSON
    assert not Grant.objects.with_login().get().has_login
    # And both people can have an account.
    visitor.provider.accounts = [person("p9", id_type="06", id_number=number)]
    visitor.log_in("p9", "person")
    assert make.actor_of(visitor.user).role == Role.AGENT
    assert User.objects.filter(kind="person").count() == 2


def test_the_number_of_a_residence_permit_is_the_same_whatever_the_form_calls_it(visitor):
    unit = grant("01", PERMIT, role=GrantRole.MANAGER)

    actor = log_in(visitor, "04", PERMIT)

    assert (actor.role, actor.unit_id) == (Role.MANAGER, unit.pk)


def test_numbers_of_residents_are_known_by_the_number_alone():
    digests = {identity_digest(id_type, RESIDENT) for id_type in ("01", "04", "05")}
    assert len(digests) == 1
    assert identity_digest("06", RESIDENT) not in digests
    assert identity_digest("06", "") == ""
