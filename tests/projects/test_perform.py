"""role × action × state of the 申报书, as workflows say it, and what one step leaves behind."""

import uuid
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole
from orgs.models import Grant
from orgs.services.grants import end_grant, grant_role
from projects.enums import State
from projects.models import Proposal, Step, Submission
from projects.rules import available
from projects.services.decisions import Incomplete, perform
from projects.workflow import ACTIONS
from tests import factories as make
from zhgg.kit.errors import NeverAllowed, NotNow

pytestmark = pytest.mark.django_db

REASON = "缺少合作协议，请补充"
ALL_STATES = set(State)

# The table of workflows: what each capacity does in which state …
DOES = {
    ("pi", State.DRAFT): {"submit"},
    ("pi", State.DEPARTMENT): {"withdraw"},
    ("pi", State.UNIT): {"withdraw"},
    ("manager", State.DEPARTMENT): {"pass-to-unit", "send-back"},
    ("legal", State.UNIT): {"pass-to-bureau", "send-back"},
    ("agent", State.UNIT): {"pass-to-bureau", "send-back"},
    ("bureau", State.BUREAU): {"accept", "decline", "send-back"},
}
# … and in no other state: there the same action answers 409, and what is in nobody's row here answers 403.
EVER = {who: set().union(*(acts for (name, _), acts in DOES.items() if name == who)) for who, _ in DOES}
SEES = {
    "pi": ALL_STATES,
    "manager": ALL_STATES,
    "legal": ALL_STATES,
    "agent": ALL_STATES,
    "bureau": ALL_STATES - {State.DRAFT},
    "own manager": ALL_STATES,
    "own agent": ALL_STATES,
    "manager of another 二级单位": set(),
    "another unit": set(),
    "another unit's agent": set(),
    "another person": set(),
    "officer without the group": set(),
}
# Being the PI outweighs a role: nobody decides about their own.
ACTS_AS = {"own manager": "pi", "own agent": "pi"}
TARGET = {
    "submit": State.DEPARTMENT,
    "withdraw": State.DRAFT,
    "pass-to-unit": State.UNIT,
    "pass-to-bureau": State.BUREAU,
    "send-back": State.DRAFT,
    "accept": State.ACCEPTED,
    "decline": State.DECLINED,
}


@pytest.fixture
def world():
    """A unit with a 二级单位, a PI in it, and everybody who might try something."""
    unit = make.make_unit(departments=["机器人研究所", "先进材料研究所"])
    department, elsewhere = unit.made_departments
    manager, agent = make.make_manager(department), make.make_agent(unit)
    other_unit = make.make_unit(departments=["外单位所"])
    return {
        "unit": unit,
        "department": department,
        "pi": make.make_person(unit=unit, department=department).user,
        "manager": manager,
        "legal": unit.account,
        "agent": agent,
        "bureau": make.make_officer(),
        "own manager": manager,
        "own agent": agent,
        "manager of another 二级单位": make.make_manager(elsewhere),
        "another unit": other_unit.account,
        "another unit's agent": make.make_agent(other_unit),
        "another person": make.make_person(unit=unit, department=department).user,
        "officer without the group": make.make_officer(),
        "call": make.make_call(),
    }


def proposal_in(world, state, pi=None, **fields):
    """An 申报书 in `state`; `pi` is a user (default: the world's PI)."""
    person = (pi or world["pi"]).person
    if not person.is_approved:
        make.approve_person(person, world["unit"], world["department"])
    return make.make_proposal(person, world["call"], state=state, **fields)


def attempt(proposal, key, actor):
    """What performing `key` answers: the new state, or the status of the page."""
    try:
        with transaction.atomic():
            perform(
                action=ACTIONS[key],
                proposal_id=proposal.pk,
                actor=actor,
                seen_step=proposal.step_count,
                reason=REASON if ACTIONS[key].needs_reason else "",
            )
            answer = Proposal.objects.get(pk=proposal.pk).state
            transaction.set_rollback(True)
    except Http404:
        return 404
    except NeverAllowed:
        return 403
    except NotNow:
        return 409
    return answer


