"""Asking for a PDF, making it once, and clearing it away."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from accounts.models import Notice
from projects.enums import Paper, PaperState, State
from projects.models import Printout, Proposal, Section, Submission
from projects.services import made_pdfs
from projects.services.decisions import perform
from projects.services.drafts import delete_draft
from projects.services.printouts import clear_away, make_printout
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import make_full_proposal
from tests.projects.pages import text_of
from tests.projects.printing import address, ask, drop_jobs, jobs, nothing_queued, pi, proposal, quick, unit, work
from tests.races import together
from zhgg.kit.pdf.making import CannotMake
from zhgg.kit.uploads.storage import path_of

__all__ = ["nothing_queued", "pi", "proposal", "quick", "unit"]

pytestmark = pytest.mark.django_db


READY, WAITING, FAILED = PaperState.READY, PaperState.WAITING, PaperState.FAILED


def files():
    return sum(1 for path in Path(settings.UPLOAD_ROOT).glob("??/*") if path.is_file())


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


# Failures -------------------------------------------------------------------------------------------------------------


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


# Clearing away --------------------------------------------------------------------------------------------------------


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
