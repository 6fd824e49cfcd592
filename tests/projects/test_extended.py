"""A deadline that 科技局 extended for some 申报书: what the PI, the reviewers and the lists then may do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import Scope, State
from projects.models import Extension, Proposal
from projects.rules import closing, deadline, may, may_apply, review_deadline
from projects.services.drafts import start_draft
from projects.workflow import PASS_TO_BUREAU, SUBMIT, WITHDRAW
from tests import factories as make
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def over(now):
    """A call whose two deadlines are over."""
    return make.make_call(opens_at=now - 9 * HOUR, closes_at=now - 3 * HOUR, review_closes_at=now - 2 * HOUR)


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit())


def extend_for_units(call, *units, submit_until, review_until=None):
    made = Extension.objects.create(
        call=call,
        scope=Scope.UNITS,
        submit_until=submit_until,
        review_until=review_until,
        reason="系统故障",
        at=timezone.now(),
        by=make.make_officer(),
        by_name="样例科员",
    )
    made.units.set(units)
    return made


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "closes_at"),
        ({"submit_until": 5}, 5),
        ({"submit_until": -5}, "closes_at"),
        ({"returned_from": State.UNIT}, "review_closes_at"),
        ({"returned_from": State.UNIT, "submit_until": 5}, "review_closes_at"),
        ({"returned_from": State.UNIT, "review_until": 5}, 5),
        ({"returned_from": State.BUREAU, "correction_due": 3, "submit_until": 5, "review_until": 5}, 3),
        ({"correction_due": 3, "submit_until": 2}, 3),
    ],
)
def test_the_latest_time_that_holds_for_the_pi_counts(over, pi, now, fields, expected):
    times = {name: now + value * HOUR if isinstance(value, int) else value for name, value in fields.items()}
    proposal = make.make_proposal(pi, over, **times)

    assert deadline(proposal) == (now + expected * HOUR if isinstance(expected, int) else getattr(over, expected))


def test_reviewers_have_until_the_latest_of_theirs(over, pi, now):
    proposal = make.make_proposal(pi, over, state=State.UNIT)
    assert review_deadline(proposal) == over.review_closes_at

    proposal.review_until = now + HOUR
    assert review_deadline(proposal) == now + HOUR

    proposal.correction_due = now + 2 * HOUR
    assert review_deadline(proposal) == now + 2 * HOUR


def test_an_extended_draft_is_submitted_and_taken_back_until_then(over, pi, now):
    draft = make.make_proposal(pi, over, submit_until=now + HOUR)
    actor = make.actor_of(pi.user)
    assert may(SUBMIT, actor, draft, now)
    assert not may(SUBMIT, actor, draft, now + HOUR)

    sent = make.make_proposal(pi, over, state=State.UNIT, submit_until=now + HOUR)
    assert closing(sent) == now + HOUR
    assert may(WITHDRAW, actor, sent, now)
    assert not may(WITHDRAW, actor, sent, now + HOUR)


def test_an_extended_one_waits_for_the_unit_again(over, pi, now):
    waiting = make.make_proposal(pi, over, state=State.UNIT, review_until=now + HOUR)
    make.make_proposal(pi, over, state=State.UNIT, review_until=now - HOUR)
    legal = make.actor_of(pi.unit.account)

    assert list(Proposal.objects.awaiting(legal)) == [waiting]
    assert may(PASS_TO_BUREAU, legal, waiting, now)
    assert not may(PASS_TO_BUREAU, legal, waiting, now + HOUR)


def test_people_of_an_extended_unit_begin_new_ones(over, pi, now, login):
    extend_for_units(over, pi.unit, submit_until=now + HOUR, review_until=now + 2 * HOUR)

    page = login(pi.user).get(reverse("call", args=[over.pk]))
    made = start_draft(actor=make.actor_of(pi.user), call_id=over.pk, form_key=uuid4())

    assert page.context["verdict"]
    assert (made.submit_until, made.review_until) == (now + HOUR, now + 2 * HOUR)


def test_people_of_other_units_do_not(over, pi, now):
    extend_for_units(over, make.make_unit(), submit_until=now + HOUR)

    with pytest.raises(NotNow):
        start_draft(actor=make.actor_of(pi.user), call_id=over.pk, form_key=uuid4())


def test_an_extension_that_is_over_lets_nobody_begin(over, pi, now):
    extend_for_units(over, pi.unit, submit_until=now - HOUR)
    granted = Extension.objects.for_unit(over, pi.unit_id)

    assert not may_apply(pi, over, now, granted["submit_until"])
