"""Who somebody is, worked out from the login and the database."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from orgs.actors import ANONYMOUS, actor_for, administrator
from orgs.enums import Role
from orgs.models import Grant
from orgs.services.grants import end_grant
from tests import factories as make
from zhgg.kit.errors import NeverAllowed

pytestmark = pytest.mark.django_db
QUERIES_AT_MOST = 1


def as_in_a_request(user, *, verified=False):
    """The account as a request loads it; staff with the answer of the second factor."""
    user = User.objects.get(pk=user.pk)
    user.is_verified = lambda: verified
    return user


@pytest.fixture
def unit():
    return make.make_unit("重庆样例研究院（虚构）", departments=["机器人研究所"])


def test_the_legal_account_is_its_unit(unit, django_assert_num_queries):
    user = as_in_a_request(unit.account)
    with django_assert_num_queries(QUERIES_AT_MOST):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.unit_name) == (Role.LEGAL, unit.pk, "重庆样例研究院（虚构）")
    assert (actor.is_person, actor.grant_id, actor.acts_for_unit) == (False, None, True)
    assert actor.signature == "重庆样例研究院（虚构）（法人单位）"


def test_a_legal_account_without_a_code_has_no_role(unit, django_assert_num_queries):
    User.objects.filter(pk=unit.account.pk).update(uscc="")
    user = as_in_a_request(unit.account)
    with django_assert_num_queries(0):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.is_authenticated) == (Role.NONE, None, True)


def test_the_holder_of_a_grant_is_agent(unit, django_assert_num_queries):
    user = as_in_a_request(make.make_agent(unit, make.make_user("周岚")))
    with django_assert_num_queries(QUERIES_AT_MOST):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.department_id) == (Role.AGENT, unit.pk, None)
    assert (actor.is_person, actor.acts_for_unit) == (True, True)
    assert actor.grant_id == Grant.objects.get().pk
    assert actor.signature == "周岚（法人单位授权人）"


def test_the_holder_of_a_grant_for_a_department_is_its_manager(unit, django_assert_num_queries):
    [department] = unit.made_departments
    user = as_in_a_request(make.make_manager(department))
    with django_assert_num_queries(QUERIES_AT_MOST):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id) == (Role.MANAGER, unit.pk)
    assert (actor.department_id, actor.department_name) == (department.pk, "机器人研究所")
    assert (actor.is_person, actor.acts_for_unit) == (True, False)


def test_an_ended_grant_leaves_the_person(unit):
    user = as_in_a_request(make.make_agent(unit))
    end_grant(actor=actor_for(as_in_a_request(unit.account)), grant=Grant.objects.get())

    actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.grant_id, actor.is_person) == (Role.PERSON, None, None, True)


def test_a_login_without_verified_number_has_no_rights_from_a_grant(unit, django_assert_num_queries):
    user = make.make_agent(unit)
    User.objects.filter(pk=user.pk).update(identity_digest="")
    user = as_in_a_request(user)
    with django_assert_num_queries(0):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.is_person) == (Role.PERSON, None, True)


def test_an_account_that_was_switched_off_is_nobody(unit):
    User.objects.filter(pk=unit.account.pk).update(is_active=False)

    assert actor_for(as_in_a_request(unit.account)) is ANONYMOUS


def test_nobody_is_nobody():
    assert actor_for(AnonymousUser()) is ANONYMOUS
    assert (ANONYMOUS.role, ANONYMOUS.is_authenticated, ANONYMOUS.user_id) == (Role.NONE, False, None)


def test_an_officer_with_the_second_factor_is_the_bureau(django_assert_num_queries):
    user = as_in_a_request(make.make_officer(), verified=True)
    with django_assert_num_queries(QUERIES_AT_MOST):
        actor = actor_for(user)

    assert (actor.role, actor.unit_id, actor.is_person) == (Role.BUREAU, None, False)


def test_an_officer_without_the_second_factor_has_no_role():
    assert actor_for(as_in_a_request(make.make_officer(), verified=False)).role == Role.NONE


def test_staff_outside_the_group_has_no_role():
    user = User.objects.create_staff("stranger", "long-enough-pass-1")

    assert actor_for(as_in_a_request(user, verified=True)).role == Role.NONE


def test_an_administrator_acts_in_the_admin_only():
    user = User.objects.create_staff("root", "long-enough-pass-1", superuser=True)

    assert actor_for(as_in_a_request(user, verified=True)).role == Role.NONE
    assert administrator(as_in_a_request(user, verified=True)).role == Role.BUREAU


@pytest.mark.parametrize("verified", [True, False])
def test_nobody_but_an_administrator_with_the_second_factor_is_one(verified):
    someone = make.make_officer() if verified else User.objects.create_staff("root", "long-pass-1", superuser=True)

    with pytest.raises(NeverAllowed):
        administrator(as_in_a_request(someone, verified=verified))
