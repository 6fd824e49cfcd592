"""The pages on which something is decided about one 申报书."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from orgs.services.locks import refuse_if_just_ended
from projects.enums import State
from projects.forms import REASON_LABELS, decision_form
from projects.models import Step
from projects.rules import closing, may, review_deadline
from projects.services.decisions import Incomplete, perform, refuse_if_overtaken
from projects.views.heading import head
from projects.views.listing import ProposalList, opened_from
from projects.views.loading import leads_back, load
from projects.workflow import ACTIONS, SUBMIT
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.listing import within


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def act(request, pk, action):
    """One action as a page of its own: GET asks for confirmation (and the reason), POST carries it out."""
    if action not in ACTIONS:
        raise Http404
    action = ACTIONS[action]
    if request.method == "POST":
        return _keeping_the_reason(request, pk, action)
    found = load(request.actor, pk)
    now = database_now()
    may(action, request.actor, found, now).enforce()
    if action is SUBMIT:
        return redirect("proposal-check", pk=pk)
    initial = {"seen_step": found.step_count}
    form = decision_form(request.restored, action=action, actor=request.actor, now=now, initial=initial)
    return _confirm(request, found, action, now, form)


def _keeping_the_reason(request, pk, action):
    """Carry out; when it comes too late the page that says so shows what was typed."""
    form = decision_form(request.POST, action=action, actor=request.actor)
    try:
        try:
            return _carry_out(request, pk, action, form)
        except Http404:
            # Somebody whose authority has just ended sees nothing any more, whatever they ask for. Telling them so
            # tells nothing about the 申报书.
            refuse_if_just_ended(request.actor, links=[(reverse("my-proposals"), "查看我的申报")])
            raise
    except NotNow as refusal:
        typed = form.cleaned_data.get("reason") or request.POST.get("reason", "").strip()
        if action.needs_reason and typed:
            refusal.kept = [(REASON_LABELS[action.key], typed)]
        raise


def _carry_out(request, pk, action, form):
    actor = request.actor
    if not form.is_valid():
        if "seen_step" in form.cleaned_data:
            seen_step = form.cleaned_data["seen_step"]
            refuse_if_overtaken(action=action, proposal_id=pk, actor=actor, seen_step=seen_step)
        found, now = load(actor, pk), database_now()
        may(action, actor, found, now).enforce()
        if action is SUBMIT:
            return redirect("proposal-check", pk=pk)
        return _confirm(request, found, action, now, form)
    try:
        outcome = perform(action=action, proposal_id=pk, actor=actor, **form.decision)
    except Incomplete:
        return redirect("proposal-check", pk=pk)
    return _go_on(request, outcome, form.cleaned_data["seen_step"])


def _go_on(request, outcome, seen_step):
    """To the 申报书 for its PI, for a reviewer to what waits next in the list that the page was opened from."""
    found, done = outcome.proposal, _result(outcome)
    if found.pi_id == request.actor.user_id:
        messages.success(request, done)
        return redirect(found)
    opened = opened_from(request)
    if opened:
        since = Step.objects.filter(proposal=found, number=seen_step).values_list("at", flat=True).first()
        following = opened.next_waiting(found.pk, since)
        if following:
            messages.success(request, f"{done}这是下一条。")
            return redirect(within(opened, reverse("proposal", args=[following])))
        done += "这个列表中没有等您办理的了。"
    messages.success(request, done)
    return redirect(ProposalList.back_to(opened))


def _confirm(request, found, action, now, form):
    context = {
        **head(request, found, now, opened_from(request)),
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
        "accept": f"“{found}”已受理，受理编号 {found.accepted_number}，负责人和单位会收到通知。",
        "decline": f"“{found}”已办理不予受理，负责人和单位会收到通知和原因。",
        "send-back": f"“{found}”已退回至负责人{found.pi}，负责人会收到通知和退回原因。",
    }[step.action]
