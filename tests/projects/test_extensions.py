"""延期: whom it is for, what it moves, what is refused, who is told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.models import AuditEvent, Notice
from projects.enums import Scope, State
from projects.models import Call, Extension, Proposal
from projects.rules import deadline, review_deadline
from projects.services.calls import CannotSave, close_call
from projects.services.decisions import perform
from projects.services.drafts import start_draft
from projects.services.extensions import examine, extend
from projects.workflow import SUBMIT
from tests import factories as make
from tests.races import together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def officer():
    return make.actor_of(make.make_officer("周例"))


@pytest.fixture
def over(now):
    """A call whose two deadlines are over."""
    return make.make_call(opens_at=now - 9 * HOUR, closes_at=now - 3 * HOUR, review_closes_at=now - 2 * HOUR)


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit())


def grant(officer, call, scope=Scope.ALL, **values):
    values = {"reason": "系统故障", "form_key": uuid4(), **values}
    return extend(actor=officer, call_id=call.pk, scope=scope, **values)


def times_of(proposal):
    return Proposal.objects.filter(pk=proposal.pk).values_list("submit_until", "review_until").get()


def test_one_for_everybody_moves_the_times_of_the_call(officer, over, pi, now):
    draft = make.make_proposal(pi, over)
    make.make_proposal(pi, over, state=State.BUREAU)

    made = grant(officer, over, submit_until=now + DAY, review_until=now + 2 * DAY)

    call = Call.objects.get()
    assert (call.closes_at, call.review_closes_at, call.version) == (now + DAY, now + 2 * DAY, 2)
    assert times_of(draft) == (None, None)
    assert (made.count, made.reason, made.by_name, made.scope) == (1, "系统故障", "周例", Scope.ALL)
    assert start_draft(actor=make.actor_of(pi.user), call_id=over.pk, form_key=uuid4()).call == over


def test_one_for_units_is_written_onto_theirs_alone(officer, over, pi, now):
    mine = make.make_proposal(pi, over)
    reviewed = make.make_proposal(pi, over, state=State.UNIT)
    decided = make.make_proposal(pi, over, state=State.ACCEPTED)
    foreign = make.make_proposal(make.make_person(unit=make.make_unit()), over)

    made = grant(officer, over, Scope.UNITS, units=[pi.unit_id], submit_until=now + DAY, review_until=now + 2 * DAY)

    assert times_of(mine) == times_of(reviewed) == (now + DAY, now + 2 * DAY)
    assert times_of(decided) == times_of(foreign) == (None, None)
    assert made.count == 2
    assert list(made.units.all()) == [pi.unit]
    assert Call.objects.get().closes_at == over.closes_at


def test_one_for_what_was_begun_lets_nobody_begin(officer, over, pi, now):
    draft = make.make_proposal(pi, over)

    grant(officer, over, Scope.BEGUN, submit_until=now + DAY, review_until=now + 2 * DAY)

    assert times_of(draft) == (now + DAY, now + 2 * DAY)
    with pytest.raises(NotNow):
        start_draft(actor=make.actor_of(pi.user), call_id=over.pk, form_key=uuid4())


def test_one_for_a_single_application_is_for_it_alone(officer, over, pi, now):
    draft, other = make.make_proposal(pi, over), make.make_proposal(pi, over)

    made = grant(
        officer, over, Scope.PROPOSAL, proposal_id=draft.pk, submit_until=now + DAY, review_until=now + 2 * DAY
    )

    assert times_of(draft) == (now + DAY, now + 2 * DAY)
    assert times_of(other) == (None, None)
    assert (made.proposal, made.count) == (draft, 1)
    assert AuditEvent.objects.get(action="call_extended").object_id == str(draft.pk)


def test_what_an_application_has_is_never_shortened(officer, over, pi, now):
    draft = make.make_proposal(pi, over, submit_until=now + 5 * DAY, review_until=now + 6 * DAY)

    grant(officer, over, Scope.BEGUN, submit_until=now + DAY, review_until=now + 2 * DAY)

    assert times_of(draft) == (now + 5 * DAY, now + 6 * DAY)


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.UNITS, Scope.BEGUN, Scope.PROPOSAL])
def test_the_correction_time_of_what_the_bureau_returned_moves_too(officer, over, pi, now, scope):
    returned = make.make_proposal(
        pi, over, submissions=1, returned_from=State.BUREAU, correction_due=now - HOUR, step_count=2
    )
    target = {Scope.UNITS: {"units": [pi.unit_id]}, Scope.PROPOSAL: {"proposal_id": returned.pk}}.get(scope, {})

    grant(officer, over, scope, submit_until=now + DAY, review_until=now + 2 * DAY, **target)

    found = Proposal.objects.select_related("call").get()
    assert found.correction_due == deadline(found) == now + DAY
    assert review_deadline(found) == now + 2 * DAY


@pytest.mark.parametrize(
    ("times", "field", "words"),
    [
        ({}, "submit_until", "至少一项"),
        ({"submit_until": -1, "review_until": 9}, "submit_until", "已经过去"),
        ({"submit_until": 3, "review_until": 9}, "submit_until", "应晚于现在的截止时间"),
        ({"review_until": 5}, "review_until", "应晚于现在的截止时间"),
        ({"submit_until": 8}, "review_until", "不能早于申报截止，请一并延期"),
        ({"submit_until": 8, "review_until": 7}, "review_until", "不能早于申报截止"),
    ],
)
@pytest.mark.parametrize("scope", [Scope.ALL, Scope.BEGUN])
def test_times_that_make_no_sense_are_refused(officer, pi, now, scope, times, field, words):
    call = make.make_call(closes_at=now + 4 * DAY, review_closes_at=now + 6 * DAY)
    draft = make.make_proposal(pi, call)

    with pytest.raises(CannotSave) as refused:
        grant(officer, call, scope, **{name: now + days * DAY for name, days in times.items()})

    assert list(refused.value.errors) == [field]
    assert words in refused.value.errors[field]
    assert Extension.objects.count() == 0
    assert times_of(draft) == (None, None)
    assert Call.objects.get().version == 1


def test_an_earlier_extension_of_the_unit_is_what_holds(officer, over, pi, now):
    times = {"submit_until": now + 2 * DAY, "review_until": now + 3 * DAY}
    grant(officer, over, Scope.UNITS, units=[pi.unit_id], **times)

    with pytest.raises(CannotSave) as refused:
        grant(officer, over, Scope.UNITS, units=[pi.unit_id], submit_until=now + DAY)

    assert "应晚于现在的截止时间" in refused.value.errors["submit_until"]


@pytest.mark.parametrize(
    ("scope", "target", "field"),
    [
        (Scope.UNITS, {"units": []}, "units"),
        (Scope.UNITS, {"units": [999_999]}, "units"),
        (Scope.PROPOSAL, {"proposal_id": 999_999}, "number"),
        (Scope.PROPOSAL, {"proposal_id": None}, "number"),
    ],
)
def test_unknown_units_and_applications_are_refused(officer, over, now, scope, target, field):
    with pytest.raises(CannotSave) as refused:
        grant(officer, over, scope, submit_until=now + DAY, review_until=now + DAY, **target)

    assert list(refused.value.errors) == [field]


def test_what_is_at_the_bureau_needs_no_extension(officer, over, pi, now):
    decided = make.make_proposal(pi, over, state=State.BUREAU)

    with pytest.raises(CannotSave) as refused:
        grant(officer, over, Scope.PROPOSAL, proposal_id=decided.pk, review_until=now + DAY)

    assert "科技局审核" in refused.value.errors["number"]


def test_an_unpublished_call_is_edited_instead(officer, now):
    with pytest.raises(NotNow):
        grant(officer, make.make_call(published=False), submit_until=now + 20 * DAY, review_until=now + 30 * DAY)


def test_a_double_click_extends_once(officer, over, pi, now):
    make.make_proposal(pi, over)
    values = {"submit_until": now + DAY, "review_until": now + DAY, "form_key": uuid4()}

    first, second = (grant(officer, over, **values) for _ in range(2))

    assert first == second
    assert Extension.objects.count() == AuditEvent.objects.filter(action="call_extended").count() == 1
    assert Call.objects.get().version == 2


def test_whom_it_concerns_is_told_why(officer, over, now):
    unit = make.make_unit(departments=["样例所"])
    [department] = unit.made_departments
    agent, manager = make.make_agent(unit), make.make_manager(department)
    pi = make.make_person(unit=unit, department=department)
    waiting = make.make_person(unit=unit, department=department)
    make.make_proposal(pi, over)
    make.make_proposal(waiting, over, state=State.DEPARTMENT)
    make.make_agent(make.make_unit())

    grant(officer, over, Scope.BEGUN, submit_until=now + DAY, review_until=now + DAY, reason="停电半天")

    told = dict(Notice.objects.values_list("recipient", "body"))
    assert set(told) == {pi.pk, unit.account.pk, agent.pk, manager.pk}
    assert all("停电半天" in body for body in told.values())
    assert "您的申报书还没有提交" in told[pi.pk]


def test_looking_counts_and_changes_nothing(officer, over, pi, now):
    make.make_proposal(pi, over)
    make.make_proposal(pi, over, state=State.UNIT)

    counts = examine(call=over, scope=Scope.BEGUN, submit_until=now + DAY, review_until=now + DAY)

    assert counts == {State.DRAFT: 1, State.UNIT: 1}
    assert Extension.objects.count() == 0


def test_nobody_but_officers_extends(over, pi, now):
    for user in (pi.user, pi.unit.account, make.make_agent(pi.unit)):
        with pytest.raises(Http404):
            grant(make.actor_of(user), over, submit_until=now + DAY, review_until=now + DAY)


@pytest.mark.parametrize("rows", [1, 25])
def test_many_applications_take_a_fixed_number_of_queries(officer, over, now, rows, django_assert_num_queries):
    unit = make.make_unit()
    for _ in range(rows):
        make.make_proposal(make.make_person(unit=unit), over)

    with django_assert_num_queries(22):
        grant(officer, over, Scope.UNITS, units=[unit.pk], submit_until=now + DAY, review_until=now + DAY)


# Races ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_draft_begun_while_its_unit_is_extended_has_its_times(officer, pi, now):
    call = make.make_call()
    until = {"submit_until": now + 20 * DAY, "review_until": now + 25 * DAY}

    together(
        *(lambda: start_draft(actor=make.actor_of(pi.user), call_id=call.pk, form_key=uuid4()) for _ in range(3)),
        lambda: grant(officer, call, Scope.UNITS, units=[pi.unit_id], **until),
        lambda: start_draft(actor=make.actor_of(pi.user), call_id=call.pk, form_key=uuid4()),
    )

    assert Proposal.objects.count() == 4
    assert set(Proposal.objects.values_list("submit_until", "review_until")) == {tuple(until.values())}


@pytest.mark.django_db(transaction=True)
def test_extending_while_people_submit_blocks_nobody(officer, now):
    unit = make.make_unit()
    call = make.make_call()
    drafts = [make.make_proposal(make.make_person(unit=unit), call, title=f"题目{number}") for number in range(4)]

    answers = together(
        lambda: grant(officer, call, Scope.BEGUN, submit_until=now + 20 * DAY, review_until=now + 25 * DAY),
        *(
            lambda draft=draft: perform(
                action=SUBMIT, proposal_id=draft.pk, actor=make.actor_of(draft.pi.user), seen_step=0
            )
            for draft in drafts
        ),
    )

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert set(Proposal.objects.values_list("state", "submit_until")) == {(State.UNIT, now + 20 * DAY)}


@pytest.mark.django_db(transaction=True)
def test_closing_and_extending_at_once_end_in_one_of_the_two_orders(officer, now):
    call = make.make_call()
    other = make.actor_of(make.make_officer())

    closed, extended = together(
        lambda: close_call(actor=other, call_id=call.pk, version=1, reason="指南调整"),
        lambda: grant(officer, call, submit_until=now + 20 * DAY, review_until=now + 25 * DAY),
    )

    assert not isinstance(extended, Exception)
    found = Call.objects.get()
    if isinstance(closed, Exception):
        # The extension came first, and whoever closes is told so.
        assert type(closed).__name__ == "StaleCall"
    assert found.closes_at == now + 20 * DAY
    assert found.version == (2 if isinstance(closed, Exception) else 3)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_two_connections_extends_once(officer, over, pi, now):
    make.make_proposal(pi, over)
    values = {"submit_until": now + DAY, "review_until": now + DAY, "form_key": uuid4()}

    answers = together(*(lambda: grant(officer, over, Scope.BEGUN, **values) for _ in range(4)))

    assert {answer.pk for answer in answers} == {Extension.objects.get().pk}
