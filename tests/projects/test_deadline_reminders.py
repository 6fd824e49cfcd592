"""Reminders 72, 24 and 2 hours before a deadline: who is told, of what, and once only (B9)."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from croniter import croniter
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Notice
from orgs.services.suspension import suspend_unit
from projects.enums import State
from projects.models import DeadlineReminder, Proposal
from projects.services.reminders import due_reminders, remind_of_deadlines
from tests import factories as make
from tests.races import together

pytestmark = pytest.mark.django_db
H = timedelta(hours=1)
BEGAN = timedelta(days=30)


@pytest.fixture
def house():
    unit = make.make_unit("样例大学", departments=["软件学院"])
    unit.department = unit.made_departments[0]
    unit.agent, unit.manager = make.make_agent(unit), make.make_manager(unit.department)
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    now = timezone.now()
    unit.call = make.make_call(
        opens_at=now - 2 * BEGAN, closes_at=now + timedelta(days=10), review_closes_at=now + timedelta(days=15)
    )
    return unit


def old(proposal, **changes):
    """Began, or arrived, a month ago."""
    Proposal.objects.filter(pk=proposal.pk).update(**{"state_since": timezone.now() - BEGAN, **changes})
    return proposal


def told(now):
    return [(each.recipient, each.task, each.hours, len(each.rows)) for each in due_reminders(now)]


@pytest.mark.parametrize(
    ("left", "hours"),
    [
        (73 * H, None),
        (72 * H, 72),
        (25 * H, 72),
        (24 * H, 24),
        (2 * H + H / 60, 24),
        (2 * H, 2),
        (H / 60, 2),
        (0 * H, None),
    ],
)
def test_a_draft_is_told_of_at_each_of_the_three_hours(house, left, hours):
    old(make.make_proposal(house.pi, house.call))

    assert told(house.call.closes_at - left) == ([(house.pi.user, "submit", hours, 1)] if hours else [])


def test_reviewers_get_one_message_that_says_how_many_wait(house):
    for _ in range(3):
        old(make.make_proposal(house.pi, house.call, state=State.UNIT))
    old(make.make_proposal(house.pi, house.call, state=State.DEPARTMENT))

    found = told(house.call.review_closes_at - 20 * H)

    assert sorted((user.pk, *rest) for user, *rest in found) == sorted(
        [
            (house.account.pk, "review", 24, 3),
            (house.agent.pk, "review", 24, 3),
            (house.manager.pk, "review", 24, 1),
        ]
    )


@pytest.mark.parametrize("state", [State.BUREAU, State.ACCEPTED, State.DECLINED])
def test_what_is_past_the_unit_reminds_nobody(house, state):
    old(make.make_proposal(house.pi, house.call, state=state))

    assert told(house.call.review_closes_at - H) == told(house.call.closes_at - H) == []


def test_nobody_is_reminded_to_decide_about_themselves(house):
    make.approve_person(house.agent.person, house)
    old(make.make_proposal(house.agent.person, house.call, state=State.UNIT))

    assert [user for user, *_ in told(house.call.review_closes_at - H)] == [house.account]


def test_who_began_after_that_hour_is_told_at_the_next(house):
    draft = make.make_proposal(house.pi, house.call)
    closes = house.call.closes_at
    old(draft, state_since=closes - 30 * H)

    assert told(closes - 29 * H) == []
    assert told(closes - 24 * H) == [(house.pi.user, "submit", 24, 1)]


def test_the_time_that_holds_for_the_one_proposal_counts(house):
    now = house.call.review_closes_at
    later = now + 20 * H
    corrected = old(
        make.make_proposal(house.pi, house.call, returned_from=State.BUREAU, correction_due=later, submissions=1)
    )
    extended = old(make.make_proposal(house.pi, house.call, submit_until=later))

    assert told(house.call.closes_at - H) == []
    (found,) = due_reminders(now)
    assert (found.hours, found.due, {row.pk for row in found.rows}) == (24, later, {corrected.pk, extended.pk})


def test_a_suspended_unit_is_told_nothing_that_it_could_not_do(house):
    """Neither its PIs of their drafts nor its reviewers of what waits; another unit's are."""
    elsewhere = make.make_person(unit=make.make_unit())
    for state in (State.DRAFT, State.DEPARTMENT, State.UNIT):
        old(make.make_proposal(house.pi, house.call, state=state))
    old(make.make_proposal(elsewhere, house.call))
    near_both = house.call.review_closes_at - 2 * H
    Proposal.objects.update(submit_until=house.call.review_closes_at)
    before = {recipient for recipient, *_ in told(near_both)}

    suspend_unit(actor=make.actor_of(make.make_officer()), unit=house, reason="虚假材料")

    assert before == {house.pi.user, elsewhere.user, house.account, house.agent, house.manager}
    assert {recipient for recipient, *_ in told(near_both)} == {elsewhere.user}


