"""Many 申报书 decided at once: the same as one by one, all or nothing, and every row is accounted for."""

import functools
import io
import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from accounts.models import AuditEvent, Notice
from orgs.services.grants import end_grant
from projects import notices, rules
from projects.enums import State, Tab
from projects.models import Call, Proposal, Step
from projects.services import batch
from projects.services.batch import BATCH_ACTIONS, READ_BY_RULES, examine, perform_many
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.jobs import empty_queue, run_jobs
from tests.projects.pages import text_of
from tests.projects.test_perform import ACTS_AS, REASON, SEES, proposal_in, world
from zhgg.kit.errors import NotNow, Refusal

__all__ = ["world"]

pytestmark = pytest.mark.django_db
REVIEWING = sorted({action.key for actions in BATCH_ACTIONS.values() for action in actions})


@pytest.fixture(autouse=True)
def nothing_queued(db):
    empty_queue()


def many(user, key, *proposals, reason=None, seen=None):
    """Decide about them as that user, as last seen; `{id: Result}`."""
    action = ACTIONS[key]
    return perform_many(
        action=action,
        seen=seen or {proposal.pk: proposal.step_count for proposal in proposals},
        actor=make.actor_of(user),
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )


def waiting(world, number, state=State.UNIT, **fields):
    return [proposal_in(world, state, title=f"第 {each} 份", **fields) for each in range(number)]


# The same as one by one ----------------------------------------------------------------------------------------------


def told():
    """The messages, when the worker has seen to those of the batches."""
    run_jobs("projects.tell_of_batch")
    return Notice.objects.all()


def picture():
    """Everything that a decision leaves behind, but the moments: those only whether they are the same."""
    proposals = []
    for row in Proposal.objects.order_by("pk").values():
        row["moved_now"] = row["state_since"] == row["updated_at"]
        proposals.append({name: value for name, value in row.items() if name not in ("state_since", "updated_at")})
    return {
        "proposals": proposals,
        "steps": [
            {name: value for name, value in row.items() if name not in ("id", "at")}
            for row in Step.objects.order_by("proposal", "number").values()
        ],
        "audit": [
            {name: value for name, value in row.items() if name not in ("id", "at")}
            for row in AuditEvent.objects.order_by("object_id", "pk").values()
        ],
        "notices": sorted(told().values_list("recipient", "subject", "body", "url", "read_at")),
    }


def tried(act):
    """`(answer, picture)` of an attempt that is undone afterwards."""
    savepoint = transaction.savepoint()
    try:
        answer = act()
    except Http404:
        answer = None
    except Refusal as refusal:
        answer = (False, refusal.message)
    found = answer, picture()
    transaction.savepoint_rollback(savepoint)
    return found


def singly(proposal, key, actor, seen_step=None, reason=None):
    action = ACTIONS[key]
    perform(
        action=action,
        proposal_id=proposal.pk,
        actor=actor,
        seen_step=proposal.step_count if seen_step is None else seen_step,
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )
    return (True, "")


def at_once(proposal, key, actor, seen_step=None, reason=None):
    action = ACTIONS[key]
    results = perform_many(
        action=action,
        seen={proposal.pk: proposal.step_count if seen_step is None else seen_step},
        actor=actor,
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )
    return next(((result.done, result.reason) for result in results.values()), None)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", list(SEES))
def test_a_batch_comes_to_what_single_decisions_come_to(world, who, state):
    user = world[who]
    proposal = proposal_in(world, state, pi=user if who in ACTS_AS else None)
    actor = make.actor_of(user)
    if who == "officer without the group":
        user.groups.clear()
        actor = make.actor_for(user)

    for key in REVIEWING:
        given = proposal, key, actor
        assert tried(functools.partial(at_once, *given)) == tried(functools.partial(singly, *given)), key


