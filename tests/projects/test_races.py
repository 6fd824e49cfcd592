"""Exactly one outcome under real parallel connections: decisions, submissions, withdrawals, ended grants, deadlines."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import Notice
from orgs.enums import GrantRole
from orgs.models import Grant
from orgs.services.grants import end_grant, grant_role
from projects.enums import State
from projects.models import Proposal, Step, Submission
from projects.services.decisions import Outcome, perform
from projects.services.drafts import StaleSection, delete_draft, save_section, start_draft
from projects.workflow import ACTIONS
from tests import factories as make
from tests.races import PATIENCE_SECONDS, together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "缺少合作协议，请补充"


@pytest.fixture
def world():
    unit = make.make_unit(departments=["机器人研究所"])
    department = unit.made_departments[0]
    return {
        "unit": unit,
        "manager": make.make_manager(department),
        "agent": make.make_agent(unit),
        "pi": make.make_person(unit=unit, department=department).user,
        "call": make.make_call(),
    }


def deciding(key, proposal, user):
    actor = make.actor_of(user)
    return lambda: perform(
        action=ACTIONS[key],
        proposal_id=proposal.pk,
        actor=actor,
        seen_step=proposal.step_count,
        reason=REASON if ACTIONS[key].needs_reason else "",
    )


def kinds(answers):
    return sorted(
        "done" if isinstance(answer, Outcome) and not answer.repeated else type(answer).__name__ for answer in answers
    )


@pytest.mark.parametrize("_round", range(4))
def test_two_reviewers_at_the_same_moment_make_one_decision(world, _round):
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.UNIT)

    answers = together(
        deciding("pass-to-bureau", proposal, world["unit"].account), deciding("send-back", proposal, world["agent"])
    )

    assert kinds(answers) == ["NotNow", "done"]
    assert Step.objects.filter(proposal=proposal).count() == 2
    winner = next(answer for answer in answers if isinstance(answer, Outcome))
    assert Proposal.objects.get(pk=proposal.pk).state == winner.step.target


def test_a_double_click_decides_once_and_answers_the_same_twice(world):
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.UNIT)
    act = deciding("pass-to-bureau", proposal, world["agent"])

    answers = together(act, act, act)

    assert [type(answer) for answer in answers] == [Outcome] * 3
    assert sorted(answer.repeated for answer in answers) == [False, True, True]
    assert len({answer.step.pk for answer in answers}) == 1
    assert Notice.objects.filter(recipient=world["pi"]).count() == 1


def test_one_draft_submitted_in_six_windows_at_once_is_submitted_once(world):
    proposal = make.make_proposal(world["pi"].person, world["call"])

    answers = together(*[deciding("submit", proposal, world["pi"])] * 6)

    assert [type(answer) for answer in answers] == [Outcome] * 6
    assert Submission.objects.filter(proposal=proposal).count() == 1
    assert Proposal.objects.get(pk=proposal.pk).submission_count == 1


@pytest.mark.parametrize("_round", range(4))
def test_withdrawal_and_decision_at_the_same_moment_have_one_outcome(world, _round):
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.DEPARTMENT)

    answers = together(
        deciding("withdraw", proposal, world["pi"]), deciding("pass-to-unit", proposal, world["manager"])
    )

    assert kinds(answers) == ["NotNow", "done"]
    assert Step.objects.filter(proposal=proposal).count() == 2


def test_the_same_new_draft_form_sent_six_times_makes_one_draft(world):
    key = uuid.uuid4()
    actor = make.actor_of(world["pi"])

    answers = together(*[lambda: start_draft(actor=actor, call_id=world["call"].pk, form_key=key)] * 6)

    assert {answer.pk for answer in answers} == {Proposal.objects.get().pk}


def test_two_windows_saving_one_tab_do_not_overwrite_each_other(world):
    proposal = make.make_proposal(world["pi"].person, world["call"])
    actor = make.actor_of(world["pi"])

    def saving(title):
        return lambda: save_section(
            actor=actor, proposal_id=proposal.pk, tab="basics", version=1, data={**make.BASICS, "title": title}
        )

    answers = together(saving("第一个窗口里的题目"), saving("第二个窗口里的题目"))

    assert sum(isinstance(answer, StaleSection) for answer in answers) == 1
    section = proposal.sections.get()
    assert section.version == 2
    stale = next(answer for answer in answers if isinstance(answer, StaleSection))
    assert stale.section.data["title"] == section.data["title"]


def test_an_agent_whose_grant_ends_while_deciding_waits_and_is_refused(world):
    """The decision asks for the grant under a shared lock, so it cannot slip in between check and commit."""
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.UNIT)
    legal = make.actor_of(world["unit"].account)
    grant = Grant.objects.get(holder_digest=world["agent"].identity_digest)
    ended, answers = threading.Event(), []
    decide = deciding("pass-to-bureau", proposal, world["agent"])

    def decide_in_another_connection():
        ended.wait(PATIENCE_SECONDS)
        try:
            answers.append(decide())
        except NotNow as error:
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=decide_in_another_connection)
    thread.start()
    with transaction.atomic():
        end_grant(actor=legal, grant=grant)
        ended.set()
        thread.join(0.7)
        assert thread.is_alive(), "the decision must wait for the grant's fate"
    thread.join(PATIENCE_SECONDS)

    assert [type(answer) for answer in answers] == [NotNow]
    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT


def test_a_submission_that_waits_across_the_deadline_is_too_late(world):
    """The clock is read after the lock: waiting for it does not stop time."""
    proposal = make.make_proposal(world["pi"].person, world["call"])
    world["call"].closes_at = timezone.now() + timedelta(seconds=1)
    world["call"].save()
    answers, started = [], threading.Event()
    submit = deciding("submit", proposal, world["pi"])

    def submit_in_another_connection():
        started.set()
        try:
            answers.append(submit())
        except NotNow as error:
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=submit_in_another_connection)
    with transaction.atomic():
        Proposal.objects.select_for_update().get(pk=proposal.pk)
        thread.start()
        started.wait(PATIENCE_SECONDS)
        thread.join(1.3)
    thread.join(PATIENCE_SECONDS)

    assert [type(answer) for answer in answers] == [NotNow]
    assert "提交已于" in answers[0].message
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("_round", range(3))
def test_becoming_manager_while_submitting_never_leaves_the_proposal_with_oneself(world, _round):
    proposal = make.make_proposal(world["pi"].person, world["call"])
    legal = make.actor_of(world["unit"].account)
    department = world["unit"].made_departments[0]

    def become_manager():
        return grant_role(
            actor=legal,
            role=GrantRole.MANAGER,
            unit=world["unit"],
            department=department,
            holder_name=world["pi"].name,
            holder_mobile="16900000009",
            holder_id_number=world["pi"].id_number,
        )

    answers = together(deciding("submit", proposal, world["pi"]), become_manager)

    assert [type(answer) for answer in answers] == [Outcome, Grant]
    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT


def test_a_submission_waits_for_a_manager_being_named(world):
    """Without the shared lock the submission would not see the grant, nor the grant the submission."""
    proposal = make.make_proposal(world["pi"].person, world["call"])
    answers = []
    submit = deciding("submit", proposal, world["pi"])

    def submit_in_another_connection():
        try:
            answers.append(submit())
        finally:
            connection.close()

    thread = threading.Thread(target=submit_in_another_connection)
    with transaction.atomic():
        grant_role(
            actor=make.actor_of(world["unit"].account),
            role=GrantRole.MANAGER,
            unit=world["unit"],
            department=world["unit"].made_departments[0],
            holder_name=world["pi"].name,
            holder_mobile="16900000009",
            holder_id_number=world["pi"].id_number,
        )
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()
    thread.join(PATIENCE_SECONDS)

    assert answers[0].step.target == State.UNIT


def test_history_numbers_are_unique_in_the_database(world):
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.UNIT)
    step = proposal.steps.get()
    step.pk = None

    with pytest.raises(Exception, match="one_step_a_number"), transaction.atomic():
        step.save(force_insert=True)


@pytest.mark.parametrize("_round", range(3))
def test_deleting_and_submitting_at_the_same_moment_lose_no_submission(world, _round):
    proposal = make.make_proposal(world["pi"].person, world["call"])
    actor = make.actor_of(world["pi"])

    answers = together(
        deciding("submit", proposal, world["pi"]), lambda: delete_draft(actor=actor, proposal_id=proposal.pk)
    )

    submitted = Submission.objects.filter(proposal_id=proposal.pk).exists()
    assert [type(answer) for answer in answers] == ([Outcome, NotNow] if submitted else [Http404, type(None)])
    assert Proposal.objects.filter(pk=proposal.pk).exists() == submitted


@pytest.mark.parametrize(("moved", "kind"), [(timedelta(days=2), Outcome), (timedelta(hours=-1), NotNow)])
def test_a_deadline_that_is_moved_while_a_decision_waits_for_the_lock_counts(world, moved, kind):
    """The call is read after the lock: read together with it, it would be as it was before the wait."""
    now = timezone.now()
    over, ahead = now - timedelta(minutes=1), now + timedelta(hours=1)
    call = world["call"]
    call.closes_at, call.review_closes_at = over, over if kind is Outcome else ahead
    call.save()
    proposal = make.make_proposal(world["pi"].person, call, state=State.UNIT)
    answers, decide = [], deciding("pass-to-bureau", proposal, world["agent"])

    def decide_in_another_connection():
        try:
            answers.append(decide())
        except NotNow as error:
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=decide_in_another_connection)
    with transaction.atomic():
        Proposal.objects.select_for_update().get(pk=proposal.pk)
        thread.start()
        thread.join(0.7)
        assert thread.is_alive(), "the decision must wait for the lock"
        call.review_closes_at = now + moved
        call.closes_at = min(call.closes_at, call.review_closes_at)
        call.save()
    thread.join(PATIENCE_SECONDS)

    assert [type(answer) for answer in answers] == [kind]


@pytest.mark.parametrize("_round", range(3))
def test_a_return_and_resubmission_between_seeing_and_deciding_leave_one_outcome(world, _round):
    """The reviewer read the first submission; the second is not theirs to pass on unread."""
    proposal = make.make_proposal(world["pi"].person, world["call"], state=State.UNIT)
    stale = deciding("pass-to-bureau", proposal, world["agent"])
    deciding("send-back", proposal, world["unit"].account)()
    draft = Proposal.objects.get(pk=proposal.pk)

    answers = together(deciding("submit", draft, world["pi"]), stale)

    assert kinds(answers) == ["NotNow", "done"]
    assert Proposal.objects.get(pk=proposal.pk).state == State.DEPARTMENT
    assert "您刚才的办理没有生效" in answers[1].message
