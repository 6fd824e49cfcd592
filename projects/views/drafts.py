"""Filling in an 申报书, tab by tab: 【保存】, and what saves itself while one types."""

from functools import wraps

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from projects.contents import sections_of
from projects.enums import Tab
from projects.forms import VersionForm
from projects.rules import may_edit
from projects.sections.base import change_rows, stored
from projects.sections.budget_table import BudgetTable
from projects.sections.reading import differences
from projects.sections.registry import forms_of
from projects.services.drafts import StaleSection, save_section
from projects.views.editing import edit_frame, tab_url, tabs_of
from projects.views.facts import facts_beside
from projects.views.loading import leads_back, load
from zhgg.kit.errors import Refusal

JSON = "application/json"


def saves_itself(request):
    """Whether the script of the page saves, and not a button: it asks for JSON."""
    return request.headers.get("Accept") == JSON


def _tells_the_script(view):
    """A refusal of an automatic save as the sentence that the page shows."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            if not saves_itself(request):
                raise
            return JsonResponse({"refused": refusal.message}, status=refusal.status)

    return wrapped


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@_tells_the_script
@leads_back
def edit(request, pk, tab):
    """One tab of a draft. 【保存】 asks only that each value be of its kind; nothing typed is ever lost.

    An automatic save posts the same form and is answered in JSON: `saved` (the time) and `version`; or `errors`, as
    `[[id of the control, label, message]]`; or `stale`, when the tab was saved in another window; or `refused`.
    """
    proposal = load(request.actor, pk)
    if tab not in forms_of(proposal.call):
        raise Http404
    now = proposal.read_at
    may_edit(request.actor, proposal, now).enforce()
    sections = sections_of(proposal)
    if request.method == "POST":
        return _save(request, proposal, tab, now, sections)
    typed, section = request.restored, sections.get(tab)
    initial = section.data if section else _suggestions(proposal, tab)
    form = forms_of(proposal.call)[tab](typed, initial=initial, call=proposal.call, draft=True)
    version = VersionForm(typed, initial={"version": section.version if section else 0})
    return _page(request, proposal, tab, now, sections, form=form, version=version, unsaved=typed is not None)


def _suggestions(proposal, tab):
    """What a tab that was never saved starts with: the PI is usually the contact."""
    if tab != Tab.BASICS:
        return {}
    return {"contact_name": proposal.pi.name, "contact_mobile": proposal.pi.mobile}


def _save(request, proposal, tab, now, sections):
    form_class, section = forms_of(proposal.call)[tab], sections.get(tab)

    def form_over(posted):
        initial = section.data if section else {}
        return form_class(posted, initial=initial, call=proposal.call, draft=True)

    form, version = form_over(request.POST), VersionForm(request.POST)
    command = request.POST.get("rows", "")
    if command:
        form = form_over(change_rows(form, request.POST, command))
        if command.startswith("add:"):
            _focus_last_row(form, command.removeprefix("add:"))
        context = {"form": form, "version": version, "unsaved": True, "row_command": command}
        return _page(request, proposal, tab, now, sections, **context)
    valid = all([form.is_valid(), version.is_valid()])
    if not valid:
        if saves_itself(request):
            return JsonResponse({"errors": [*version.error_list, *form.error_list]}, status=422)
        context = {"form": form, "version": version, "unsaved": True}
        if section and version.is_valid() and version.cleaned_data["version"] != section.version:
            context["stale"] = section
        return _page(request, proposal, tab, now, sections, **context)
    try:
        section = save_section(
            actor=request.actor,
            proposal_id=proposal.pk,
            tab=tab,
            version=version.cleaned_data["version"],
            data=stored(form),
            by_itself=saves_itself(request),
        )
    except StaleSection as stale:
        return _compare(request, proposal, tab, now, sections, form, stale.section)
    if saves_itself(request):
        return JsonResponse({"saved": f"{timezone.localtime(section.saved_at):%H:%M}", "version": section.version})
    return _go_on(request, proposal, tab)


def _focus_last_row(form, table):
    """Where the page goes on after 【添加】 without a script."""
    rows = form.row_sets.get(table)
    if rows and rows.forms:
        next(iter(rows.forms[-1].fields.values())).widget.attrs["autofocus"] = True


def _compare(request, proposal, tab, now, sections, form, saved):
    """The tab was saved in another window: both versions, and the choice between them."""
    if saves_itself(request):
        return JsonResponse({"stale": f"{timezone.localtime(saved.saved_at):%H:%M}"}, status=409)
    context = {
        "form": form,
        # Saving once more is then a decision made in knowledge of the other values.
        "version": VersionForm(initial={"version": saved.version}),
        "stale": saved,
        "differences": differences(type(form), saved.data, stored(form), call=proposal.call),
        "unsaved": True,
    }
    return _page(request, proposal, tab, now, {**sections, tab: saved}, status=409, **context)


def _go_on(request, proposal, tab):
    """Where the pressed button leads."""
    then, order = request.POST.get("then"), tabs_of(proposal.call)
    if then == "check":
        return redirect("proposal-check", pk=proposal.pk)
    messages.success(request, f"{Tab(tab).label}已保存。填写完成后点【检查】，没有缺项即可提交。")
    place = order.index(tab) + {"next": 1, "previous": -1}.get(then, 0)
    return redirect(tab_url(proposal, order[min(max(place, 0), len(order) - 1)]))


def _page(request, proposal, tab, now, sections, *, status=200, **context):
    frame = edit_frame(request, proposal, tab, now, sections)
    context = {
        **frame,
        "section": sections.get(tab),
        "is_budget": tab == Tab.BUDGET,
        "facts_beside": facts_beside(proposal, tab, frame["data"]),
        **context,
    }
    form = context["form"]
    if "row_command" not in context:
        context["lines"] = [*context["version"].error_list, *form.error_list]
    if tab == Tab.BUDGET:
        context["budget"] = BudgetTable(form)
    return render(request, "projects/edit.html", context, status=status)