@pytest.mark.parametrize("late", ["call", "correction", "both", "extended", "extended too little"])
@pytest.mark.parametrize(
    ("who", "state"), [("manager", State.DEPARTMENT), ("legal", State.UNIT), ("bureau", State.BUREAU)]
)
def test_deadlines_hold_for_a_batch_as_they_do_for_one(world, who, state, late):
    now = timezone.now()
    if late != "correction":
        world["call"].closes_at, world["call"].review_closes_at = now - timedelta(days=2), now - timedelta(days=1)
        world["call"].save()
    times = {
        "call": {},
        "correction": {"correction_due": now - timedelta(hours=1)},
        "both": {"correction_due": now + timedelta(hours=1)},
        "extended": {"review_until": now + timedelta(hours=1)},
        "extended too little": {"review_until": now - timedelta(hours=1)},
    }
    proposal = proposal_in(world, state, **times[late])
    actor = make.actor_of(world[who])

    for key in REVIEWING:
        given = proposal, key, actor
        assert tried(functools.partial(at_once, *given)) == tried(functools.partial(singly, *given)), key


@pytest.mark.parametrize("first", REVIEWING)
@pytest.mark.parametrize("reason", [REASON, "另一个原因"])
def test_what_comes_too_late_is_told_the_same_by_a_batch(world, first, reason):
    who, state = {
        "pass-to-unit": ("manager", State.DEPARTMENT),
        "pass-to-bureau": ("legal", State.UNIT),
    }.get(first, ("bureau", State.BUREAU))
    proposal = proposal_in(world, state)
    singly(proposal, first, make.actor_of(world[who]), reason=REASON if ACTIONS[first].needs_reason else "")

    for viewer in ("manager", "legal", "agent", "bureau", "another unit"):
        for key, seen_step in itertools.product(REVIEWING, (1, 0, 7)):
            given = {"seen_step": seen_step, "reason": reason if ACTIONS[key].needs_reason else ""}
            given |= {"proposal": proposal, "key": key, "actor": make.actor_of(world[viewer])}
            assert tried(functools.partial(at_once, **given)) == tried(functools.partial(singly, **given)), given


def test_a_second_officer_is_told_by_a_batch_too_what_the_first_one_did(world):
    proposal = proposal_in(world, State.BUREAU)
    singly(proposal, "send-back", make.actor_of(world["bureau"]))

    [result] = many(make.make_officer(), "accept", proposal).values()

    assert not result.done
    assert result.reason.startswith(f"{world['bureau']}（科技局）已办理：退回。")
    assert "未提交" not in result.reason


@pytest.mark.parametrize("key", ["submit", "withdraw"])
def test_what_the_pi_does_is_no_batch(world, key):
    with pytest.raises(ValueError, match="one 申报书 at a time"):
        many(world["pi"], key, proposal_in(world, State.UNIT))
    with pytest.raises(ValueError, match="one 申报书 at a time"):
        examine(action=ACTIONS[key], seen={}, actor=make.actor_of(world["pi"]))


class Reading:
    """An 申报书 that notes what is read of it."""

    def __init__(self, proposal):
        self.proposal, self.read = proposal, set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self.proposal, name)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", ["manager", "legal", "agent", "bureau", "own manager", "own agent"])
def test_rows_of_one_kind_differ_in_nothing_that_the_rules_read(world, who, state):
    user = world[who]
    proposal = Reading(proposal_in(world, state, pi=user if who in ACTS_AS else None))

    for key in REVIEWING:
        rules.may(ACTIONS[key], make.actor_of(user), proposal, timezone.now())

    assert proposal.read <= {*READ_BY_RULES, "call", "get_state_display"}


# Many ----------------------------------------------------------------------------------------------------------------