def expected(who, state, key):
    if state not in SEES[who]:
        return 404
    capacity = ACTS_AS.get(who, who)
    if key in DOES.get((capacity, state), ()):
        # A manager's own 申报书 starts in 单位审核.
        return State.UNIT if key == "submit" and who == "own manager" else TARGET[key]
    return 409 if key in EVER[capacity] else 403


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", list(SEES))
def test_role_action_state_table(world, who, state):
    user = world[who]
    proposal = proposal_in(world, state, pi=user if who in ACTS_AS else None)
    actor = make.actor_of(user)
    if who == "officer without the group":
        user.groups.clear()
        actor = make.actor_for(user)

    assert {key: attempt(proposal, key, actor) for key in ACTIONS} == {
        key: expected(who, state, key) for key in ACTIONS
    }


@pytest.mark.parametrize(("who", "state"), list(DOES))
def test_buttons_are_what_may_be_done_now(world, who, state):
    proposal = proposal_in(world, state)

    buttons = {action.key for action in available(make.actor_of(world[who]), proposal, timezone.now())}

    assert buttons == DOES[who, state]


def act(key, proposal, user, reason="", seen_step=None):
    return perform(
        action=ACTIONS[key],
        proposal_id=proposal.pk,
        actor=make.actor_of(user),
        seen_step=proposal.step_count if seen_step is None else seen_step,
        reason=reason,
    )


def test_a_step_writes_one_line_of_history_and_of_audit_and_tells_the_pi(world):
    proposal = proposal_in(world, State.UNIT)

    act("send-back", proposal, world["agent"], REASON)

    now = Proposal.objects.get(pk=proposal.pk)
    assert (now.state, now.step_count, now.returned_from, now.return_reason) == (
        State.DRAFT,
        2,
        State.UNIT,
        REASON,
    )
    step = now.steps.get(number=2)
    assert (step.action, step.source, step.target, step.reason, step.capacity, step.submission_number) == (
        "send-back",
        State.UNIT,
        State.DRAFT,
        REASON,
        "agent",
        1,
    )
    assert (step.user, step.user_name, step.place) == (world["agent"], str(world["agent"]), world["unit"].name)
    event = AuditEvent.objects.get(action="decision")
    assert (event.user, event.role, event.object_id, event.detail) == (
        world["agent"],
        "agent",
        str(proposal.pk),
        {"action": "send-back", "from": "unit", "to": "draft", "step": 2},
    )
    notice = Notice.objects.get()
    assert notice.recipient == world["pi"]
    assert REASON in notice.body


def test_submission_freezes_the_sections_and_takes_unit_and_department_from_the_approved_record(world):
    proposal = proposal_in(world, State.DRAFT)
    moved_to = world["unit"].made_departments[1]
    make.approve_person(world["pi"].person, world["unit"], moved_to)

    act("submit", proposal, world["pi"])

    now = Proposal.objects.get(pk=proposal.pk)
    assert (now.state, now.department, now.submission_count) == (State.DEPARTMENT, moved_to, 1)
    frozen = Submission.objects.get()
    assert (frozen.number, frozen.data["basics"]["title"]) == (1, make.BASICS["title"])
    assert Notice.objects.get().recipient == world["manager of another 二级单位"]


def test_a_record_without_department_is_submitted_to_the_unit(world):
    pi = make.make_person(unit=make.make_unit())
    proposal = make.make_proposal(pi, world["call"])

    act("submit", proposal, pi.user)

    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT


def test_a_frozen_submission_and_the_history_refuse_change(world):
    proposal_in(world, State.UNIT)

    for rows, change in ((Submission.objects, {"number": 9}), (Step.objects, {"reason": "改写"})):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            rows.all().delete()


def test_an_incomplete_draft_is_not_submitted_and_names_the_gap(world):
    proposal = proposal_in(world, State.DRAFT, basics={"abstract": "太短"})

    with pytest.raises(Incomplete) as refused:
        act("submit", proposal, world["pi"])

    assert [gap.label for gap in refused.value.gaps] == ["摘要"]
    assert Proposal.objects.get(pk=proposal.pk).state == State.DRAFT


