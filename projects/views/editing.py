"""What all pages have in common on which an 申报书 is filled in: head, steps, and the way from tab to tab."""

from dataclasses import dataclass

from django.urls import reverse

from projects.completeness.check import numbers_by_tab, stored_tabs
from projects.contents import has_files
from projects.enums import Capacity, Tab
from projects.progress import return_heading
from projects.rules import deadline, may_delete
from projects.sections.registry import forms_of
from projects.workflow import badge
from zhgg.kit.remaining import remaining

FINISHED, MISSING, UNTOUCHED, OPTIONAL = "已完成", "缺 {} 项", "未开始", "可不填"


@dataclass(frozen=True)
class Step:
    """A tab among the steps at the left. `tone` is done, part, or "" for one not begun."""

    number: int
    label: str
    url: str
    tone: str
    words: str
    current: bool


def tab_url(proposal, tab):
    """The page on which a tab is filled in."""
    if tab == Tab.ATTACHMENTS:
        return reverse("proposal-attachments", args=[proposal.pk])
    return reverse("proposal-edit", args=[proposal.pk, tab])


def tabs_of(call):
    """The tabs that the call asks for and that have a page, in their order."""
    return [*forms_of(call), *(tab for tab in (Tab.ATTACHMENTS,) if tab in call.tabs)]


def steps_of(proposal, data, saved, current):
    """The Steps of an 申报书. `data` is what is stored in each tab; `saved` names those that were begun."""
    counts = numbers_by_tab(proposal, data)
    return [
        Step(number, Tab(tab).label, tab_url(proposal, tab), *_progress(tab, tab in saved, counts), tab == current)
        for number, tab in enumerate(tabs_of(proposal.call), start=1)
    ]


def _progress(tab, begun, counts):
    missing = counts[Tab(tab).label]
    if not missing:
        return "done", FINISHED if begun else OPTIONAL
    return ("part", MISSING.format(missing)) if begun else ("", UNTOUCHED)


def return_links(proposal):
    """`[(去经费预算, address)]`: the tabs in which the reviewer who returned it asks for changes."""
    asked = tabs_of(proposal.call)
    return [(f"去{Tab(tab).label}", tab_url(proposal, tab)) for tab in proposal.return_tabs if tab in asked]


def frame(request, proposal):
    """Head and menu of every page of a draft."""
    request.frame.menu_entry, request.frame.own_unit = "my-proposals", proposal.pi.unit
    return {
        "proposal": proposal,
        "list_url": reverse("my-proposals"),
        "badge": badge(proposal.state, Capacity.PI),
        "returned": return_heading(proposal),
        "return_links": return_links(proposal),
        "due": deadline(proposal),
    }


def edit_frame(request, proposal, tab, now, sections):
    """What `projects/edit_base.html` draws around a tab. `sections` are those saved so far, by their tab."""
    data = stored_tabs(proposal, sections.values())
    begun = set(sections)
    if Tab.ATTACHMENTS in proposal.call.tabs and has_files(proposal):
        begun.add(Tab.ATTACHMENTS)
    steps = steps_of(proposal, data, begun, tab)
    done = sum(step.tone == "done" for step in steps)
    order = tabs_of(proposal.call)
    place = order.index(tab)
    return {
        **frame(request, proposal),
        "tab": tab,
        "tab_label": Tab(tab).label,
        "tab_number": place + 1,
        "left": remaining(deadline(proposal), now),
        "may_delete": may_delete(request.actor, proposal),
        "steps": steps,
        "done": done,
        "percent": round(100 * done / len(steps)),
        "previous": order[place - 1] if place else "",
        "next": order[place + 1] if place + 1 < len(order) else "",
        "data": data,
    }
