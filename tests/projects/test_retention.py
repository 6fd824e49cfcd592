"""What goes after its time, what goes when a person asks, and what stays whatever happens."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, KeptForm, LoginAttempt, Notice, PrivacyConfirmation, Session, User
from orgs.models import DepartmentImport, Grant
from profiles.enums import ReviewState
from profiles.models import Person, ProofDocument, ReviewRequest
from projects.enums import Paper, PaperState, State
from projects.models import DataCopy, DeadlineReminder, Participant, Printout, Proposal, Submission
from projects.services.retention import RULES
from tests import factories as make
from tests.attached import make_attachment
from tests.jobs import empty_queue
from tests.orgs.workbooks import make_department_import
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_queued(db, settings, tmp_path):
    empty_queue()
    settings.UPLOAD_ROOT = tmp_path


def run(command, **options):
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def found(report):
    """`{what: (past its time, removed)}` of a report."""
    numbers = {}
    for line in report.splitlines():
        what, colon, rest = line.partition("：超过期限 ")
        if colon:
            past, _, removed = rest.partition("，已清理 ")
            numbers[what] = (int(past), int(removed) if removed else None)
    return numbers


def job(status, age):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, status)"
            " VALUES ('q', 'x', 0, %s) RETURNING id",
            [status],
        )
        [pk] = cursor.fetchone()
        at = timezone.now() - age
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'succeeded', %s)", [pk, at])
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, pk])


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [status for (status,) in cursor.fetchall()]


def test_what_is_past_its_time_goes_and_what_is_not_stays(settings, django_capture_on_commit_callbacks):
    now, day = timezone.now(), timedelta(days=1)
    user, unit = make.make_user(), make.make_unit()
    for past in (True, False):
        end = now - day if past else now + day
        KeptForm.objects.create(user=user, path=f"/{past}/", content="x", kept_until=end)
        Session.objects.create(session_key=f"k{past}", session_data="", expire_date=end)
        LoginAttempt.objects.create(
            state_digest=f"s{past}",
            browser_digest="",
            entrance="person",
            nonce="",
            code_verifier="",
            started_at=now - day if past else now,
        )
        AccessAttempt.objects.create(username=f"u{past}", failures_since_start=1, path_info="", http_accept="")
        AccessAttempt.objects.filter(username=f"u{past}").update(attempt_time=now - 184 * day if past else now)
        make_department_import(unit)
        read = now - (731 if past else 729) * day
        Notice.objects.create(recipient=user, subject=f"{past}", read_at=read)
        DeadlineReminder.objects.create(recipient=user, task="submit", due=read, hours=72, count=1, sent_at=read)
        job("succeeded", (31 if past else 29) * day)
        AuditEvent.objects.create(action="login", at=now - (184 if past else 182) * day)
    Notice.objects.create(recipient=user, subject="未读", created_at=now - 4000 * day)
    job("failed", 400 * day)
    job("todo", 400 * day)
    DepartmentImport.objects.filter(pk=DepartmentImport.objects.earliest("pk").pk).update(uploaded_at=now - 2 * day)
    DataCopy.objects.create(user=user, asked_at=now - 2 * day)
    # Four drafts: old in a call that is over; old in an open one; younger; returned once.
    pi = make.make_person(unit=unit)
    over = make.make_call(opens_at=now - 2000 * day, closes_at=now - 1999 * day, review_closes_at=now - 1998 * day)
    old = make.make_proposal(pi, over, updated_at=now - 1096 * day)
    attachment = make_attachment(old)
    make.make_proposal(pi, make.make_call(), updated_at=now - 1096 * day)
    make.make_proposal(pi, over, updated_at=now - 1094 * day)
    returned = make.make_proposal(pi, over, updated_at=now - 1096 * day, submissions=1)
    Printout.objects.create(proposal=returned, paper=Paper.DRAFT, asked_at=now - 2 * day, state=PaperState.FAILED)
    stray = settings.UPLOAD_ROOT / "ab" / ("ab" + "0" * 30)
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("x")
    os.utime(stray, (0, 0))
    document = make.make_document(pi)
    path_of(document.storage_name).unlink()

    only_told = found(run("retention"))
    assert {what: past for what, (past, _) in only_told.items() if past} == {
        "超时后保留的表单": 1,
        "已结束的会话": 1,
        "没有返回的登录": 1,
        "工作人员失败的登录": 1,
        "没有确认的二级单位导入": 1,
        "我的数据 PDF": 1,
        "申报书 PDF（最近一次提交的除外）": 1,
        "办完的后台任务": 1,
        "已读消息": 1,
        "截止前提醒的记录": 1,
        "从未提交的申报书草稿": 1,
        "没有记录的上传文件": 1,
        "文件丢失的记录": 1,
        "超过 6 个月的审计记录": 1,
    }
    assert {removed for _, removed in only_told.values()} == {None}
    assert KeptForm.objects.count() == 2
    assert not AuditEvent.objects.filter(action="retention_applied").exists()

    with django_capture_on_commit_callbacks(execute=True):
        applied = found(run("retention", apply=True))

    removing = {rule.what for rule in RULES if rule.clear}
    assert {what: removed for what, (_, removed) in applied.items() if removed is not None} == dict.fromkeys(
        removing, 1
    )
    assert [KeptForm.objects.get().path, Session.objects.get().session_key] == ["/False/", "kFalse"]
    assert set(Notice.objects.values_list("subject", flat=True)) == {"False", "未读"}
    assert jobs() == ["succeeded", "failed", "todo"]
    assert Proposal.objects.count() == 3
    assert not Proposal.objects.filter(pk=old.pk).exists()
    assert not stray.exists()
    assert AuditEvent.objects.filter(action="login").count() == 2
    [line] = AuditEvent.objects.filter(action="retention_applied")
    assert line.detail["removed"] == dict.fromkeys(removing, 1)
    assert not path_of(attachment.storage_name).exists()
    # A second run finds nothing more, and says so.
    again = found(run("retention", apply=True))
    assert {removed for _, removed in again.values() if removed is not None} == {0}


# One person ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def person():
    unit = make.make_unit()
    person = make.make_person("样例当事人", unit=unit)
    Person.objects.filter(pk=person.pk).update(qq="10001", wechat="wx", office_phone="023-20000001", sex="1")
    make.make_document(person, make.make_request(person, unit, state=ReviewState.APPROVED))
    Notice.objects.create(recipient=person.user, subject="消息")
    KeptForm.objects.create(user=person.user, path="/x/", content="x")
    PrivacyConfirmation.objects.create(user=person.user, version=1)
    return person


def erase(person, **options):
    return run("erase_person", account=person.pk, reason="本人 2026-11-23 书面申请", **options)


def test_what_may_go_goes_and_what_the_archive_needs_stays(person, login, django_capture_on_commit_callbacks):
    number, digest = person.user.id_number, person.user.identity_digest
    accepted = make.make_proposal(person, state=State.ACCEPTED)
    Participant.objects.create(proposal=accepted, digest=digest, leads=True)
    make.make_proposal(person)
    client = login(person.user)
    path = path_of(ProofDocument.objects.get().storage_name)

    told = erase(person)
    assert "从未提交的申报书：1" in told
    assert "提交过的申报书（含提交时的负责人信息）：1" in told
    assert Person.objects.get(pk=person.pk).qq == "10001"
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        told = erase(person, apply=True)

    assert "已注销，记入审计。" in told
    after, user = Person.objects.get(pk=person.pk), User.objects.get(pk=person.pk)
    assert (after.qq, after.wechat, after.office_phone, after.mobile, after.mobile_digest, after.email) == ("",) * 6
    assert (after.sex, after.birth_date, after.id_number, after.id_digest) == ("", None, "", "")
    assert (user.phone, user.email, user.id_number, user.identity_digest, user.known_as) == ("",) * 5
    assert (user.is_active, user.subject) == (False, f"erased:{user.pk}")
    assert not ProofDocument.objects.exists()
    assert not path.exists()
    assert not Notice.objects.filter(recipient=user).exists()
    assert not KeptForm.objects.exists()
    # The archive.
    assert (after.name, user.name) == ("样例当事人", "样例当事人")
    assert [proposal.pk for proposal in Proposal.objects.all()] == [accepted.pk]
    assert Submission.objects.get().data
    assert Participant.objects.get().digest == digest
    request = ReviewRequest.objects.get()
    assert (request.state, request.id_number, request.id_digest != "") == (ReviewState.APPROVED, "", True)
    assert PrivacyConfirmation.objects.filter(user=user).exists()
    [line] = AuditEvent.objects.filter(action="person_erased")
    assert line.detail["reason"] == "本人 2026-11-23 书面申请"
    assert number not in str(line.detail) + line.object_label
    assert client.get("/").status_code == 302
    with pytest.raises(CommandError, match="这个账号已经注销。没有改动。"):
        erase(person, apply=True)


def test_without_an_archive_the_name_goes_too_and_the_same_number_may_come_back(person):
    number = person.user.id_number
    erase(person, apply=True)

    assert User.objects.get(pk=person.pk).name == "已注销用户"
    assert Person.objects.get(pk=person.pk).name == ReviewRequest.objects.get().person_name == "已注销用户"
    assert make.make_user("样例当事人", id_number=number).pk != person.pk


def test_a_grant_that_ended_keeps_its_name_and_loses_its_numbers(person):
    make.make_agent(make.make_unit(), person.user)
    with pytest.raises(CommandError, match="法人单位授权人，请先结束授权。没有改动。"):
        erase(person, apply=True)
    Grant.objects.update(ended_at=timezone.now())

    erase(person, apply=True)

    grant = Grant.objects.get()
    assert (grant.holder_name, grant.holder_mobile, grant.holder_id_number) == ("样例当事人", "", "")
    assert grant.holder_digest


@pytest.mark.parametrize("state", [State.DEPARTMENT, State.UNIT, State.BUREAU])
def test_nothing_goes_while_an_application_is_under_review(person, state):
    person.department = make.make_department(person.unit)
    make.make_proposal(person, state=state)

    with pytest.raises(CommandError, match="1 份申报书正在审核"):
        erase(person, apply=True)
    assert Person.objects.get(pk=person.pk).qq == "10001"


def test_nothing_goes_while_the_record_is_under_review(person):
    make.make_request(person, person.unit)

    with pytest.raises(CommandError, match="个人信息正在审核"):
        erase(person, apply=True)
    assert Notice.objects.exists()


def test_only_people_are_erased_and_a_reason_is_asked_for(person):
    officer = make.make_officer()
    for account in (officer.pk, 999_999):
        with pytest.raises(CommandError, match="没有编号为"):
            run("erase_person", account=account, reason="申请", apply=True)
    with pytest.raises(CommandError, match="原因须为 2 至 500 字"):
        run("erase_person", account=person.pk, reason=" ", apply=True)
    assert Person.objects.get(pk=person.pk).qq == "10001"


def test_the_guide_has_every_rule_as_it_is_applied():
    guide = (settings.BASE_DIR / "docs" / "operations.md").read_text()

    for rule in RULES:
        done = "清理" if rule.clear else "只报告"
        assert f"| {rule.what} | {rule.kept} | {rule.why} | {rule.source} | {done} |" in guide