def test_a_mixed_batch_does_what_can_be_done_and_names_the_rest(world):
    agent = world["agent"]
    make.approve_person(agent.person, world["unit"], world["department"])
    now = timezone.now()
    late = make.make_call("已过期", closes_at=now - timedelta(days=2), review_closes_at=now - timedelta(days=1))
    fine, returned, elsewhere = waiting(world, 3)
    expired = make.make_proposal(world["pi"].person, late, state=State.UNIT)
    early = proposal_in(world, State.DEPARTMENT)
    own = make.make_proposal(agent.person, world["call"], state=State.UNIT)
    foreign = make.make_proposal(make.make_person(unit=make.make_unit()), world["call"], state=State.UNIT)
    singly(returned, "send-back", make.actor_of(world["legal"]))

    results = many(agent, "pass-to-bureau", fine, returned, elsewhere, expired, early, own, foreign)

    assert {pk for pk, result in results.items() if result.done} == {fine.pk, elsewhere.pk}
    reasons = {pk: result.reason for pk, result in results.items() if not result.done}
    assert reasons.pop(returned.pk).startswith(f"{world['legal']}（法人单位）已办理：退回。申报书现在是“未提交”。")
    assert reasons.pop(expired.pk).startswith("单位审核已于 ")
    assert reasons == {
        early.pk: "申报书现在是“部门审核”，不能办理【提交至科技局】。",
        own.pk: "这是您本人负责的申报书，不能由您本人审核。",
    }
    states = {each.pk: Proposal.objects.get(pk=each.pk).state for each in (fine, returned, own, foreign)}
    assert list(states.values()) == [State.BUREAU, State.DRAFT, State.UNIT, State.UNIT]


def test_the_same_batch_sent_twice_acts_once_and_says_so(world):
    proposals = waiting(world, 3)

    first, second = (many(world["legal"], "pass-to-bureau", *proposals) for _ in range(2))

    assert [(result.done, result.repeated) for result in first.values()] == [(True, False)] * 3
    assert [(result.done, result.repeated) for result in second.values()] == [(True, True)] * 3
    assert Step.objects.filter(action="pass-to-bureau").count() == 3
    assert (AuditEvent.objects.filter(action="decision").count(), told().count()) == (3, 1)


def test_an_officer_who_sends_back_twice_hears_twice_that_it_is_done(world):
    proposals = waiting(world, 2, State.BUREAU)

    first, second = (many(world["bureau"], "send-back", *proposals) for _ in range(2))

    assert [(result.done, result.repeated) for result in [*first.values(), *second.values()]] == [
        (True, False),
        (True, False),
        (True, True),
        (True, True),
    ]


def test_a_correction_date_of_the_bureau_holds_for_all(world):
    due = timezone.now() + timedelta(days=9)
    proposals = waiting(world, 2, State.BUREAU)

    perform_many(
        action=ACTIONS["send-back"],
        seen={proposal.pk: 1 for proposal in proposals},
        actor=make.actor_of(world["bureau"]),
        reason=REASON,
        correction_due=due,
    )

    assert set(Proposal.objects.values_list("correction_due", "return_reason", "returned_from")) == {
        (due, REASON, State.BUREAU)
    }


def test_a_return_of_many_points_to_the_tabs_that_each_call_asks_for(world):
    """As single decisions do, in the order of the tabs."""
    calls = make.make_call("三页", tabs=[Tab.BUDGET, Tab.TARGETS]), make.make_call("两页", tabs=[Tab.TARGETS])
    proposals = [make.make_proposal(world["pi"].person, call, state=State.UNIT) for call in calls]
    asked = {"action": ACTIONS["send-back"], "actor": make.actor_of(world["legal"]), "reason": REASON}
    asked["tabs"] = [Tab.BASICS, Tab.TARGETS, Tab.BUDGET]

    def one_by_one():
        for each in proposals:
            perform(proposal_id=each.pk, seen_step=1, **asked)

    at_once = tried(lambda: perform_many(seen=dict.fromkeys((each.pk for each in proposals), 1), **asked))[1]

    assert [row["return_tabs"] for row in at_once["proposals"]] == [asked["tabs"], [Tab.BASICS, Tab.TARGETS]]
    assert [row["tabs"] for row in at_once["steps"]] == [[], asked["tabs"], [], [Tab.BASICS, Tab.TARGETS]]
    single = tried(one_by_one)[1]
    for part in ("proposals", "steps"):
        assert at_once[part] == single[part]


