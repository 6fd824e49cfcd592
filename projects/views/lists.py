"""Lists of 申报书: 本单位的项目, 全部项目, 我的申报."""

from operator import attrgetter

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.throttles import searches
from orgs.actors import anybody
from orgs.enums import Role
from projects.enums import Tab
from projects.models import Proposal
from projects.progress import came_back, return_heading
from projects.rules import CAPACITY_OF_ROLE, deadline, may_edit
from projects.tables import OwnProposalTable, ProposalTable
from projects.views.batch import LIST_SALT
from projects.views.listing import ProposalList
from projects.workflow import ICONS, TURN
from zhgg.kit.addresses import address_of
from zhgg.kit.batch import MOST, sign
from zhgg.kit.kept import Kept
from zhgg.kit.listing import PAGE_SIZES, InOrder, openings, page_of, show_page
from zhgg.kit.replica import may_read_replica
from zhgg.kit.ui import Link

RETURNED_SHOWN = 20
_UNIT_IS_EMPTY = "本单位的个人信息审核通过后，负责人即可从正在受理的批次新建申报书，新建后就会列在这里。"
EMPTY = {
    Role.LEGAL: _UNIT_IS_EMPTY,
    Role.AGENT: _UNIT_IS_EMPTY,
    Role.MANAGER: _UNIT_IS_EMPTY.replace("本单位", "本二级单位"),
    Role.BUREAU: "负责人提交申报书后，就会列在这里。",
}


@searches
@require_safe
@may_read_replica
def proposals(request):
    """本单位的项目 (全部项目 for 科技局), unless asked otherwise with what waits for the viewer on top."""
    actor = request.actor
    if actor.role not in CAPACITY_OF_ROLE:
        raise Http404
    found = ProposalList(actor, request.GET)
    context = {
        "title": title_of(actor),
        "home": address_of("portal"),
        "list_url": address_of("proposals"),
        "calls_url": address_of("calls"),
        "form": found.filter.form,
        "is_valid": found.is_valid,
        "anything": True,
    }
    if found.is_valid:
        if found.is_whole:
            # The menu shows the same number; it need not be counted again.
            request.frame.waiting["proposals"] = found.waiting
        context |= _rows(found, context["title"])
    return render(request, "projects/proposals.html", context)


def title_of(actor):
    """What the list is called for this viewer."""
    return "全部项目" if actor.role == Role.BUREAU else "本单位的项目"


def _rows(found, title):
    actor, page = found.actor, found.page()
    hidden = {"unit"} - ({"unit"} if actor.role == Role.BUREAU else set()) | (set() if found.waiting else {"check"})
    table = ProposalTable(
        InOrder(page.object_list),
        actor=actor,
        now=timezone.now(),
        caption=title,
        address=openings("proposal", found),
        order_by=found.sort,
        exclude=tuple(hidden),
    )
    show_page(table, page)
    conditions = found.filter.conditions
    return {
        "table": table,
        "chips": _chips(found),
        "conditions": conditions,
        "anything": bool(conditions) or found.total > 0,
        "total": found.total,
        "chosen_state": found.state,
        "all_done": not found.waiting and found.state in ("", Proposal.objects.awaited_state(actor)),
        "waiting": found.waiting,
        "most": MOST,
        "token": sign(actor, found.query, LIST_SALT),
        "list_query": found.query,
        "sizes": PAGE_SIZES,
        "empty_text": EMPTY[actor.role],
        "can_export_in_full": actor.role == Role.BUREAU,
    }


def _chips(found):
    """The states with their counts under all other conditions."""
    mine = CAPACITY_OF_ROLE[found.actor.role]
    return [
        Link("全部", found.address(state=""), sum(found.counts.values()), current=not found.state),
        *(
            Link(
                state.label,
                found.address(state=state.value),
                found.counts.get(state, 0),
                current=state == found.state,
                todo=mine in TURN.get(state, ()),
                icon=ICONS[state],
            )
            for state in found.states
        ),
    ]


_OWN = Kept(lambda role: Proposal.objects.own(anybody(role)).for_list().order_by("-updated_at", "-pk"), by_key=True)


@require_safe
def my_proposals(request):
    """我的申报: the viewer's own, with the reasons of those that came back on top."""
    actor = request.actor
    if not actor.is_person:
        raise Http404
    now = timezone.now()
    # Nobody has so many that they would have to be looked up page by page.
    own = _OWN.rows(actor.role, **actor.given)
    page = page_of(own, request.GET)
    table = OwnProposalTable(InOrder(page.object_list), actor=actor, now=now)
    show_page(table, page)
    returned = [
        {
            "proposal": proposal,
            "heading": return_heading(proposal),
            "due": deadline(proposal),
            "may_edit": may_edit(actor, proposal, now),
        }
        for proposal in sorted(filter(came_back, own), key=attrgetter("state_since"))[:RETURNED_SHOWN]
    ]
    context = {
        "home": address_of("portal"),
        "calls_url": address_of("calls"),
        "table": table,
        "total": len(own),
        "sizes": PAGE_SIZES,
        "returned": returned,
        "first_tab": Tab.BASICS,
    }
    return render(request, "projects/my_proposals.html", context)