def test_an_old_page_is_told_what_happened_and_decides_nothing(world):
    proposal = proposal_in(world, State.UNIT)
    act("send-back", proposal, world["agent"], REASON)

    with pytest.raises(NotNow, match="已办理：退回") as refused:
        act("pass-to-bureau", proposal, world["legal"], seen_step=1)

    assert refused.value.links == [(f"/projects/{proposal.pk}/", "查看申报书现在的状态")]
    assert Step.objects.count() == 2


def test_the_second_officer_is_told_what_the_first_one_did_though_it_is_out_of_sight_now(world):
    proposal = proposal_in(world, State.BUREAU)
    colleague = make.make_officer()
    act("send-back", proposal, world["bureau"], REASON)

    with pytest.raises(NotNow, match="（科技局）已办理：退回") as refused:
        act("accept", proposal, colleague, seen_step=1)

    assert refused.value.links == [("/projects/", "返回全部项目")]
    assert "未提交" not in refused.value.message
    assert (Proposal.objects.get(pk=proposal.pk).state, Step.objects.count()) == (State.DRAFT, 2)


def test_what_never_reached_the_bureau_stays_unknown_to_it(world):
    proposal = proposal_in(world, State.UNIT)
    act("send-back", proposal, world["legal"], REASON)

    with pytest.raises(Http404):
        act("accept", proposal, world["bureau"], seen_step=1)


def test_returned_and_resubmitted_meanwhile_is_not_the_same_as_before(world):
    pi = make.make_person(unit=make.make_unit())
    proposal = make.make_proposal(pi, world["call"], state=State.UNIT)
    act("send-back", proposal, pi.unit.account, REASON)
    act("submit", Proposal.objects.get(pk=proposal.pk), pi.user)

    with pytest.raises(NotNow, match="已办理：提交"):
        act("pass-to-bureau", proposal, pi.unit.account, seen_step=1)

    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT


def test_the_same_form_twice_acts_once_and_answers_the_same(world):
    proposal = proposal_in(world, State.UNIT)

    first = act("pass-to-bureau", proposal, world["legal"], seen_step=1)
    second = act("pass-to-bureau", proposal, world["legal"], seen_step=1)

    assert (first.repeated, second.repeated) == (False, True)
    assert first.step.pk == second.step.pk
    assert Step.objects.filter(proposal=proposal).count() == 2


def test_withdrawal_is_refused_once_somebody_has_decided(world):
    proposal = proposal_in(world, State.DEPARTMENT)
    act("pass-to-unit", proposal, world["manager"])

    with pytest.raises(NotNow, match="审核人已经办理过"):
        act("withdraw", Proposal.objects.get(pk=proposal.pk), world["pi"])


def past(**hours):
    return timezone.now() - timedelta(**hours)


@pytest.mark.parametrize(
    ("key", "who", "state", "fields", "closed"),
    [
        ("submit", "pi", State.DRAFT, {}, ["closes_at"]),
        (
            "submit",
            "pi",
            State.DRAFT,
            {"submissions": 1, "returned_from": State.UNIT},
            ["closes_at", "review_closes_at"],
        ),
        ("withdraw", "pi", State.DEPARTMENT, {}, ["closes_at"]),
        ("pass-to-unit", "manager", State.DEPARTMENT, {}, ["closes_at", "review_closes_at"]),
        ("send-back", "manager", State.DEPARTMENT, {}, ["closes_at", "review_closes_at"]),
        ("pass-to-bureau", "legal", State.UNIT, {}, ["closes_at", "review_closes_at"]),
    ],
)
def test_after_the_deadline_it_is_over(world, key, who, state, fields, closed):
    proposal = proposal_in(world, state, **fields)
    for field in closed:
        setattr(world["call"], field, past(seconds=1))
    world["call"].save()

    assert attempt(proposal, key, make.actor_of(world[who])) == 409


