"""【检查】: what still keeps an 申报书 from being submitted, what to look at again, and then 【提交】."""

from itertools import groupby
from operator import attrgetter

from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.completeness.check import gaps, stored_tabs, warnings
from projects.enums import State, Tab
from projects.forms import DecisionForm
from projects.rules import first_level, may
from projects.views.editing import frame, tab_url
from projects.views.loading import leads_back, load
from projects.workflow import SUBMIT


@require_safe
@leads_back
def check(request, pk):
    """The completeness check (检查): each gap with a link to its field, or 【提交】."""
    proposal = load(request.actor, pk)
    now = proposal.read_at
    verdict = may(SUBMIT, request.actor, proposal, now)
    if verdict.never or proposal.state != State.DRAFT:
        verdict.enforce()
    data = stored_tabs(proposal)
    errors, advice = gaps(proposal, data), warnings(proposal, data)
    level = first_level(request.actor, proposal)
    context = {
        **frame(request, proposal),
        "gaps": errors,
        "groups": by_place(errors),
        "gap_note": f"有 {len(errors)} 处需要补全",
        "warnings": advice,
        "warning_groups": by_place(advice),
        "warning_note": f"有 {len(advice)} 处，不影响提交",
        "edit_url": tab_url(proposal, Tab.BASICS),
        "verdict": verdict,
        "form": DecisionForm(action=SUBMIT, actor=request.actor, now=now, initial={"seen_step": proposal.step_count}),
        "first_level": State(level).label,
        "first_reviewer": proposal.pi.department if level == State.DEPARTMENT else proposal.pi.unit,
    }
    return render(request, "projects/check.html", context)


def by_place(found):
    """`[(place, its gaps)]` in the order in which the places come up first."""
    places = list(dict.fromkeys(gap.place for gap in found))
    ordered = sorted(found, key=lambda gap: places.index(gap.place))
    return [(place, list(group)) for place, group in groupby(ordered, attrgetter("place"))]
