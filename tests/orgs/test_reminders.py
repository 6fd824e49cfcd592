"""Units are reminded of 二级单位 at which something waits although nobody there can decide (B4, workflows 个人信息)."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from croniter import croniter
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Notice
from orgs.models import Grant, Reminder
from orgs.services.reminders import remind_of_idle_departments
from orgs.services.suspension import resume_unit, suspend_unit
from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from projects import daily
from projects.enums import State
from tests import factories as make
from tests.orgs.pages import text
from tests.races import together

pytestmark = pytest.mark.django_db

# Monday to Thursday without a holiday between them, and the minute in which the third working day is over.
MONDAY = timezone.make_aware(datetime(2026, 11, 16, 10))
DUE = timezone.make_aware(datetime(2026, 11, 19, 17))
SOON = timedelta(minutes=1)


@pytest.fixture
def unit():
    return make.make_unit("重庆样例大学（虚构）", departments=["软件研究所"])


@pytest.fixture
def department(unit):
    return unit.made_departments[0]


@pytest.fixture
def at(monkeypatch):
    """`at(moment)`: remind as if it were then."""

    def remind(moment, **options):
        monkeypatch.setattr("orgs.services.reminders.database_now", lambda: moment)
        return remind_of_idle_departments(**options)

    return remind


def wait(department, since=MONDAY, name=None, **options):
    """A 个人信息 that waits at the 二级单位 since then."""
    request = make.make_request(make.make_person(name), department.unit, department, **options)
    ReviewRequest.objects.filter(pk=request.pk).update(submitted_at=since)
    return request


def end_manager(department, when):
    """Somebody who can log in was its manager until then."""
    user = make.make_manager(department)
    Grant.objects.filter(holder_digest=user.identity_digest).update(
        started_at=when - timedelta(days=9), ended_at=when, ended_by=department.unit.account
    )


def promise_manager(department, name="样例未登录"):
    """Somebody has the grant and has never logged in."""
    number = make.id_number()
    make.make_manager(department, user=make.make_user(name, id_number=number))
    grant = Grant.objects.current().get(department=department)
    Grant.objects.filter(pk=grant.pk).update(holder_digest="0" * 63 + "1")


def test_the_legal_account_and_the_agent_are_told_how_many_wait_and_since_when(unit, department, at):
    agent = make.make_agent(unit)
    wait(department)
    wait(department, MONDAY + timedelta(days=1))
    pi = make.make_person(unit=unit, department=department)
    make.make_proposal(pi, state=State.DEPARTMENT, state_since=MONDAY + timedelta(days=1))
    bystander = make.make_unit()
    jobs_before = set(ProcrastinateJob.objects.values_list("pk", flat=True))

    [sent] = at(DUE)

    assert str(sent) == ("重庆样例大学（虚构）“软件研究所”：个人信息 2 份，申报书 1 份，自 2026-11-16 起无人审核")
    assert {notice.recipient for notice in Notice.objects.all()} == {unit.account, agent}
    notice = Notice.objects.get(recipient=unit.account)
    assert notice.subject == "“软件研究所”有 3 份待审核，没有人能办理"
    assert notice.body == (
        "二级单位“软件研究所”没有管理人员。自 2026-11-16 起，个人信息 2 份，申报书 1 份等待审核，已超过 3 个工作日。"
        "请设置一名管理人员；设置后，等待审核的都由新的管理人员办理。"
    )
    assert notice.url == reverse("department", args=[department.pk])
    mails = ProcrastinateJob.objects.filter(task_name="accounts.send_mail").exclude(pk__in=jobs_before)
    assert {job.args["recipient_id"] for job in mails} == {unit.account.pk, agent.pk}
    reminder = Reminder.objects.get()
    assert (reminder.number, reminder.waiting, reminder.waiting_since, reminder.sent_at) == (1, 3, MONDAY, DUE)
    assert not Notice.objects.filter(recipient=bystander.account).exists()


def test_a_manager_who_never_logged_in_is_named(department, at):
    promise_manager(department, "样例未登录")
    wait(department)
    at(DUE)
    assert Notice.objects.get().body.startswith(
        "二级单位“软件研究所”的管理人员样例未登录尚未登录过。自 2026-11-16 起，"
    )


@pytest.mark.parametrize(("moment", "told"), [(DUE - SOON, 0), (DUE, 1)])
def test_the_third_working_day_has_to_be_over(department, at, moment, told):
    wait(department)
    assert len(at(moment)) == told


@pytest.mark.parametrize(("moment", "told"), [(DUE, 0), (DUE + timedelta(days=1), 1)])
def test_the_days_begin_with_the_end_of_the_last_manager_where_that_is_later(department, at, moment, told):
    end_manager(department, MONDAY - timedelta(days=40))
    end_manager(department, MONDAY + timedelta(days=1))
    wait(department)
    assert len(at(moment)) == told


def test_the_days_begin_with_the_submission_where_that_is_later(department, at):
    end_manager(department, MONDAY - timedelta(days=1))
    wait(department)
    assert at(DUE - SOON) == []
    assert len(at(DUE)) == 1


def test_where_somebody_can_decide_or_nothing_waits_nobody_is_reminded(unit, department, at):
    make.make_manager(department)
    wait(department)
    empty = make.make_department(unit, "空的研究所")
    wait(empty, state=ReviewState.APPROVED)
    ended = make.make_department(unit, "已删除的研究所")
    ended.ended_at = MONDAY
    ended.save()
    wait(ended)

    assert at(DUE + timedelta(days=30)) == []
    assert not Notice.objects.exists()


def test_a_suspended_unit_is_not_asked_for_what_it_cannot_do(unit, department, at):
    wait(department)
    officer = make.actor_of(make.make_officer())
    suspend_unit(actor=officer, unit=unit, reason="虚假材料")
    assert at(DUE) == []

    resume_unit(actor=officer, unit=unit, reason="已补交材料")
    assert [idle.department for idle in at(DUE)] == [department]


def test_the_next_reminder_comes_three_working_days_after_the_last_as_long_as_they_wait(department, at):
    request = wait(department)
    at(DUE)
    # From Thursday evening: Friday, Monday, Tuesday.
    next_due = timezone.make_aware(datetime(2026, 11, 24, 17))
    assert at(DUE) == []
    assert at(next_due - SOON) == []
    [second] = at(next_due)
    assert second.last_number == 1
    assert list(Reminder.objects.order_by("number").values_list("number", "sent_at")) == [(1, DUE), (2, next_due)]

    ReviewRequest.objects.filter(pk=request.pk).delete()
    assert at(next_due + timedelta(days=30)) == []


def test_a_dry_run_says_what_is_due_and_sends_nothing(department, at):
    wait(department)
    assert [str(idle) for idle in at(DUE, dry_run=True)] == [
        "重庆样例大学（虚构）“软件研究所”：个人信息 1 份，自 2026-11-16 起无人审核"
    ]
    assert not Reminder.objects.exists()
    assert not Notice.objects.exists()


def test_one_question_finds_them_all(unit, at, django_assert_num_queries):
    for number in range(12):
        wait(make.make_department(unit, f"{number}所"))
    with django_assert_num_queries(1):
        assert len(at(DUE, dry_run=True)) == 12


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once(department, at, monkeypatch):
    wait(department)
    monkeypatch.setattr("orgs.services.reminders.database_now", lambda: DUE)
    # Both have looked before either writes: only the key of the row is left to stop the second.
    due = remind_of_idle_departments(dry_run=True)
    monkeypatch.setattr("orgs.services.reminders.idle_departments", lambda: due)

    answers = together(*[remind_of_idle_departments] * 3)

    assert sorted(len(answer) for answer in answers) == [0, 0, 1]
    assert Reminder.objects.count() == 1
    assert Notice.objects.count() == 1


# By hand and by the clock --------------------------------------------------------------------------------------------


def run(*options):
    out = StringIO()
    call_command("send_reminders", *options, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_sent_and_repeating_it_sends_nothing(department):
    wait(department)
    line = "  重庆样例大学（虚构）“软件研究所”：个人信息 1 份，自 2026-11-16 起无人审核\n"

    assert run("--dry-run") == f"二级单位无人审核：将发送 1 个提醒\n{line}截止前提醒：将发送 0 个提醒\n"
    assert not Notice.objects.exists()
    nothing = "截止前提醒：已发送 0 个提醒\n"
    assert run() == f"二级单位无人审核：已发送 1 个提醒\n{line}{nothing}"
    assert run() == f"二级单位无人审核：已发送 0 个提醒\n{nothing}"
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(("today", "told"), [(datetime(2026, 11, 21), 0), (datetime(2026, 11, 23), 1)])
def test_the_worker_reminds_on_working_days(department, monkeypatch, today, told):
    wait(department)
    monkeypatch.setattr("projects.daily.timezone.localdate", lambda: today.date())
    app.tasks["projects.remind"](timestamp=0)
    assert Notice.objects.count() == told


def test_the_worker_does_so_at_nine_in_the_morning():
    [periodic] = [each for each in app.periodic_registry.periodic_tasks.values() if each.task.name == "projects.remind"]
    start = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    next_time = datetime.fromtimestamp(croniter(periodic.cron).get_next(float, start_time=start), UTC)
    assert timezone.localtime(next_time) == timezone.make_aware(datetime(2026, 11, 23, 9))
    assert daily.REMINDERS[0][1] is remind_of_idle_departments


# On the page ---------------------------------------------------------------------------------------------------------


def test_the_page_of_the_department_says_that_they_wait_and_what_to_do(unit, department, login):
    page = login(unit.account)
    path = reverse("department", args=[department.pk])
    assert "等待审核" not in text(page.get(path))

    wait(department)
    assert "有 1 份在这里等待审核，但没有管理人员。请点【编辑】设置，设置后由新的管理人员办理。" in text(page.get(path))

    promise_manager(department, "样例未登录")
    assert "但管理人员样例未登录尚未登录过。请联系样例未登录以【个人用户】登录" in text(page.get(path))

    Grant.objects.all().delete()
    make.make_manager(department)
    assert "等待审核" not in text(page.get(path))
