"""Filling in an 申报书: its tabs, and the check before 【提交】."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from projects.completeness.check import gaps
from projects.enums import Capacity, State, Tab
from projects.forms import DecisionForm, VersionForm
from projects.progress import return_heading
from projects.rules import deadline, first_level, may, may_delete, may_edit
from projects.sections.base import change_rows, stored
from projects.sections.reading import differences
from projects.sections.registry import forms_of
from projects.services.drafts import StaleSection, delete_draft, save_section
from projects.views.loading import leads_back, load
from projects.workflow import SUBMIT, badge
from zhgg.kit.clock import database_now
from zhgg.kit.remaining import remaining
from zhgg.kit.ui import Link


@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def edit(request, pk, tab):
    """One tab of a draft. 【保存】 asks only that each value be of its kind; nothing typed is ever lost."""
    proposal = load(request.actor, pk)
    if tab not in forms_of(proposal.call):
        raise Http404
    now = database_now()
    may_edit(request.actor, proposal, now).enforce()
    if request.method == "POST":
        return _save(request, proposal, tab, now)
    section = proposal.sections.filter(tab=tab).first()
    initial = section.data if section else _suggestions(proposal, tab)
    form = forms_of(proposal.call)[tab](initial=initial, call=proposal.call, draft=True)
    version = VersionForm(initial={"version": section.version if section else 0})
    return _page(request, proposal, tab, now, form=form, version=version, section=section)


def _suggestions(proposal, tab):
    """What a tab that was never saved starts with: the PI is usually the contact."""
    if tab != Tab.BASICS:
        return {}
    return {"contact_name": proposal.pi.name, "contact_mobile": proposal.pi.mobile}


def _save(request, proposal, tab, now):
    form_class = forms_of(proposal.call)[tab]
    section = proposal.sections.filter(tab=tab).first()
    initial = section.data if section else {}
    form = form_class(request.POST, initial=initial, call=proposal.call, draft=True)
    version = VersionForm(request.POST)
    if command := request.POST.get("rows"):
        posted = change_rows(form, request.POST, command)
        form = form_class(posted, initial=initial, call=proposal.call, draft=True)
        return _page(request, proposal, tab, now, form=form, version=version, section=section)
    if not (form.is_valid() and version.is_valid()):
        return _page(request, proposal, tab, now, form=form, version=version)
    try:
        save_section(
            actor=request.actor,
            proposal_id=proposal.pk,
            tab=tab,
            version=version.cleaned_data["version"],
            data=stored(form),
        )
    except StaleSection as stale:
        return _page(
            request,
            proposal,
            tab,
            now,
            status=409,
            form=form,
            # Saving once more is then a decision made in knowledge of the other values.
            version=VersionForm(initial={"version": stale.section.version}),
            stale=stale.section,
            differences=differences(form_class, stale.section.data, stored(form), call=proposal.call),
        )
    if request.POST.get("then") == "check":
        return redirect("proposal-check", pk=proposal.pk)
    messages.success(request, f"{Tab(tab).label}已保存。填写完成后点【检查】，没有缺项即可提交。")
    return redirect("proposal-edit", pk=proposal.pk, tab=tab)


def _frame(request, proposal):
    request.menu_entry = "my-proposals"
    return {
        "list_url": reverse("my-proposals"),
        "badge": badge(proposal.state, Capacity.PI),
        "returned": return_heading(proposal),
        "due": deadline(proposal),
    }


def _page(request, proposal, tab, now, *, status=200, **context):
    context = {
        "proposal": proposal,
        "tab": tab,
        "tab_label": Tab(tab).label,
        "tabs": [
            Link(Tab(each).label, reverse("proposal-edit", args=[proposal.pk, each]), current=each == tab)
            for each in forms_of(proposal.call)
        ],
        **_frame(request, proposal),
        "left": remaining(deadline(proposal), now),
        "may_delete": may_delete(request.actor, proposal),
        **context,
    }
    return render(request, "projects/edit.html", context, status=status)


@require_safe
@leads_back
def check(request, pk):
    """The completeness check (检查): each gap with a link to its field, or 【提交】."""
    proposal = load(request.actor, pk)
    now = database_now()
    verdict = may(SUBMIT, request.actor, proposal, now)
    if verdict.never or proposal.state != State.DRAFT:
        verdict.enforce()
    found = gaps(proposal)
    level = first_level(request.actor, proposal)
    context = {
        **_frame(request, proposal),
        "proposal": proposal,
        "gaps": found,
        "gap_note": f"有 {len(found)} 处需要补全",
        "edit_url": reverse("proposal-edit", args=[pk, Tab.BASICS]),
        "verdict": verdict,
        "form": DecisionForm(action=SUBMIT, actor=request.actor, now=now, initial={"seen_step": proposal.step_count}),
        "first_level": State(level).label,
        "first_reviewer": proposal.pi.department if level == State.DEPARTMENT else proposal.pi.unit,
    }
    return render(request, "projects/check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def delete(request, pk):
    """Delete a draft that was never submitted, after a question."""
    proposal = load(request.actor, pk)
    may_delete(request.actor, proposal).enforce()
    if request.method == "POST":
        delete_draft(actor=request.actor, proposal_id=pk)
        messages.success(request, f"已删除“{proposal}”。")
        return redirect("my-proposals")
    return render(request, "projects/delete.html", {**_frame(request, proposal), "proposal": proposal})
