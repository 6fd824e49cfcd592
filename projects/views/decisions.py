"""The page of one 申报书, and the pages on which something is decided about it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from projects.attachments import by_kind
from projects.enums import Capacity, State, Tab
from projects.forms import DecisionForm
from projects.progress import remark, return_heading, timeline
from projects.rules import (
    available,
    capacity_of,
    closing,
    deadline,
    is_closed,
    is_mine_to_decide,
    may,
    may_edit,
    review_deadline,
)
from projects.sections.reading import readable
from projects.sections.registry import forms_of
from projects.services.decisions import Incomplete, perform, refuse_if_overtaken
from projects.views.loading import leads_back, load
from projects.workflow import ACTIONS, SUBMIT, SUMMARIES, badge
from zhgg.kit.clock import database_now
from zhgg.kit.ui import Link

PREVIOUS, HISTORY = "previous", "history"


@require_safe
def proposal(request, pk):
    """The 申报书 in tabs, its progress, and the decision bar for whoever may decide."""
    actor = request.actor
    found = load(actor, pk)
    now = database_now()
    tabs = _tabs(found)
    tab = request.GET.get("tab") or next(iter(tabs))
    if tab not in tabs:
        raise Http404
    steps = list(found.steps.all())
    context = {
        **_frame(request, found, now),
        "tab": tab,
        "tab_label": tabs[tab],
        "tabs": [Link(label, f"?tab={key}", current=key == tab) for key, label in tabs.items()],
        "steps": [(step, SUMMARIES[step.action], Capacity(step.capacity).label) for step in steps],
        "timeline": timeline(actor, found, steps, now),
        "actions": available(actor, found, now),
        "may_edit": bool(may_edit(actor, found, now)),
        "hint": _hint(actor, found, now),
    }
    if tab != HISTORY:
        context |= _content(found, tab)
    return render(request, "projects/proposal.html", context)


def _tabs(found):
    tabs = {tab.value: Tab(tab).label for tab in forms_of(found.call)}
    if Tab.ATTACHMENTS in found.call.tabs:
        tabs[Tab.ATTACHMENTS.value] = Tab.ATTACHMENTS.label
    if found.state == State.DRAFT and found.submission_count:
        tabs[PREVIOUS] = "上次提交"
    return {**tabs, HISTORY: "审核记录"}


def _content(found, tab):
    """What a tab shows: the draft as last saved while it is 未提交, otherwise what was submitted and frozen."""
    frozen = tab == PREVIOUS or found.state != State.DRAFT
    if frozen:
        submission = found.submissions.order_by("-number").first()
        data = submission.data
        files = data.get(Tab.ATTACHMENTS, [])
        shown = list(forms_of(found.call)) if tab == PREVIOUS else [tab]
    elif tab == Tab.ATTACHMENTS:
        submission, data, shown = None, {}, [tab]
        files = found.attachments.in_draft()
    else:
        submission, files = None, []
        data = {section.tab: section.data for section in found.sections.filter(tab=tab)}
        shown = [tab]
    forms = forms_of(found.call)
    parts = [
        part
        for each in shown
        if each in forms
        for part in readable(forms[each], data.get(each, {}), call=found.call, owner=found)
    ]
    with_files = tab == Tab.ATTACHMENTS or (tab == PREVIOUS and Tab.ATTACHMENTS in found.call.tabs)
    return {"parts": parts, "submission": submission, "attachments": by_kind(files) if with_files else None}


def _frame(request, found, now):
    """What the head of every page of an 申报书 shows, and the way back."""
    capacity = capacity_of(request.actor, found)
    is_pi = capacity == Capacity.PI
    request.menu_entry = "my-proposals" if is_pi else "proposals"
    bureau = capacity == Capacity.BUREAU
    return {
        "proposal": found,
        "is_pi": is_pi,
        "badge": badge(found.state, capacity, closed=is_closed(found, now)),
        "remark": remark(found, now),
        "returned": return_heading(found),
        "due": deadline(found),
        "list_url": reverse(request.menu_entry),
        "list_label": "我的申报" if is_pi else "全部项目" if bureau else "本单位的项目",
    }


def _hint(actor, found, now):
    """The sentence beside the decision bar, or why there is none."""
    if is_closed(found, now):
        due = deadline(found) if found.state == State.DRAFT else review_deadline(found)
        return f"已于 {timezone.localtime(due):%Y-%m-%d %H:%M} 截止。只有科技局可以延期，需要延期的请与科技局联系。"
    if is_mine_to_decide(actor, found, now):
        return HINTS[found.state]
    return ""


HINTS = {
    State.DEPARTMENT: "通过后由单位审核；退回则退回至负责人",
    State.UNIT: "提交后单位不能再修改；退回则退回至负责人",
    State.BUREAU: "受理、不予受理后办理结束；退回则退回至负责人补正",
}


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def act(request, pk, action):
    """One action as a page of its own: GET asks for confirmation (and the reason), POST carries it out."""
    if action not in ACTIONS:
        raise Http404
    action = ACTIONS[action]
    if request.method == "POST":
        return _carry_out(request, pk, action)
    found = load(request.actor, pk)
    now = database_now()
    may(action, request.actor, found, now).enforce()
    if action is SUBMIT:
        return redirect("proposal-check", pk=pk)
    initial = {"seen_step": found.step_count}
    form = DecisionForm(request.restored, action=action, actor=request.actor, now=now, initial=initial)
    return _confirm(request, found, action, now, form)


def _carry_out(request, pk, action):
    actor, now = request.actor, database_now()
    form = DecisionForm(request.POST, action=action, actor=actor, now=now)
    if not form.is_valid():
        if "seen_step" in form.cleaned_data:
            seen_step = form.cleaned_data["seen_step"]
            refuse_if_overtaken(action=action, proposal_id=pk, actor=actor, seen_step=seen_step)
        found = load(actor, pk)
        may(action, actor, found, now).enforce()
        return _confirm(request, found, action, now, form)
    try:
        outcome = perform(action=action, proposal_id=pk, actor=actor, **form.cleaned_data)
    except Incomplete:
        return redirect("proposal-check", pk=pk)
    found = outcome.proposal
    messages.success(request, _result(outcome))
    return redirect(found) if found.pi_id == actor.user_id else redirect("proposals")


def _confirm(request, found, action, now, form):
    context = {
        **_frame(request, found, now),
        "action": action,
        "form": form,
        "consequence": _consequence(action, found),
    }
    return render(request, "projects/act.html", context)


def _consequence(action, found):
    """What the action leads to, said before it is done."""
    again = "二级单位和单位" if found.department_id else "单位"
    # 科技局 gives a date of its own with a 退回.
    until = "" if found.state == State.BUREAU else f"在 {timezone.localtime(review_deadline(found)):%Y-%m-%d %H:%M} 前"
    return {
        "withdraw": (
            f"撤回后，申报书回到“未提交”，您可以修改后再次提交。"
            f"请在 {timezone.localtime(closing(found)):%Y-%m-%d %H:%M} 申报截止前再次提交。"
        ),
        "pass-to-unit": f"审核通过后，申报书转到“单位审核”，由{found.unit}审核。",
        "pass-to-bureau": "提交后，申报书转到“科技局审核”，单位不能再修改或撤回。",
        "accept": "受理后，办理结束，负责人和单位会收到通知。",
        "decline": "不予受理后，办理结束，负责人和单位会看到您填写的原因。",
        "send-back": (
            f"申报书退回至负责人{found.pi}，回到“未提交”。负责人{until}修改后再次提交，重新经过{again}审核。"
        ),
    }[action.key]


def _result(outcome):
    """What was done and what happens next, for the message after it; the same when the same form comes twice."""
    found, step = outcome.proposal, outcome.step
    first = found.department if step.target == State.DEPARTMENT else found.unit
    return {
        "submit": f"“{found}”已提交，先由{first}进行{step.get_target_display()}。",
        "withdraw": f"“{found}”已撤回，回到“未提交”。修改后可以再次提交。",
        "pass-to-unit": f"“{found}”已通过部门审核，现在由{found.unit}进行单位审核。",
        "pass-to-bureau": f"“{found}”已提交至科技局，等待科技局审核。",
        "accept": f"“{found}”已受理，负责人和单位会收到通知。",
        "decline": f"“{found}”已办理不予受理，负责人和单位会收到通知和原因。",
        "send-back": f"“{found}”已退回至负责人{found.pi}，负责人会收到通知和退回原因。",
    }[step.action]
