"""Who asks for a PDF, when it is made, and when it goes.

A PDF takes seconds and is made by the worker, never inside a request. There is one row (`Printout`) for each paper; it
is made again when what it prints has changed. The row is the lock.
"""

import logging
from datetime import timedelta
from io import BytesIO

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.enums import AuditAction
from accounts.notices import notify
from orgs import stored_codes
from orgs.trail import record
from projects.enums import Paper, PaperState
from projects.models import Printout, Proposal
from projects.pdf.pages import page_of
from projects.rules import may_have_paper
from zhgg.kit.clock import database_now
from zhgg.kit.pdf.making import pdf_of
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF
from zhgg.kit.uploads.storage import remove_after_commit, stored

log = logging.getLogger("zhgg.pdf")

MOST_ATTEMPTS = 3
RETRY_SECONDS = 10
PATIENCE = timedelta(minutes=15)
"""After that a PDF that is still not made counts as failed: its worker has died."""
KEPT_FOR = timedelta(hours=24)
"""How long everything but the last submission is kept."""
ASKED_FOR, IN_STOCK = -5, -10
"""Priorities in the queue: e-mails go first (0), then what somebody waits for, then what nobody has asked for yet."""


def order(*, actor, proposal, paper, number=0):
    """Ask for a paper and return its Printout: the one that is there when it still stands, otherwise one that the
    worker makes, and whose making the actor will be told of.

    Raises NeverAllowed as `rules.may_have_paper` says, Submission.DoesNotExist for an unknown number. Asked for twice
    at the same moment, it is made once.
    """
    may_have_paper(actor, proposal, paper).enforce()
    fingerprint = page_of(proposal, paper, number).fingerprint
    with transaction.atomic():
        printout, is_new = _locked(proposal, paper, number)
        if printout.state == PaperState.READY and printout.fingerprint == fingerprint:
            return printout
        if is_new or printout.state != PaperState.WAITING or is_stuck(printout):
            _have_made(printout, ASKED_FOR)
        printout.asked_by.add(actor.user)
    return printout


def stock_up(proposal):
    """Have the PDF of the submission that is being made ready before anybody asks for it. Runs in its transaction."""
    printout = Printout.objects.create(
        proposal=proposal, paper=Paper.SUBMISSION, number=proposal.submission_count, asked_at=database_now()
    )
    _put_into_queue(printout, IN_STOCK)


def _locked(proposal, paper, number):
    _, is_new = Printout.objects.get_or_create(
        proposal=proposal, paper=paper, number=number, defaults={"asked_at": database_now()}
    )
    printout = Printout.objects.select_for_update(no_key=True).get(proposal=proposal, paper=paper, number=number)
    return printout, is_new


def _have_made(printout, priority):
    if printout.storage_name:
        remove_after_commit(printout.storage_name)
    printout.state, printout.attempts, printout.asked_at = PaperState.WAITING, 0, database_now()
    printout.storage_name, printout.uploaded_at = None, None
    printout.save()
    _put_into_queue(printout, priority)


def _put_into_queue(printout, priority):
    make_printout.configure(priority=priority).defer(printout_id=printout.pk)


def is_stuck(printout):
    """Whether it has been waiting for so long that nobody makes it any more."""
    return printout.state == PaperState.WAITING and database_now() - printout.asked_at > PATIENCE


@app.task(
    name="projects.make_printout",
    retry=RetryStrategy(max_attempts=MOST_ATTEMPTS - 1, wait=RETRY_SECONDS),
)
def make_printout(printout_id):
    """Make one PDF; a failure is tried again, and the last one is written down for the page that waits."""
    waiting = Printout.objects.filter(pk=printout_id, state=PaperState.WAITING)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    printout = waiting.get()
    try:
        _make(printout)
    except Exception as error:
        # No message: it might quote the content.
        log.error("printout %s was not made, attempt %s: %s", printout_id, printout.attempts, type(error).__name__)
        if printout.attempts < MOST_ATTEMPTS:
            raise
        _give_up(printout)


def _make(printout):
    stored_codes.refresh()
    proposal = Proposal.objects.for_page().get(pk=printout.proposal_id)
    page = page_of(proposal, printout.paper, printout.number)
    pdf = pdf_of(page.html)
    upload = CheckedUpload(file=File(BytesIO(pdf)), label=page.label, kind=PDF, size=len(pdf))
    with stored(upload) as columns, transaction.atomic():
        # Deleted meanwhile with its draft: DoesNotExist, and the file goes again.
        held = Printout.objects.select_for_update(no_key=True).get(pk=printout.pk, state=PaperState.WAITING)
        for name, value in columns.items():
            setattr(held, name, value)
        held.state, held.fingerprint, held.uploaded_at = PaperState.READY, page.fingerprint, database_now()
        held.save()
        _tell(
            held, f"PDF 已生成：{proposal}", f"{held.get_paper_display()}（{proposal.number}）的 PDF 已生成，可以下载。"
        )


def _give_up(printout):
    with transaction.atomic():
        held = Printout.objects.select_for_update(no_key=True).filter(pk=printout.pk, state=PaperState.WAITING).first()
        if held is None:
            return
        held.state = PaperState.FAILED
        held.save(update_fields=["state"])
        number = held.proposal.number
        _tell(
            held,
            f"PDF 没有生成：{held.proposal}",
            f"{held.get_paper_display()}（{number}）的 PDF 没有生成，请再试一次。",
        )


def _tell(printout, subject, body):
    """Tell whoever has asked, in 消息 only: they are waiting at the page."""
    people = list(printout.asked_by.all())
    printout.asked_by.clear()
    notify(people, subject=subject, body=body, url=path_of(printout), by_mail=False)


def path_of(printout):
    """The page of the paper."""
    return reverse("proposal-pdf", args=[printout.proposal_id, slug_of(printout.paper, printout.number)])


def slug_of(paper, number):
    """How addresses name a paper: draft, promise, opinion, and the number of a submission."""
    return str(number) if paper == Paper.SUBMISSION else str(paper)


def record_download(*, actor, proposal, printout):
    """Write down that somebody else than the PI was given the file."""
    if proposal.pi_id != actor.user_id:
        detail = {"proposal": proposal.pk, "paper": printout.paper, "submission": printout.number}
        record(AuditAction.FILE_DOWNLOADED, actor=actor, obj=printout, unit_id=proposal.unit_id, detail=detail)


def past_its_time():
    """The condition of what `clear_away` removes."""
    old = Q(asked_at__lte=Now() - KEPT_FOR) & (Q(uploaded_at=None) | Q(uploaded_at__lte=Now() - KEPT_FOR))
    last = Q(paper=Paper.SUBMISSION, number=F("proposal__submission_count"), state=PaperState.READY)
    return old & ~last


def clear_away():
    """Remove what was made for a moment: everything but the last submission goes after KEPT_FOR. How many went."""
    with transaction.atomic():
        going = list(Printout.objects.filter(past_its_time()).select_for_update(of=("self",), skip_locked=True))
        for printout in going:
            if printout.storage_name:
                remove_after_commit(printout.storage_name)
        Printout.objects.filter(pk__in=[printout.pk for printout in going]).delete()
    return len(going)


def remove_all(proposal):
    """Remove every PDF of a draft that is being deleted, in its transaction."""
    for printout in proposal.printouts.exclude(storage_name=None):
        remove_after_commit(printout.storage_name)


@app.periodic(cron="25 * * * *")
@app.task(name="projects.clear_printouts", queueing_lock="projects.clear_printouts")
def clear_printouts(timestamp):
    """Once an hour."""
    clear_away()
