"""The page of one 申报书 in tabs, and what changed from one submission to the next."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from projects.attachments import by_kind
from projects.contents import extension_of, steps_of
from projects.enums import Capacity, State, Tab
from projects.facts import extension_notes
from projects.progress import timeline
from projects.rules import available, deadline, is_closed, is_mine_to_decide, may_edit, review_deadline
from projects.versions import (
    DRAFT,
    changes,
    draft_of,
    moment_of,
    pairs,
    present_and_last,
    submissions_of,
    version_label,
)
from projects.views.heading import head
from projects.views.listing import opened_from
from projects.views.loading import load
from projects.workflow import SUMMARIES
from zhgg.kit.listing import within
from zhgg.kit.ui import Link

PREVIOUS, HISTORY = "previous", "history"
HINTS = {
    State.DEPARTMENT: "通过后由单位审核；退回则退回至负责人",
    State.UNIT: "提交后单位不能再修改；退回则退回至负责人",
    State.BUREAU: "受理、不予受理后办理结束；退回则退回至负责人补正",
}


@require_safe
def proposal(request, pk):
    """The 申报书 in tabs, its progress, and the decision bar for whoever may decide.

    The draft is shown as last saved while it is 未提交, otherwise what was submitted and frozen. After a resubmission
    the tabs say how much changed. Opened from a list it knows its place there.
    """
    actor = request.actor
    found = load(actor, pk)
    now = found.read_at
    version, before = present_and_last(found)
    compared = before if before and not (before.unreadable or version.unreadable) else None
    changed = changes(compared, version) if compared else {}
    names = _tabs(found, version)
    tab = request.GET.get("tab") or next(iter(names))
    if tab not in names:
        raise Http404
    opened = opened_from(request)
    place = opened.place_of(found) if opened else None
    if place and opened.is_whole:
        # As in the list itself: the menu shows the same number.
        request.frame.waiting["proposals"] = opened.waiting
    steps = steps_of(found)
    context = {
        **head(request, found, now, opened),
        "extensions": extension_notes(extension_of(found)),
        "tab": tab,
        "tab_label": names[tab],
        "tabs": [_tab(key, label, key == tab, changed, opened) for key, label in names.items()],
        "steps": [(step, SUMMARIES[step.action], Capacity(step.capacity).label) for step in steps],
        "timeline": timeline(actor, found, steps, now),
        "actions": [
            (action, within(opened, reverse("proposal-act", args=[pk, action.key])))
            for action in available(actor, found, now)
        ],
        "may_edit": bool(may_edit(actor, found, now)),
        "hint": _hint(actor, found, now),
        "before": compared,
        "changed": [(Tab(key).label, len(rows)) for key, rows in changed.items()],
        "changes_number": sum(map(len, changed.values())),
        "differences_url": within(opened, reverse("proposal-differences", args=[pk])),
        "place": place,
        "previous_url": _address(opened, place.previous) if place else "",
        "next_url": _address(opened, place.next) if place else "",
        "basics": version.data.get(Tab.BASICS, {}),
    }
    if tab != HISTORY:
        shown = before if tab == PREVIOUS else version
        tabs = shown.tabs if tab == PREVIOUS else [tab]
        context["shown"] = shown
        has_files = Tab.ATTACHMENTS in tabs and Tab.ATTACHMENTS not in shown.unreadable
        context["attachments"] = by_kind(shown.files) if has_files else None
        context["parts"] = [part for each in tabs for part in shown.parts(each)]
        context["pairs"] = pairs(changed.get(tab, []))
    return render(request, "projects/proposal.html", context)


def _tabs(found, version):
    names = {tab.value: Tab(tab).label for tab in version.tabs}
    if found.state == State.DRAFT and found.submission_count:
        names[PREVIOUS] = "上次提交"
    return {**names, HISTORY: "审核记录"}


def _tab(key, label, current, changed, opened):
    query = {"tab": key, **({"list": opened.query} if opened else {})}
    count = len(changed[key]) if key in changed else None
    return Link(label, f"?{urlencode(query)}", count, current=current, todo=True, count_words=" 处修改")


def _address(opened, pk):
    return within(opened, reverse("proposal", args=[pk])) if pk else ""


def _hint(actor, found, now):
    """The sentence beside the decision bar, or why there is none."""
    if is_closed(found, now):
        due = deadline(found) if found.state == State.DRAFT else review_deadline(found)
        return f"已于 {timezone.localtime(due):%Y-%m-%d %H:%M} 截止。只有科技局可以延期，需要延期的请与科技局联系。"
    if is_mine_to_decide(actor, found, now):
        return HINTS[found.state]
    return ""


@require_safe
def differences(request, pk):
    """Two versions of an 申报书 side by side, changed tabs first: the present one and the submission before it, or any
    two that `from` and `to` name by their numbers (0: the draft, while it is 未提交). Without two nothing is here.
    """
    found = load(request.actor, pk)
    numbers = list(range(1, found.submission_count + 1))
    if found.state == State.DRAFT:
        numbers.append(DRAFT)
    if len(numbers) < 2:
        return redirect(found)
    chosen = [_chosen(request, name, numbers, usual) for name, usual in (("from", numbers[-2]), ("to", numbers[-1]))]
    # The draft is the latest of all, and the earlier one stands at the left whatever was chosen.
    first, last = sorted(chosen, key=numbers.index)
    versions = submissions_of(found, first, last)
    if last == DRAFT:
        versions[DRAFT] = draft_of(found)
    before, after = versions[first], versions[last]
    changed = changes(before, after)
    now = found.read_at
    opened = opened_from(request)
    context = {
        **head(request, found, now, opened),
        "before": before,
        "after": after,
        "before_moment": moment_of(before),
        "after_moment": moment_of(after),
        "sections": [(Tab(tab).label, pairs(rows)) for tab, rows in changed.items()],
        "unchanged": [Tab(tab).label for tab in after.tabs if tab not in changed],
        "number": sum(map(len, changed.values())),
        "choices": [(number, version_label(number)) for number in numbers] if len(numbers) > 2 else [],
        "list_query": opened.query if opened else "",
    }
    return render(request, "projects/differences.html", context)


def _chosen(request, name, numbers, usual):
    text = request.GET.get(name, "")
    if not text:
        return usual
    number = next((number for number in numbers if str(number) == text), None)
    if number is None:
        raise Http404
    return number
