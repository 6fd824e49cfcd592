"""Asking for a PDF, making it once, handing it out to whom it may concern, and clearing it away."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from accounts.models import AuditEvent, Notice
from projects.enums import Paper, PaperState, State
from projects.models import Printout, Proposal, Section, Submission
from projects.services import made_pdfs
from projects.services.decisions import perform
from projects.services.drafts import delete_draft
from projects.services.printouts import clear_away, make_printout, order
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import make_full_proposal
from tests.jobs import empty_queue
from tests.projects.pages import text_of
from tests.races import together
from zhgg.kit.errors import NeverAllowed
from zhgg.kit.pdf.making import CannotMake
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db

READY, WAITING, FAILED = PaperState.READY, PaperState.WAITING, PaperState.FAILED


@pytest.fixture(autouse=True)
def nothing_queued(db):
    empty_queue()
    yield
    empty_queue()


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所"])


@pytest.fixture
def pi(unit):
    return make.make_person(unit=unit, department=unit.made_departments[0])


@pytest.fixture
def proposal(pi):
    return fresh(make.make_proposal(pi, state=State.UNIT))


@pytest.fixture
def quick(monkeypatch):
    """The engine has tests of its own and takes seconds; here it answers at once with what it was given."""
    monkeypatch.setattr(made_pdfs, "pdf_of", lambda html: b"%PDF-1.7 " + html.encode())


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def ask(proposal, user, paper=Paper.SUBMISSION, number=None):
    number = (1 if paper == Paper.SUBMISSION else 0) if number is None else number
    return order(actor=make.actor_of(user), proposal=fresh(proposal), paper=paper, number=number)


def work():
    """Run what is queued, as the worker would; returns how many PDFs were made or failed."""
    jobs = list(ProcrastinateJob.objects.filter(task_name="projects.make_printout").order_by("id"))
    for job in jobs:
        make_printout(**job.args)
    drop_jobs()
    return len(jobs)


def drop_jobs():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'projects.make_printout'")


def jobs():
    return list(ProcrastinateJob.objects.filter(task_name="projects.make_printout").order_by("id"))


def files():
    return sum(1 for path in Path(settings.UPLOAD_ROOT).glob("??/*") if path.is_file())


def address(proposal, slug="1", name="proposal-pdf"):
    return reverse(name, args=[proposal.pk, slug])


def test_a_submission_queues_its_pdf_behind_everything_else(pi, quick):
    proposal = make_full_proposal(pi)

    perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=0)

    [job] = jobs()
    assert job.priority == -10
    assert [(row.paper, row.number, row.state) for row in Printout.objects.all()] == [("submission", 1, WAITING)]
    work()
    assert Printout.objects.get().state == READY
    assert Notice.objects.filter(recipient=pi.user).count() == 0


def test_what_is_there_is_not_made_again(proposal, pi, quick):
    first = ask(proposal, pi.user)
    assert (first.state, len(jobs())) == (WAITING, 1)
    assert ask(proposal, pi.user).state == WAITING
    assert work() == 1

    again = ask(proposal, pi.user)

    assert (again.pk, again.state, jobs()) == (first.pk, READY, [])


def test_whoever_asked_is_told_in_messages_and_not_by_mail(proposal, pi, unit, quick):
    ask(proposal, pi.user)
    ask(proposal, unit.account)
    work()

    told = {notice.recipient_id: notice for notice in Notice.objects.all()}
    assert set(told) == {pi.user.pk, unit.account.pk}
    assert told[pi.user.pk].subject == f"PDF 已生成：{proposal}"
    assert told[pi.user.pk].url == address(proposal)
    assert ProcrastinateJob.objects.count() == 0
    assert mail.outbox == []
    assert Printout.objects.get().asked_by.count() == 0


def test_a_new_state_asks_for_a_new_watermark_and_the_old_file_goes(
    proposal, pi, quick, django_capture_on_commit_callbacks
):
    ask(proposal, pi.user)
    work()
    old = path_of(Printout.objects.get().storage_name)
    assert "审核中".encode() in old.read_bytes()
    Proposal.objects.filter(pk=proposal.pk).update(state=State.ACCEPTED)

    with django_capture_on_commit_callbacks(execute=True):
        assert ask(proposal, pi.user).state == WAITING
    work()

    assert not old.exists()
    assert "正式版".encode() in path_of(Printout.objects.get().storage_name).read_bytes()


def test_a_changed_draft_is_printed_anew(pi, quick):
    draft = make.make_proposal(pi)
    ask(draft, pi.user, Paper.DRAFT)
    work()
    assert ask(draft, pi.user, Paper.DRAFT).state == READY
    section = Section.objects.get(proposal=draft)
    section.data = {**section.data, "abstract": "改过的摘要"}
    section.save()

    assert ask(draft, pi.user, Paper.DRAFT).state == WAITING
    work()
    assert "改过的摘要".encode() in path_of(Printout.objects.get().storage_name).read_bytes()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_the_same_moment_have_one_file(quick, unit, pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    drop_jobs()

    answers = together(*[lambda: ask(proposal, pi.user), lambda: ask(proposal, unit.account)] * 2)

    assert {answer.pk for answer in answers} == {Printout.objects.get().pk}
    assert len(jobs()) == 1
    before = files()
    assert work() == 1
    assert files() == before + 1
    assert set(Notice.objects.values_list("recipient", flat=True)) == {pi.user.pk, unit.account.pk}


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_job_leave_one_file(quick, pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    printout = ask(proposal, pi.user)
    before = files()

    together(lambda: make_printout(printout.pk), lambda: make_printout(printout.pk))

    assert Printout.objects.get().state == READY
    assert files() == before + 1


def test_a_rolled_back_submission_queues_nothing(pi, quick):
    proposal = make_full_proposal(pi)

    def submit_and_fail():
        with transaction.atomic():
            perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        submit_and_fail()

    assert (jobs(), Printout.objects.count()) == ([], 0)


# Failures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    def fail(html):
        raise CannotMake("exit -9")

    monkeypatch.setattr(made_pdfs, "pdf_of", fail)


def test_after_three_failures_the_page_says_what_to_do(proposal, pi, login, broken, caplog):
    printout = ask(proposal, pi.user)
    for attempt in (1, 2):
        with pytest.raises(CannotMake):
            make_printout(printout.pk)
        printout.refresh_from_db()
        assert (printout.state, printout.attempts) == (WAITING, attempt)
    make_printout(printout.pk)

    text = text_of(login(pi.user).get(address(proposal)))
    assert "PDF 没有生成" in text
    assert "023-67035473" in text
    assert proposal.number in text
    assert Notice.objects.get().subject == f"PDF 没有生成：{proposal}"
    assert proposal.title not in caplog.text
    assert files_of(printout) == []


def files_of(printout):
    printout.refresh_from_db()
    return [printout.storage_name] if printout.storage_name else []


def test_the_queue_tries_three_times_in_all(proposal):
    strategy = make_printout.get_retry_exception(exception=CannotMake("x"), job=Job(attempts=1))

    assert strategy is not None
    assert make_printout.get_retry_exception(exception=CannotMake("x"), job=Job(attempts=2)) is None


class Job:
    """What a retry strategy reads of a job."""

    def __init__(self, attempts):
        self.attempts = attempts


def test_after_a_failure_it_can_be_asked_for_again(proposal, pi, quick):
    printout = ask(proposal, pi.user)
    Printout.objects.update(state=FAILED, attempts=3)
    drop_jobs()

    assert ask(proposal, pi.user).pk == printout.pk
    work()

    printout.refresh_from_db()
    assert (printout.state, printout.attempts) == (READY, 1)


def test_one_whose_worker_died_counts_as_failed_and_can_be_asked_for_again(proposal, pi, login, quick):
    ask(proposal, pi.user)
    drop_jobs()
    client = login(pi.user)
    assert "正在生成" in text_of(client.get(address(proposal)))
    assert client.get(address(proposal, name="proposal-pdf-state")).json() == {"waiting": True}
    Printout.objects.update(asked_at=timezone.now() - timedelta(minutes=16))

    assert "PDF 没有生成" in text_of(client.get(address(proposal)))
    assert client.get(address(proposal, name="proposal-pdf-state")).json() == {"waiting": False}
    ask(proposal, pi.user)
    assert len(jobs()) == 1


# Who may have what --------------------------------------------------------------------------------------------


@pytest.fixture
def readers(unit, pi):
    department = unit.made_departments[0]
    other = make.make_unit(departments=["外单位所"])
    return {
        "pi": pi.user,
        "legal": unit.account,
        "agent": make.make_agent(unit),
        "manager": make.make_manager(department),
        "colleague": make.make_person(unit=unit, department=department).user,
        "stranger": other.account,
        "bureau": make.make_officer(),
    }


MATRIX = {
    # slug: who gets the file in 科技局审核; everybody else does not even find it.
    "1": {"pi", "legal", "agent", "manager", "bureau"},
    "promise": {"pi", "legal", "agent", "manager", "bureau"},
    "opinion": {"pi", "legal", "agent", "manager", "bureau"},
    "draft": {"pi"},
}


@pytest.mark.parametrize(("slug", "who"), MATRIX.items())
def test_who_may_have_which_paper(pi, readers, login, quick, slug, who):
    proposal = make.make_proposal(pi, state=State.BUREAU)
    sees = {"pi", "legal", "agent", "manager", "bureau"}
    for role, user in readers.items():
        client = login(user)
        asked = client.post(address(proposal, slug))
        if role not in sees:
            assert asked.status_code == 404, role
            assert client.get(address(proposal, slug, "proposal-pdf-file")).status_code == 404, role
            assert client.get(address(proposal, slug, "proposal-pdf-state")).status_code == 404, role
        elif role not in who:
            assert asked.status_code == 403, role
            assert client.get(address(proposal, slug, "proposal-pdf-file")).status_code == 403, role
        else:
            assert asked.status_code == 302, role
            work()
            answer = client.get(address(proposal, slug, "proposal-pdf-file"))
            assert b"".join(answer.streaming_content).startswith(b"%PDF-"), role


def test_the_file_is_an_attachment_that_nobody_keeps_or_sniffs(proposal, pi, login, quick):
    client = login(pi.user)
    assert client.post(address(proposal)).headers["Location"] == address(proposal)
    work()
    asked = client.post(address(proposal))
    assert asked.headers["Location"] == address(proposal, name="proposal-pdf-file")

    answer = client.get(asked.headers["Location"])
    list(answer.streaming_content)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_only_the_downloads_of_others_are_recorded(proposal, pi, unit, login, quick):
    ask(proposal, pi.user)
    work()
    for user in (pi.user, unit.account):
        list(login(user).get(address(proposal, name="proposal-pdf-file")).streaming_content)

    [event] = AuditEvent.objects.filter(action="file_downloaded")
    assert event.user_id == unit.account.pk
    assert event.detail == {"proposal": proposal.pk, "paper": "submission", "submission": 1}


def test_a_file_that_no_longer_stands_is_not_handed_out(proposal, pi, login, quick):
    ask(proposal, pi.user)
    work()
    Proposal.objects.filter(pk=proposal.pk).update(state=State.ACCEPTED)

    answer = login(pi.user).get(address(proposal, name="proposal-pdf-file"))

    assert answer.headers["Location"] == address(proposal)
    assert "需要重新生成" in text_of(login(pi.user).get(address(proposal)))


@pytest.mark.parametrize("slug", ["0", "2", "01", "9" * 30, "submission", "１", "-1", "x" * 300])
def test_papers_that_there_are_not_are_not_found(proposal, pi, login, slug):
    client = login(pi.user)

    for name in ("proposal-pdf", "proposal-pdf-file", "proposal-pdf-state"):
        path = address(proposal, "1", name).replace("/pdf/1/", f"/pdf/{slug}/")
        assert client.get(path).status_code == 404, path
        assert client.post(path).status_code in (404, 405), path


def test_the_service_refuses_the_draft_to_reviewers_too(pi, unit):
    with pytest.raises(NeverAllowed):
        ask(make.make_proposal(pi), unit.account, Paper.DRAFT)
    assert Printout.objects.count() == 0


def test_the_button_stands_on_the_pages(pi, unit, login):
    draft = make.make_proposal(pi, basics={"title": "还没有提交的项目"})
    sent = make.make_proposal(pi, state=State.UNIT)
    client = login(pi.user)

    assert "预览 PDF" in text_of(client.get(draft.get_absolute_url()))
    assert "预览 PDF" in text_of(client.get(reverse("proposal-edit", args=[draft.pk, "basics"])))
    assert "预览 PDF" not in text_of(login(unit.account).get(draft.get_absolute_url()))
    for user in (pi.user, unit.account):
        assert "下载 PDF" in text_of(login(user).get(sent.get_absolute_url()))


def test_where_the_signed_papers_are_uploaded_they_can_be_downloaded(pi, login):
    call = make.make_call(tabs=["basics", "attachments"], required_attachments=["01", "05"])
    draft = make.make_proposal(pi, call)

    page = login(pi.user).get(reverse("proposal-attachments", args=[draft.pk])).content.decode()

    for slug in ("promise", "opinion"):
        assert f'action="{address(draft, slug)}"' in page


# Clearing away ------------------------------------------------------------------------------------------------


def test_after_a_day_only_the_last_submission_is_kept(pi, quick, django_capture_on_commit_callbacks):
    proposal = make.make_proposal(pi, state=State.UNIT, submission_count=2)
    first = proposal.submissions.get()
    Submission.objects.create(
        proposal=proposal, number=2, data=first.data, unit=proposal.unit, submitted_at=first.submitted_at
    )
    for paper, number in ((Paper.SUBMISSION, 1), (Paper.SUBMISSION, 2), (Paper.DRAFT, 0), (Paper.PROMISE, 0)):
        ask(proposal, pi.user, paper, number)
        work()
    names = {(row.paper, row.number): path_of(row.storage_name) for row in Printout.objects.all()}
    age(timedelta(hours=23, minutes=59))
    assert clear_away() == 0
    age(timedelta(hours=24))

    with django_capture_on_commit_callbacks(execute=True):
        assert clear_away() == 3

    assert {key for key, path in names.items() if path.exists()} == {("submission", 2)}
    assert [(row.paper, row.number) for row in Printout.objects.all()] == [("submission", 2)]


def test_what_was_never_made_goes_too(proposal, pi, quick):
    ask(proposal, pi.user)
    Printout.objects.update(state=FAILED)
    age(timedelta(hours=25))

    assert clear_away() == 1


def age(time):
    Printout.objects.update(asked_at=timezone.now() - time)
    Printout.objects.exclude(uploaded_at=None).update(uploaded_at=timezone.now() - time)


def test_a_deleted_draft_takes_its_pdf_along(pi, quick, django_capture_on_commit_callbacks):
    draft = make.make_proposal(pi)
    ask(draft, pi.user, Paper.DRAFT)
    work()
    path = path_of(Printout.objects.get().storage_name)

    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(actor=make.actor_of(pi.user), proposal_id=draft.pk)

    assert (Printout.objects.count(), path.exists()) == (0, False)


def test_a_draft_deleted_while_its_pdf_is_made_leaves_no_file(pi, monkeypatch, caplog):
    draft = make.make_proposal(pi)
    printout = ask(draft, pi.user, Paper.DRAFT)
    before = files()

    def delete_meanwhile(html):
        delete_draft(actor=make.actor_of(pi.user), proposal_id=draft.pk)
        return b"%PDF-1.7"

    monkeypatch.setattr(made_pdfs, "pdf_of", delete_meanwhile)
    with pytest.raises(Printout.DoesNotExist):
        make_printout(printout.pk)

    assert files() == before
    make_printout(printout.pk)


def test_the_whole_way_with_the_real_engine(pi, login):
    proposal = make.make_proposal(pi, state=State.UNIT)
    client = login(pi.user)
    client.post(address(proposal))
    work()

    answer = client.get(address(proposal, name="proposal-pdf-file"))

    reader = PdfReader(BytesIO(b"".join(answer.streaming_content)))
    assert proposal.title in reader.pages[0].extract_text()
