"""Many 申报书 decided at once: all or nothing, and every row is accounted for."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent, Notice
from orgs.services.grants import end_grant
from projects import notices
from projects.enums import State, Tab
from projects.models import Proposal, Step
from projects.services import batch
from projects.services.batch import examine, perform_many
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.jobs import run_jobs
from tests.projects.batches import many, nothing_queued, picture, singly, told, tried, waiting
from tests.projects.test_perform import REASON, proposal_in, world
from zhgg.kit.errors import NotNow

__all__ = ["nothing_queued", "world"]

pytestmark = pytest.mark.django_db


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
