"""停用 of a unit: its people read, and nobody of it submits, decides or names anybody."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant, Unit
from orgs.services.departments import add_department, end_department, rename_department
from orgs.services.grants import end_grant, grant_role
from orgs.services.suspension import resume_unit, suspend_unit
from orgs.services.units import save_unit
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from profiles.services import decide, decide_many, save_person
from profiles.workflow import ACTIONS as REVIEW_ACTIONS
from projects.enums import State
from projects.models import Proposal
from projects.services.batch import perform_many
from projects.services.decisions import perform
from projects.services.drafts import start_draft
from projects.workflow import ACTIONS
from tests import factories as make
from tests.orgs.pages import overlapping, text
from zhgg.kit.errors import NeverAllowed, NotNow

REASON = "营业执照已被吊销"
SENTENCE = f"已被科技局停用，原因：{REASON}"


class World:
    """A unit with a 二级单位, everybody who acts for it, and something that waits at every step."""

    def __init__(self):
        self.unit = make.make_unit(departments=["机器人研究所"])
        [self.department] = self.unit.made_departments
        self.agent = make.make_agent(self.unit)
        self.manager = make.make_manager(self.department)
        self.pi = make.make_person(unit=self.unit, department=self.department)
        self.officer = make.actor_of(make.make_officer())
        call = make.make_call()
        self.at = {
            state: make.make_proposal(self.pi, call, state=state)
            for state in (State.DRAFT, State.DEPARTMENT, State.UNIT, State.BUREAU)
        }
        self.call = call
        self.here = make.make_request(make.make_person(), self.unit, self.department)
        self.at_unit = make.make_request(make.make_person(), self.unit)

    def actor(self, who):
        users = {"legal": self.unit.account, "agent": self.agent, "manager": self.manager, "pi": self.pi.user}
        return self.officer if who == "bureau" else make.actor_of(users[who])

    def suspend(self):
        return suspend_unit(actor=self.officer, unit=self.unit, reason=REASON)


@pytest.fixture
def world(db):
    return World()


def act(world, who, key, state, **more):
    proposal = world.at[state]
    return perform(
        action=ACTIONS[key],
        proposal_id=proposal.pk,
        actor=world.actor(who),
        seen_step=proposal.step_count,
        **more,
    )


def give(world, who, role, department=None):
    return grant_role(
        actor=world.actor(who),
        role=role,
        unit=world.unit,
        department=department,
        holder_name="周岚",
        holder_mobile="16900000005",
        holder_id_number=make.id_number(),
    )


def review(world, who, request):
    return decide(action=REVIEW_ACTIONS["approve"], request_id=request.pk, actor=world.actor(who))


def batch(world, who, key, state, **more):
    proposal = world.at[state]
    seen = {proposal.pk: proposal.step_count}
    return perform_many(action=ACTIONS[key], seen=seen, actor=world.actor(who), **more)


def submit_record(world, user, unit, department=None):
    actor = make.actor_of(user)
    person = Person.objects.get(pk=user.pk)
    reviewed = make.reviewed(user, unit, department, position="工程师")
    return save_person(actor=actor, version=person.version, values={}, reviewed=reviewed)


REFUSED = {
    "the manager passes on": lambda w: act(w, "manager", "pass-to-unit", State.DEPARTMENT),
    "the manager sends back": lambda w: act(w, "manager", "send-back", State.DEPARTMENT, reason="请修改"),
    "the agent passes on": lambda w: act(w, "agent", "pass-to-bureau", State.UNIT),
    "the legal account passes on": lambda w: act(w, "legal", "pass-to-bureau", State.UNIT),
    "the legal account sends back": lambda w: act(w, "legal", "send-back", State.UNIT, reason="请修改"),
    "the PI submits": lambda w: act(w, "pi", "submit", State.DRAFT),
    "the PI withdraws": lambda w: act(w, "pi", "withdraw", State.DEPARTMENT),
    "the PI begins another": lambda w: start_draft(actor=w.actor("pi"), call_id=w.call.pk, form_key=make.uuid.uuid4()),
    "the manager passes on a batch": lambda w: batch(w, "manager", "pass-to-unit", State.DEPARTMENT),
    "the agent passes on a batch": lambda w: batch(w, "agent", "pass-to-bureau", State.UNIT),
    "the manager reviews": lambda w: review(w, "manager", w.here),
    "the agent reviews": lambda w: review(w, "agent", w.at_unit),
    "the legal account reviews many": lambda w: decide_many(
        action=REVIEW_ACTIONS["approve"], request_ids=[w.at_unit.pk], actor=w.actor("legal")
    ),
    "a person submits their record": lambda w: submit_record(w, w.pi.user, w.unit, w.department),
    "the legal account names an agent": lambda w: give(w, "legal", GrantRole.AGENT),
    "the agent names a manager": lambda w: give(w, "agent", GrantRole.MANAGER, w.department),
    "the legal account ends the agent": lambda w: end_grant(
        actor=w.actor("legal"), grant=Grant.objects.current().agents().get()
    ),
    "the agent adds a 二级单位": lambda w: add_department(actor=w.actor("agent"), unit=w.unit, name="新所"),
    "the legal account renames one": lambda w: rename_department(
        actor=w.actor("legal"), department=w.department, name="改名"
    ),
    "the legal account deletes one": lambda w: end_department(actor=w.actor("legal"), department=w.department),
    "the agent saves 单位信息": lambda w: save_unit(
        actor=w.actor("agent"), version=1, values={"contact_name": "新联系人"}
    ),
}


def picture():
    return (
        list(Proposal.objects.order_by("pk").values_list("state", "step_count")),
        list(ReviewRequest.objects.order_by("pk").values_list("state", "updated_at")),
        list(Grant.objects.order_by("pk").values_list("ended_at", "holder_name")),
        list(Department.objects.values_list("name", "ended_at")),
        list(Unit.objects.order_by("pk").values_list("contact_name", "version")),
    )


@pytest.mark.parametrize("what", REFUSED)
def test_nobody_of_a_suspended_unit_submits_decides_or_names_anybody(world, what):
    world.suspend()
    before = picture()

    with pytest.raises(NotNow, match=SENTENCE):
        REFUSED[what](world)

    assert picture() == before


@pytest.mark.parametrize("what", sorted(set(REFUSED) - {"the PI submits", "the legal account deletes one"}))
def test_after_it_resumes_everything_goes_again(world, what):
    world.suspend()
    resume_unit(actor=world.officer, unit=world.unit, reason="已恢复登记")
    before = picture()

    REFUSED[what](world)

    assert picture() != before


@pytest.mark.parametrize(
    "what", ["the manager passes on a batch", "the agent saves 单位信息", "the legal account names an agent"]
)
def test_whoever_was_asked_before_the_suspension_is_refused_under_the_lock(world, what, monkeypatch):
    actors = {who: world.actor(who) for who in ("legal", "agent", "manager")}
    monkeypatch.setattr(world, "actor", actors.get)
    suspend_unit(actor=world.officer, unit=world.unit, reason=REASON)

    with pytest.raises(NotNow, match=SENTENCE):
        REFUSED[what](world)


def test_what_is_at_the_bureau_goes_on_and_the_bureau_may_end_grants(world):
    world.suspend()

    act(world, "bureau", "accept", State.BUREAU)
    ended = end_grant(actor=world.officer, grant=Grant.objects.current().agents().get(), reason="错误授权")

    assert Proposal.objects.get(pk=world.at[State.BUREAU].pk).state == State.ACCEPTED
    assert ended is True


def test_somebody_may_leave_a_suspended_unit_and_nobody_may_join_it(world):
    other = make.make_unit()
    newcomer = make.make_person()
    world.suspend()

    left = submit_record(world, world.pi.user, other).request
    with pytest.raises(NotNow, match=SENTENCE):
        submit_record(world, newcomer.user, world.unit, world.department)

    assert (left.unit, left.state) == (other, ReviewState.PENDING)


def test_only_the_bureau_suspends_and_resumes(world):
    for who in ("legal", "agent", "manager", "pi"):
        for service in (suspend_unit, resume_unit):
            with pytest.raises(NeverAllowed):
                service(actor=world.actor(who), unit=world.unit, reason=REASON)


def test_twice_is_refused_and_everything_is_on_record(world):
    world.suspend()
    with pytest.raises(NotNow, match="已经停用"):
        world.suspend()
    resume_unit(actor=world.officer, unit=world.unit, reason="已恢复登记")
    with pytest.raises(NotNow, match="没有停用"):
        resume_unit(actor=world.officer, unit=world.unit, reason="已恢复登记")

    lines = AuditEvent.objects.filter(action__in=["unit_suspended", "unit_resumed"]).order_by("pk")
    assert [(line.action, line.user, line.unit_id, line.detail) for line in lines] == [
        ("unit_suspended", world.officer.user, world.unit.pk, {"reason": REASON}),
        ("unit_resumed", world.officer.user, world.unit.pk, {"reason": "已恢复登记"}),
    ]


def test_everybody_with_a_role_in_the_unit_is_told(world):
    world.suspend()

    told = Notice.objects.filter(subject="本单位已被科技局停用")
    assert {notice.recipient for notice in told} == {world.unit.account, world.agent, world.manager}
    assert all(SENTENCE in notice.body for notice in told)


def test_the_database_keeps_no_suspension_without_a_reason(world):
    with pytest.raises(IntegrityError, match="suspension_has_reason"), transaction.atomic():
        Unit.objects.filter(pk=world.unit.pk).update(suspended_reason="没有时间")


# Pages ---------------------------------------------------------------------------------------------------------------


def test_its_people_log_in_read_and_are_told_why(world, login):
    world.suspend()
    pages = {
        "legal": ["portal", "unit", "authorisation", "departments", "reviews", "proposals", "messages"],
        "agent": ["portal", "person", "unit", "departments", "reviews", "proposals", "my-proposals"],
        "manager": ["portal", "person", "reviews", "proposals"],
        "pi": ["portal", "person", "my-proposals", "calls"],
    }
    for who, names in pages.items():
        client = login(world.actor(who).user)
        for name in names:
            answer = client.get(reverse(name))
            assert answer.status_code == 200, (who, name)
            assert f"{world.unit.name}已被科技局停用" in text(answer), (who, name)
            assert REASON in text(answer)


def test_pages_of_an_application_say_so_to_its_pi_alone_whose_unit_it_is(world, login):
    draft = world.at[State.DRAFT]
    pages = [reverse("proposal", args=[draft.pk]), reverse("proposal-edit", args=[draft.pk, "basics"])]
    told = f"{world.unit.name}已被科技局停用"

    def seen_by(user):
        return [told in text(login(user).get(page)) for page in pages[: None if user == world.pi.user else 1]]

    assert seen_by(world.pi.user) == [False, False]
    world.suspend()
    assert seen_by(world.pi.user) == [True, True]
    assert seen_by(world.officer.user) == [False]


def test_forms_of_a_suspended_unit_say_why_they_do_not_open(world, login):
    world.suspend()
    client = login(world.unit.account)
    for name, args in (
        ("unit-edit", []),
        ("authorisation-new", []),
        ("authorisation-end", []),
        ("department-new", []),
        ("department-edit", [world.department.pk]),
        ("department-delete", [world.department.pk]),
        ("department-import", []),
    ):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 409, name
        assert REASON in answer.content.decode(), name


def test_the_page_of_a_proposal_offers_no_decision(world, login):
    world.suspend()
    for who, state in (("manager", State.DEPARTMENT), ("agent", State.UNIT), ("pi", State.DEPARTMENT)):
        answer = login(world.actor(who).user).get(world.at[state].get_absolute_url())
        assert not re.search(
            r'href="/projects/\d+/(pass-to-unit|pass-to-bureau|send-back|withdraw)/"', answer.content.decode()
        )


def test_people_of_other_units_see_no_banner(world, login):
    other = make.make_person(unit=make.make_unit())
    world.suspend()

    assert "已被科技局停用" not in text(login(other.user).get(reverse("portal")))


# Two at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_suspension_waits_for_a_decision_that_is_under_way():
    world = World()

    decided, suspended = overlapping(
        lambda: act(world, "agent", "pass-to-bureau", State.UNIT), lambda: suspend_at_once(world)
    )

    assert decided.proposal.state == State.BUREAU
    assert suspended.suspended_at > decided.step.at


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["the agent passes on", "the legal account saves", "the PI withdraws and begins"])
def test_whoever_comes_while_a_unit_is_being_suspended_is_refused(what):
    world = World()
    actor = world.actor("legal" if "legal" in what else "agent" if "agent" in what else "pi")
    world.actor = lambda who: actor
    second = {
        "the agent passes on": REFUSED["the agent passes on"],
        "the legal account saves": lambda w: save_unit(actor=actor, version=1, values={"contact_name": "新联系人"}),
        "the PI withdraws and begins": REFUSED["the PI begins another"],
    }[what]

    suspended, refused = overlapping(lambda: suspend_at_once(world), lambda: second(world))

    assert suspended.is_suspended
    assert isinstance(refused, NotNow)
    assert REASON in refused.message


@pytest.mark.django_db(transaction=True)
def test_two_agents_of_one_unit_never_wait_for_each_other_in_a_circle():
    world = World()

    def save(value):
        return lambda: save_unit(actor=world.actor("legal"), version=1, values={"contact_name": value})

    first, second = overlapping(save("甲联系人"), save("乙联系人"))

    assert isinstance(first, Unit)
    assert type(second).__name__ == "StaleUnit"


def suspend_at_once(world):
    return suspend_unit(actor=world.officer, unit=world.unit, reason=REASON)


def test_roles_stay_what_they_are(world):
    world.suspend()

    assert [world.actor(who).role for who in ("legal", "agent", "manager", "pi")] == [
        Role.LEGAL,
        Role.AGENT,
        Role.MANAGER,
        Role.PERSON,
    ]
