"""Lists of 申报书: 本单位的项目, 全部项目, 我的申报."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from orgs.enums import Role
from projects.enums import State, Tab
from projects.models import Proposal
from projects.progress import return_heading
from projects.rules import CAPACITY_OF_ROLE, deadline, may_edit
from projects.tables import OwnProposalTable, ProposalTable
from projects.workflow import ICONS, TURN
from zhgg.kit.ui import Link

PAGE_SIZES = ("20", "50", "100")
_UNIT_IS_EMPTY = "本单位的个人信息审核通过后，负责人即可从正在受理的批次新建申报书，新建后就会列在这里。"
EMPTY = {
    Role.LEGAL: _UNIT_IS_EMPTY,
    Role.AGENT: _UNIT_IS_EMPTY,
    Role.MANAGER: _UNIT_IS_EMPTY.replace("本单位", "本二级单位"),
    Role.BUREAU: "负责人提交申报书后，就会列在这里。",
}


@require_safe
def proposals(request):
    """本单位的项目 (全部项目 for 科技局): states with their counts, and on top what waits for the viewer."""
    actor = request.actor
    if actor.role not in CAPACITY_OF_ROLE:
        raise Http404
    states = [state for state in State if actor.role != Role.BUREAU or state != State.DRAFT]
    state = request.GET.get("state", "")
    if state and state not in states:
        raise Http404
    title = "全部项目" if actor.role == Role.BUREAU else "本单位的项目"
    place = Proposal.objects.of_place(actor)
    counts = place.state_counts()
    rows = place.filter(state=state) if state else place
    table = ProposalTable(
        rows.for_list().waiting_first(actor),
        actor=actor,
        now=timezone.now(),
        caption=title,
        exclude=() if actor.role == Role.BUREAU else ("unit",),
    )
    total = counts.get(state, 0) if state else sum(counts.get(each, 0) for each in states)
    paginate(table, request, total=total)
    context = {
        "home": reverse("portal"),
        "list_url": reverse("proposals"),
        "calls_url": reverse("calls"),
        "empty_text": EMPTY[actor.role],
        "title": title,
        "table": table,
        "state": State(state).label if state else "",
        "chips": _chips(actor, states, state, counts),
        "total": total,
    }
    return render(request, "projects/proposals.html", context)


def _chips(actor, states, chosen, counts):
    mine = CAPACITY_OF_ROLE[actor.role]
    return [
        Link("全部", "?", count=sum(counts.get(state, 0) for state in states), current=not chosen),
        *(
            Link(
                state.label,
                f"?state={state}",
                count=counts.get(state, 0),
                current=state == chosen,
                todo=mine in TURN.get(state, ()),
                icon=ICONS[state],
            )
            for state in states
        ),
    ]


def paginate(table, request, total=None):
    """Put the asked-for page into the table: 20 rows unless 50 or 100 are asked for, the last page for one beyond.

    `total` spares the query that counts the rows.
    """
    size = request.GET.get("size")
    table.paginator = Paginator(table.rows, int(size) if size in PAGE_SIZES else int(PAGE_SIZES[0]))
    if total is not None:
        table.paginator.count = total
    table.page = table.paginator.get_page(request.GET.get("page"))


@require_safe
def my_proposals(request):
    """我的申报: the viewer's own, with the reasons of those that came back on top."""
    actor = request.actor
    if not actor.is_person:
        raise Http404
    now = timezone.now()
    own = Proposal.objects.own(actor).for_list()
    table = OwnProposalTable(own.order_by("-updated_at", "-pk"), actor=actor, now=now)
    paginate(table, request)
    returned = [
        {
            "proposal": proposal,
            "heading": return_heading(proposal),
            "due": deadline(proposal),
            "may_edit": may_edit(actor, proposal, now),
        }
        for proposal in own.returned().order_by("state_since")[:20]
    ]
    context = {
        "home": reverse("portal"),
        "calls_url": reverse("calls"),
        "table": table,
        "total": table.paginator.count,
        "returned": returned,
        "first_tab": Tab.BASICS,
    }
    return render(request, "projects/my_proposals.html", context)