@pytest.mark.parametrize(
    ("key", "who", "state", "fields", "target"),
    [
        # Returned by 二级单位 or unit: until 单位审核截止.
        ("submit", "pi", State.DRAFT, {"submissions": 1, "returned_from": State.UNIT}, State.DEPARTMENT),
        ("pass-to-unit", "manager", State.DEPARTMENT, {}, State.UNIT),
        ("pass-to-bureau", "legal", State.UNIT, {}, State.BUREAU),
    ],
)
def test_between_the_two_deadlines_reviewers_and_returned_ones_go_on(world, key, who, state, fields, target):
    proposal = proposal_in(world, state, **fields)
    world["call"].closes_at = past(hours=1)
    world["call"].save()

    assert attempt(proposal, key, make.actor_of(world[who])) == target


def test_a_correction_asked_for_by_the_bureau_has_a_deadline_of_its_own_for_everybody(world):
    proposal = proposal_in(world, State.BUREAU)
    world["call"].closes_at, world["call"].review_closes_at = past(hours=2), past(hours=1)
    world["call"].save()

    act("send-back", proposal, world["bureau"], REASON)
    now = Proposal.objects.get(pk=proposal.pk)
    assert timezone.localtime(now.correction_due).strftime("%H:%M:%S") == "17:00:00"
    assert 5 <= (now.correction_due.date() - timezone.now().date()).days <= 8

    act("submit", now, world["pi"])
    act("pass-to-unit", Proposal.objects.get(pk=proposal.pk), world["manager"])
    act("pass-to-bureau", Proposal.objects.get(pk=proposal.pk), world["legal"])
    assert Proposal.objects.get(pk=proposal.pk).state == State.BUREAU


def test_the_bureau_has_no_deadline(world):
    proposal = proposal_in(world, State.BUREAU)
    world["call"].closes_at, world["call"].review_closes_at = past(hours=2), past(hours=1)
    world["call"].save()

    assert attempt(proposal, "accept", make.actor_of(world["bureau"])) == State.ACCEPTED


def test_an_ended_grant_decides_nothing_even_with_the_page_still_open(world):
    proposal = proposal_in(world, State.UNIT)
    actor_of_the_open_page = make.actor_of(world["agent"])
    end_grant(
        actor=make.actor_of(world["legal"]), grant=Grant.objects.get(holder_digest=world["agent"].identity_digest)
    )

    assert attempt(proposal, "pass-to-bureau", actor_of_the_open_page) == 409
    assert attempt(proposal, "pass-to-bureau", make.actor_of(world["agent"])) == 404


def test_becoming_manager_moves_ones_own_waiting_proposal_to_the_unit(world):
    proposal = proposal_in(world, State.DEPARTMENT)

    grant_role(
        actor=make.actor_of(world["legal"]),
        role=GrantRole.MANAGER,
        unit=world["unit"],
        department=world["department"],
        holder_name=world["pi"].name,
        holder_mobile="16900000009",
        holder_id_number=world["pi"].id_number,
    )

    now = Proposal.objects.get(pk=proposal.pk)
    assert (now.state, now.last_action, now.steps.first().user) == (State.UNIT, "rerouted", world["legal"])
    assert attempt(now, "pass-to-bureau", make.actor_of(world["legal"])) == State.BUREAU


def test_state_cannot_be_assigned(world):
    proposal = proposal_in(world, State.DRAFT)

    with pytest.raises(AttributeError):
        proposal.state = State.ACCEPTED


def test_the_database_refuses_department_review_without_a_department(world):
    pi = make.make_person(unit=make.make_unit())

    with pytest.raises(Exception, match="department_review_has_department"), transaction.atomic():
        Proposal.objects.create(
            call=world["call"],
            pi=pi,
            unit=pi.unit,
            number="TEST-X",
            form_key=uuid.uuid4(),
            state=State.DEPARTMENT,
            submission_count=1,
            state_since=timezone.now(),
            updated_at=timezone.now(),
        )
    assert connection.is_usable()