def test_a_call_that_was_taken_back_reminds_nobody(house):
    old(make.make_proposal(house.pi, house.call))
    house.call.published = False
    house.call.save()

    assert told(house.call.closes_at - H) == []


def test_somebody_who_left_is_not_reminded(house):
    old(make.make_proposal(house.pi, house.call))
    house.pi.user.is_active = False
    house.pi.user.save()

    assert told(house.call.closes_at - H) == []


# Sent once -----------------------------------------------------------------------------------------------------------


def closing_in(house, left):
    house.call.closes_at = timezone.now() + left
    house.call.review_closes_at = timezone.now() + 15 * 24 * H
    house.call.save()
    return f"{timezone.localtime(house.call.closes_at):%Y-%m-%d %H:%M}"


def test_the_message_names_what_is_to_be_done_and_until_when(house):
    draft = old(make.make_proposal(house.pi, house.call))
    moment = closing_in(house, 20 * H)

    assert len(remind_of_deadlines()) == 1

    notice = Notice.objects.get()
    assert notice.recipient == house.pi.user
    assert notice.subject == f"还有 1 份申报书没有提交，{moment} 截止"
    assert notice.body == f"截止后不能再提交，请在此前提交：\n“{draft}”（{draft.number}）"
    assert notice.url == draft.get_absolute_url()
    reminder = DeadlineReminder.objects.get()
    assert (reminder.recipient, reminder.task, reminder.hours, reminder.count) == (house.pi.user, "submit", 24, 1)


def test_repeating_it_tells_nobody_twice_and_an_extension_counts_anew(house):
    old(make.make_proposal(house.pi, house.call))
    closing_in(house, 20 * H)

    assert [len(remind_of_deadlines()) for _ in range(3)] == [1, 0, 0]
    closing_in(house, 22 * H)
    assert [len(remind_of_deadlines()) for _ in range(2)] == [1, 0]
    assert Notice.objects.count() == 2


def test_what_is_done_meanwhile_is_not_told(house):
    draft = old(make.make_proposal(house.pi, house.call))
    closing_in(house, 20 * H)
    other = old(make.make_proposal(house.pi, house.call))
    Proposal.objects.filter(pk=other.pk).update(state=State.BUREAU, submission_count=1)

    (found,) = remind_of_deadlines()

    assert [row.pk for row in found.rows] == [draft.pk]


def test_a_dry_run_sends_nothing(house):
    old(make.make_proposal(house.pi, house.call))
    moment = closing_in(house, 20 * H)
    out = StringIO()

    call_command("send_reminders", "--dry-run", stdout=out)

    assert f"截止前提醒：将发送 1 个提醒\n  样例负责人：还有 1 份申报书没有提交，{moment} 截止\n" in out.getvalue()
    assert not Notice.objects.exists()
    assert not DeadlineReminder.objects.exists()


def test_the_worker_looks_every_quarter_of_an_hour(house):
    old(make.make_proposal(house.pi, house.call))
    closing_in(house, 20 * H)
    [periodic] = [
        each
        for each in app.periodic_registry.periodic_tasks.values()
        if each.task.name == "projects.remind_of_deadlines"
    ]
    start = datetime(2026, 11, 22, 12, 1, tzinfo=UTC).timestamp()

    app.tasks["projects.remind_of_deadlines"](timestamp=0)

    assert croniter(periodic.cron).get_next(float, start_time=start) - start == 14 * 60
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_two_workers_at_once_tell_it_once(house, _round):
    for _ in range(5):
        old(make.make_proposal(make.make_person(unit=house, department=house.department), house.call))
    closing_in(house, 20 * H)

    answers = together(remind_of_deadlines, remind_of_deadlines, remind_of_deadlines)

    assert sorted(map(len, answers)) == [0, 0, 5]
    assert Notice.objects.count() == 5


def test_the_database_refuses_a_second_line(house):
    line = {"recipient": house.account, "task": "review", "due": house.call.closes_at, "hours": 24, "count": 1}
    DeadlineReminder.objects.create(**line, sent_at=timezone.now())

    with pytest.raises(IntegrityError, match="one_reminder_a_deadline"), transaction.atomic():
        DeadlineReminder.objects.create(**line, sent_at=timezone.now())


def test_it_takes_the_same_queries_for_one_and_for_many(house, django_assert_num_queries):
    now = house.call.review_closes_at - H
    old(make.make_proposal(house.pi, house.call, state=State.UNIT))
    with django_assert_num_queries(6):
        due_reminders(now)
    for _ in range(24):
        old(make.make_proposal(house.pi, house.call, state=State.UNIT))
    with django_assert_num_queries(6):
        due_reminders(now)
