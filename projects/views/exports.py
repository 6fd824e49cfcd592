"""【导出】 of the lists of 申报书 as filtered. By POST, for each leaves an audit line."""

from itertools import chain

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orgs.exports import FullExportForm, export
from orgs.views.bureau.gate import officers_only
from projects.exports import FIELDS, proposal_columns
from projects.models import Proposal
from projects.rules import CAPACITY_OF_ROLE
from projects.views.listing import ProposalList
from projects.views.lists import title_of

CHUNK = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
def export_proposals(request):
    """本单位的项目 (全部项目 for 科技局) that the address asks for, in its order."""
    actor = request.actor
    if actor.role not in CAPACITY_OF_ROLE:
        raise Http404
    found = ProposalList(actor, request.GET)
    if request.method != "POST" or not found.is_valid:
        return redirect("proposals")
    return _export(found)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def export_in_full(request):
    """The same for 科技局 with full phone numbers: after a reason, which the audit trail keeps, and a second yes."""
    found = ProposalList(request.actor, request.GET)
    if not found.is_valid:
        return redirect("proposals")
    form = FullExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _export(found, reason=form.cleaned_data["reason"])
    request.frame.menu_entry = "proposals"
    context = {
        "layout": "layouts/projects.html",
        "list_label": title_of(request.actor),
        "list_url": ProposalList.back_to(found),
        "form": form,
        "number": found.total,
        "conditions": found.filter.conditions,
        "what": "负责人手机号码",
    }
    return render(request, "orgs/export_in_full.html", context)


def _export(found, reason=""):
    actor = found.actor
    return export(
        actor=actor,
        name=title_of(actor),
        columns=proposal_columns(actor, timezone.now(), full=bool(reason)),
        rows=_streamed(*found.in_order()),
        number=found.total,
        conditions=found.filter.conditions,
        reason=reason,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export_own(request):
    """我的申报."""
    actor = request.actor
    if not actor.is_person:
        raise Http404
    if request.method != "POST":
        return redirect("my-proposals")
    own = Proposal.objects.own(actor)
    return export(
        actor=actor,
        name="我的申报",
        columns=proposal_columns(actor, timezone.now()),
        rows=_streamed(own.order_by("-updated_at", "-pk")),
        number=own.count(),
    )


def _streamed(*parts):
    return chain.from_iterable(part.values_list(*FIELDS).iterator(chunk_size=CHUNK) for part in parts)
