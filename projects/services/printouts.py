"""Who asks for a PDF, when it is made, and when it goes.

A PDF takes seconds and is made by the worker, never inside a request. There is one row (`Printout`) for each paper; it
is made again when what it prints has changed. The row is the lock.
"""

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from procrastinate.contrib.django import app

from accounts.enums import AuditAction
from accounts.notices import notify
from orgs.trail import record
from projects.enums import Paper, PaperState
from projects.models import Printout, Proposal
from projects.pdf.pages import page_of
from projects.rules import may_have_paper
from projects.services import made_pdfs
from projects.services.made_pdfs import ASKED_FOR, IN_STOCK, KEPT_FOR, RETRY, Drawn, have_wait, is_stuck
from zhgg.kit.clock import database_now
from zhgg.kit.uploads.storage import remove_after_commit


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
            have_wait(printout)
            _put_into_queue(printout, ASKED_FOR)
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


def _put_into_queue(printout, priority):
    make_printout.configure(priority=priority).defer(printout_id=printout.pk)


@app.task(name="projects.make_printout", retry=RETRY)
def make_printout(printout_id):
    """Make one PDF."""
    made_pdfs.attempt(Printout, printout_id, draw=_draw, tell=_tell)


def _draw(printout):
    proposal = Proposal.objects.for_page().get(pk=printout.proposal_id)
    page = page_of(proposal, printout.paper, printout.number)
    return Drawn(page.html, page.label, {"fingerprint": page.fingerprint})


def _tell(printout):
    """Tell whoever has asked, in 消息 only: they are waiting at the page."""
    people, proposal = list(printout.asked_by.all()), printout.proposal
    printout.asked_by.clear()
    paper = f"{printout.get_paper_display()}（{proposal.number}）的 PDF "
    if printout.state == PaperState.READY:
        subject, body = f"PDF 已生成：{proposal}", f"{paper}已生成，可以下载。"
    else:
        subject, body = f"PDF 没有生成：{proposal}", f"{paper}没有生成，请再试一次。"
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
    return made_pdfs.remove(Printout.objects.filter(past_its_time()))


def remove_all(proposal):
    """Remove every PDF of a draft that is being deleted, in its transaction."""
    for printout in proposal.printouts.exclude(storage_name=None):
        remove_after_commit(printout.storage_name)


@app.periodic(cron="25 * * * *")
@app.task(name="projects.clear_printouts", queueing_lock="projects.clear_printouts")
def clear_printouts(timestamp):
    """Once an hour."""
    clear_away()