def test_everybody_hears_of_a_batch_once(world):
    colleague = make.make_person("同样例", unit=world["unit"], department=world["department"])
    several = waiting(world, 3, State.BUREAU)
    one = make.make_proposal(colleague, world["call"], state=State.BUREAU, title="只有一份")

    many(world["bureau"], "accept", *several, one)

    assert told().count() == 4
    heard = {notice.recipient_id: notice for notice in told()}
    assert set(heard) == {world["pi"].pk, colleague.pk, world["legal"].pk, world["agent"].pk}
    mine = heard[world["pi"].pk]
    assert (mine.subject, mine.url) == ("3 份申报书：受理", "/my/")
    assert mine.body.startswith(f"3 份申报书由{world['bureau']}办理：受理，现在是“已受理”。\n“第 0 份”（TEST-")
    assert heard[colleague.pk].subject == "只有一份：受理"
    assert heard[colleague.pk].url == f"/projects/{one.pk}/"
    assert (heard[world["agent"].pk].subject, heard[world["agent"].pk].url) == (
        "4 份申报书：受理",
        "/projects/?state=accepted",
    )


def test_the_mails_of_a_batch_are_queued_later_one_a_person_with_an_address(world):
    mute = make.make_person("无邮箱", unit=world["unit"], department=world["department"])
    make.User.objects.filter(pk=mute.pk).update(email="")
    make.make_proposal(mute, world["call"], state=State.BUREAU)
    own = waiting(world, 2, State.BUREAU)

    many(world["bureau"], "accept", *own, Proposal.objects.get(pi=mute))
    assert told().count() == 4
    run_jobs("accounts.queue_mails")

    mails = ProcrastinateJob.objects.filter(task_name="accounts.send_mail")
    assert sorted(mail.args["recipient_id"] for mail in mails) == sorted(
        world[who].pk for who in ("pi", "legal", "agent")
    )
    assert [len(mail.args["notice_ids"]) for mail in mails] == [1, 1, 1]


def test_a_message_about_many_names_twenty(world):
    many(world["legal"], "send-back", *waiting(world, 23))

    body = told().get().body
    assert body.count("（TEST-") == notices.NAMED == 20
    assert f"原因：{REASON}\n" in body
    assert body.endswith("\n等 23 份。")


def test_a_job_that_runs_again_tells_only_whom_it_has_not_told(world):
    colleague = make.make_person("同样例", unit=world["unit"], department=world["department"])
    other = make.make_proposal(colleague, world["call"], state=State.UNIT)
    many(world["legal"], "pass-to-bureau", *waiting(world, 2), other)
    assert told().count() == 2
    Notice.objects.filter(recipient=colleague.user).delete()

    assert {notice.recipient_id: notice.subject[:5] for notice in told()} == {
        world["pi"].pk: "2 份申报",
        colleague.pk: str(other)[:5],
    }


