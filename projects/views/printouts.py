"""The papers of an 申报书 as PDF: ask for one, wait for it, take it."""

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.sessions import background
from projects.enums import Capacity, Paper, PaperState
from projects.models import Printout
from projects.pdf.pages import page_of
from projects.rules import capacity_of, may_have_paper
from projects.services import printouts
from projects.services.made_pdfs import is_stuck
from projects.services.printouts import path_of
from projects.views.loading import load
from zhgg.kit.uploads.serving import serve

LONGEST_NUMBER = 9


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request, pk, slug):
    """How far the PDF is; POST asks for it and leads to the file, or here to wait for it."""
    found, which, number = _asked(request, pk, slug)
    if request.method == "POST":
        printout = printouts.order(actor=request.actor, proposal=found, paper=which, number=number)
        return redirect(_file_of(found, slug) if printout.state == PaperState.READY else path_of(printout))
    printout = _printout(found, which, number)
    is_pi = capacity_of(request.actor, found) == Capacity.PI
    request.frame.menu_entry = "my-proposals" if is_pi else "proposals"
    context = {
        "proposal": found,
        "printout": printout,
        "paper_label": f"{which.label}（第 {number} 次提交）" if number else which.label,
        "status": _status(found, printout),
        "file_url": _file_of(found, slug),
        "state_url": reverse("proposal-pdf-state", args=[pk, slug]),
        "list_url": reverse(request.frame.menu_entry),
        "list_label": "我的申报" if is_pi else "项目",
    }
    return render(request, "projects/printout.html", context)


@require_safe
def file(request, pk, slug):
    """The download. What is not made, or no longer stands, leads back to the page that makes it."""
    found, which, number = _asked(request, pk, slug)
    printout = _printout(found, which, number)
    if _status(found, printout) != PaperState.READY:
        return redirect("proposal-pdf", pk=pk, slug=slug)
    response = serve(printout)
    printouts.record_download(actor=request.actor, proposal=found, printout=printout)
    return response


@background
@require_safe
def state(request, pk, slug):
    """Whether the PDF is still being made; the waiting page asks."""
    found, which, number = _asked(request, pk, slug)
    printout = _printout(found, which, number)
    waiting = printout is not None and printout.state == PaperState.WAITING and not is_stuck(printout)
    return JsonResponse({"waiting": waiting})


def _asked(request, pk, slug):
    """`(申报书, Paper, number)` of an address. Http404 for what is not there, NeverAllowed as the rule says."""
    found = load(request.actor, pk)
    if slug.isascii() and slug.isdigit() and len(slug) <= LONGEST_NUMBER:
        which, number = Paper.SUBMISSION, int(slug)
        if str(number) != slug or not found.submissions.filter(number=number).exists():
            raise Http404
    elif slug in (Paper.DRAFT, Paper.PROMISE, Paper.OPINION):
        which, number = Paper(slug), 0
    else:
        raise Http404
    may_have_paper(request.actor, found, which).enforce()
    return found, which, number


def _printout(found, which, number):
    return Printout.objects.filter(proposal=found, paper=which, number=number).first()


def _status(found, printout):
    """A PaperState; "" when nobody has asked, or what was made no longer stands."""
    if printout is None:
        return ""
    if is_stuck(printout):
        return PaperState.FAILED
    if printout.state == PaperState.READY and printout.fingerprint != _present(found, printout):
        return ""
    return PaperState(printout.state)


def _present(found, printout):
    return page_of(found, printout.paper, printout.number).fingerprint


def _file_of(found, slug):
    return reverse("proposal-pdf-file", args=[found.pk, slug])