def test_a_batch_fails_as_a_whole(world, monkeypatch):
    proposals = waiting(world, 3)
    monkeypatch.setattr(batch.audit, "record_selected", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        many(world["legal"], "pass-to-bureau", *proposals)

    assert set(Proposal.objects.values_list("state", "step_count")) == {(State.UNIT, 1)}
    assert (Step.objects.count(), AuditEvent.objects.filter(action="decision").count()) == (3, 0)


def test_an_ended_grant_decides_nothing(world):
    proposals = waiting(world, 2)
    actor = make.actor_of(world["agent"])
    end_grant(actor=make.actor_of(world["legal"]), grant=make.Grant.objects.get(pk=actor.grant_id))

    with pytest.raises(NotNow, match="的授权已经结束"):
        perform_many(action=ACTIONS["pass-to-bureau"], seen={each.pk: 1 for each in proposals}, actor=actor)

    assert set(Proposal.objects.values_list("state", flat=True)) == {State.UNIT}


@pytest.mark.parametrize("change", [{"step_count": 2}, {"state": State.DRAFT}])
def test_a_row_that_moved_under_the_lock_stops_the_batch(world, monkeypatch, change):
    """The statement that writes looks at state and step once more; it can only differ when a lock was forgotten."""
    proposals = waiting(world, 2)
    judged = batch._judge

    def judge(*args, **options):
        found = judged(*args, **options)
        Proposal.objects.filter(pk=proposals[1].pk).update(**change)
        return found

    monkeypatch.setattr(batch, "_judge", judge)

    with pytest.raises(RuntimeError, match="changed under its lock"), transaction.atomic():
        many(world["legal"], "pass-to-bureau", *proposals)


@pytest.mark.parametrize(
    ("who", "key", "state"), [("legal", "send-back", State.UNIT), ("bureau", "accept", State.BUREAU)]
)
def test_as_many_statements_for_twenty_as_for_two(world, who, key, state):
    def statements(proposals):
        with CaptureQueriesContext(connection) as queries:
            many(world[who], key, *proposals)
        return len(queries)

    assert statements(waiting(world, 2, state)) == statements(waiting(world, 20, state))


def test_what_would_happen_is_said_before_and_nothing_is_changed(world):
    fine, early = proposal_in(world, State.UNIT), proposal_in(world, State.DEPARTMENT)
    before = picture()

    results = examine(
        action=ACTIONS["pass-to-bureau"], seen={fine.pk: 1, early.pk: 1, 999: 1}, actor=make.actor_of(world["legal"])
    )

    assert {pk: result.done for pk, result in results.items()} == {fine.pk: True, early.pk: False}
    assert picture() == before


# The pages -----------------------------------------------------------------------------------------------------------

BATCH, LIST = "/projects/batch/", "/projects/"


def ticks(*proposals):
    return [f"{proposal.pk}-{proposal.step_count}" for proposal in proposals]


def form_of(question, action):
    """What the question's form sends with that button, with nothing filled in."""
    names = {"selection": question.context["selection"], "list": question.context["list_query"]}
    return {"action": action, "reason": "", **names}


@pytest.mark.parametrize(
    ("who", "state", "key", "target", "words"),
    [
        ("legal", State.UNIT, "pass-to-bureau", State.BUREAU, "提交至科技局（2 项） 退回"),
        ("agent", State.UNIT, "pass-to-bureau", State.BUREAU, "提交至科技局（2 项） 退回"),
        ("manager", State.DEPARTMENT, "pass-to-unit", State.UNIT, "项目申报审核（单位）（2 项） 退回"),
        ("bureau", State.BUREAU, "accept", State.ACCEPTED, "受理（2 项） 退回 不予受理"),
    ],
)
def test_ticked_rows_are_asked_about_and_then_decided(world, login, who, state, key, target, words):
    one, two, _other = waiting(world, 3, state)
    client = login(world[who])

    question = client.post(BATCH, {"id": ticks(one, two), "list": "q=第"})
    before = {each.state for each in Proposal.objects.all()}
    result = client.post(BATCH, form_of(question, key))

    assert "已选 2 项，其中 2 项可以办理。" in text_of(question)
    assert words in text_of(question)
    assert before == {state}
    assert [Proposal.objects.get(pk=each.pk).state for each in (one, two, _other)] == [target, target, state]
    assert f"2 项{ACTIONS[key].summary}。" in text_of(result)
    assert f'href="{LIST}?q=%E7%AC%AC"' in result.content.decode()


def test_all_of_a_list_means_what_waits_there_and_nothing_that_comes_later(world, login):
    proposals = waiting(world, 25)
    client = login(world["legal"])
    listed = client.get(LIST, {"q": "第 1"})
    assert "全部 11 项等您办理的 （符合查询条件的）" in text_of(listed).replace("的（", "的 （")

    question = client.post(BATCH, {"all": listed.context["token"], "list": "q=第 1"})
    late = proposal_in(world, State.UNIT, title="第 1 份，后到")
    singly(proposals[10], "send-back", make.actor_of(world["agent"]))
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    assert (question.context["chosen"], question.context["possible"]) == (11, 11)
    assert "10 项提交至科技局，1 项没有办理。" in text_of(result)
    assert f"{world['agent']}（法人单位授权人）已办理：退回。" in text_of(result)
    assert Proposal.objects.get(pk=late.pk).state == State.UNIT
    assert Proposal.objects.filter(state=State.BUREAU).count() == 10


def test_what_has_changed_since_the_list_was_shown_is_named_before_and_after(world, login):
    unit = make.make_unit()
    pi = make.make_person(unit=unit)
    one = make.make_proposal(
        pi, make.make_call("另一批次"), state=State.UNIT, basics={"title": "类器官芯片药物筛选平台"}
    )
    two = make.make_proposal(pi, world["call"], state=State.UNIT)
    agent = make.make_agent(unit)
    singly(two, "send-back", make.actor_of(agent))
    singly(Proposal.objects.get(pk=two.pk), "submit", make.actor_of(pi.user))
    client = login(unit.account)

    question = client.post(BATCH, {"id": ticks(one, two)})
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    for page in (question, result):
        assert f"{pi.name}（项目负责人）已办理：提交。申报书现在是“单位审核”。" in text_of(page)
    assert [Proposal.objects.get(pk=each.pk).state for each in (one, two)] == [State.BUREAU, State.UNIT]


def test_foreign_and_unknown_numbers_are_counted_and_not_revealed(world, login):
    fine = proposal_in(world, State.UNIT)
    foreign = make.make_proposal(
        make.make_person("别家人", unit=make.make_unit()), world["call"], state=State.UNIT, title="别家的题目"
    )

    question = login(world["legal"]).post(BATCH, {"id": [*ticks(fine, foreign), "999999-1"]})

    assert "已选 3 项，其中 1 项可以办理，2 项不能。" in text_of(question)
    assert "2 项不在您的列表中，没有办理。" in text_of(question)
    assert "别家" not in text_of(question)


@pytest.mark.parametrize(
    ("reason", "sentence"), [("", "请填写"), ("否", "至少 2 字，现在只有 1 字，请补充"), ("a\0b", "第 2 个字")]
)
@pytest.mark.parametrize(
    ("who", "state", "key"), [("legal", State.UNIT, "send-back"), ("bureau", State.BUREAU, "decline")]
)
def test_a_refusal_of_many_needs_a_reason_that_goes_to_all(world, login, who, state, key, reason, sentence):
    proposals = waiting(world, 2, state)
    client = login(world[who])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    due = {"correction_due": "2098-01-02"} if who == "bureau" else {}

    answer = client.post(BATCH, {**form_of(question, key), **due, "reason": reason})
    untouched = set(Proposal.objects.values_list("state", flat=True))
    done = client.post(BATCH, {**form_of(answer, key), **due, "reason": REASON})

    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"][0].startswith(sentence)
    assert answer.context["form"]["reason"].value() == reason
    assert untouched == {state}
    assert f"2 项{ACTIONS[key].summary}。" in text_of(done)
    assert set(Step.objects.filter(number=2).values_list("reason", flat=True)) == {REASON}


@pytest.mark.parametrize(
    ("who", "state", "key", "tabs"),
    [
        ("legal", State.UNIT, "send-back", [Tab.TARGETS, Tab.BUDGET]),
        ("bureau", State.BUREAU, "send-back", [Tab.TARGETS, Tab.BUDGET]),
        ("bureau", State.BUREAU, "decline", []),
    ],
)
def test_reasons_can_be_ticked_for_many_as_for_one(world, login, who, state, key, tabs):
    Call.objects.update(tabs=[Tab.TARGETS, Tab.BUDGET])
    proposals = waiting(world, 2, state)
    client = login(world[who])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    filled = {"templates": ["A07", "A05"], "inserted": ["A05"], "reason": "指标不可量化"}
    due = {"correction_due": "2098-01-02"} if who == "bureau" else {}

    unknown = client.post(BATCH, {**form_of(question, key), **filled, **due, "templates": ["P01"]})
    broken = client.post(BATCH, {**form_of(question, key), **filled, **due, "templates": ["A99"], "reason": ""})
    client.post(BATCH, {**form_of(broken, key), **filled, **due})

    assert "预算不合规或合计不符" in text_of(question)
    assert "data-reasons" in question.content.decode()
    assert list(unknown.context["form"].errors) == ["templates"]
    assert unknown.context["form"]["reason"].value() == "指标不可量化"
    assert broken.context["form"].errors == {"reason": ["勾选了“其他”，请填写原因"]}
    assert broken.content.decode().count(" checked") == 1
    assert broken.context["form"]["inserted"].value() == ["A05"]
    assert 'name="inserted" value="A05"' in broken.content.decode()
    written = Step.objects.filter(number=2).values_list("reason", "tabs")
    assert list(written) == [("预算不合规或合计不符\n指标不可量化", tabs)] * 2


def test_what_is_ticked_means_nothing_to_a_button_that_asks_for_no_reason(world, login):
    question = (client := login(world["legal"])).post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    client.post(BATCH, {**form_of(question, "pass-to-bureau"), "templates": ["A07", "x"]})

    step = Step.objects.get(number=2)
    assert (step.target, step.reason, step.tabs) == (State.BUREAU, "", [])


def test_the_bureau_sets_one_date_for_all_that_it_returns(world, login):
    proposals = waiting(world, 2, State.BUREAU)
    client = login(world["bureau"])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    form = {**form_of(question, "send-back"), "reason": REASON}

    missing = client.post(BATCH, form)
    past = client.post(BATCH, {**form, "correction_due": "2020-01-01"})
    client.post(BATCH, {**form, "correction_due": "2098-01-02"})

    assert question.context["form"]["correction_due"].value() is not None
    assert list(missing.context["form"].errors) == list(past.context["form"].errors) == ["correction_due"]
    dues = {timezone.localtime(each.correction_due).strftime("%F %T") for each in Proposal.objects.all()}
    assert dues == {"2098-01-02 17:00:00"}


def test_going_on_asks_for_neither_reason_nor_date(world, login):
    proposal = proposal_in(world, State.BUREAU)
    client = login(world["bureau"])
    question = client.post(BATCH, {"id": ticks(proposal)})

    client.post(BATCH, {**form_of(question, "accept"), "reason": "x", "correction_due": "nonsense"})

    step = Step.objects.get(number=2)
    assert (step.target, step.reason) == (State.ACCEPTED, "")


def test_the_same_answer_sent_again_changes_nothing_and_says_so(world, login):
    proposals = waiting(world, 2)
    client = login(world["legal"])
    form = form_of(client.post(BATCH, {"id": ticks(*proposals)}), "pass-to-bureau")

    client.post(BATCH, form)
    again = text_of(client.post(BATCH, form))

    assert "2 项提交至科技局。 其中 2 项您已办理过，没有重复办理。" in again
    assert Step.objects.filter(number=2).count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"id": ["x", "-1", "1", "1-", "-", "9" * 40 + "-1", "1-" + "9" * 40, "1-9999999999", "١-1", "1-1-1", "\0"]},
        {"all": "x"},
        {"all": "\0"},
        {"selection": "x"},
        {"selection": ""},
        {"selection": ["a", "b"]},
    ],
    ids=str,
)
def test_nothing_chosen_or_a_broken_form_leads_back_to_the_list(sent, world, login):
    proposal_in(world, State.UNIT)

    answer = login(world["legal"]).post(BATCH, {"action": "pass-to-bureau", **sent}, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "没有选中等您办理的项目，请勾选后再办理。" in text_of(answer)
    assert Step.objects.count() == 1


def test_what_was_signed_for_one_is_nothing_to_another(world, login):
    question = login(world["legal"]).post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    answer = login(world["agent"]).post(BATCH, form_of(question, "pass-to-bureau"))

    assert (answer.status_code, answer["Location"], Step.objects.count()) == (302, LIST, 1)


@pytest.mark.parametrize("action", ["", "frob", "submit", "withdraw", "accept", "pass-to-unit"])
def test_an_action_of_somebody_else_is_not_found(action, world, login):
    client = login(world["legal"])
    question = client.post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    assert client.post(BATCH, form_of(question, action)).status_code == 404


def test_who_decides_nothing_has_no_batch(world, login):
    proposal = proposal_in(world, State.UNIT)

    assert login(world["pi"]).post(BATCH, {"id": ticks(proposal)}).status_code == 404


def test_only_what_the_viewer_may_decide_has_a_checkbox(world, login):
    mine = proposal_in(world, State.UNIT)
    make.approve_person(world["agent"].person, world["unit"], world["department"])
    make.make_proposal(world["agent"].person, world["call"], state=State.UNIT)
    proposal_in(world, State.BUREAU)
    client = login(world["agent"])

    page = client.get(LIST).content.decode()
    others = client.get(LIST, {"state": "bureau"}).content.decode()

    assert page.count('class="row-check"') == 1
    assert f'name="id" value="{mine.pk}-1" form="batch"' in page
    assert "checkbox" not in others
    assert 'class="batchbar"' not in others


def test_the_result_is_there_as_a_workbook_too(world, login):
    one, two = waiting(world, 2)
    client = login(world["legal"])
    question = client.post(BATCH, {"id": ticks(one, two)})
    singly(two, "send-back", make.actor_of(world["agent"]))
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    answer = client.post("/projects/batch/result/", {"result": result.context["result"]})

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = workbook.get_sheet_by_index(0).to_python()
    assert "查询条件：提交至科技局于 2" in sheet[0][0]
    event = AuditEvent.objects.get(action="export")
    assert (event.object_label, event.detail["rows"]) == ("批量提交至科技局结果", 2)
    body = [row for row in sheet if row[0] in (one.number, two.number)]
    assert [(row[1], row[6]) for row in body] == [("第 0 份", "已办理"), ("第 1 份", "没有办理")]
    assert body[1][7].startswith(f"{world['agent']}（法人单位授权人）已办理：退回。")


@pytest.mark.parametrize("token", ["", "x", "\0"])
def test_a_broken_workbook_token_leads_to_the_list(world, login, token):
    answer = login(world["legal"]).post("/projects/batch/result/", {"result": token})

    assert (answer.status_code, answer["Location"]) == (302, LIST)


def test_the_question_and_the_result_take_as_many_queries_for_20_as_for_2(world, login):
    client = login(world["legal"])

    def queries(proposals):
        with CaptureQueriesContext(connection) as captured:
            question = client.post(BATCH, {"id": ticks(*proposals)})
            client.post(BATCH, form_of(question, "pass-to-bureau"))
        return len(captured)

    assert queries(waiting(world, 2)) == queries(waiting(world, 20))


def test_too_many_ticks_are_answered_with_a_sentence(world, login):
    answer = login(world["legal"]).post(BATCH, {"id": [f"{number}-1" for number in range(12_001)]})

    assert answer.status_code == 413
    assert "一次最多勾选 10,000 行，这次没有办理。" in text_of(answer)
