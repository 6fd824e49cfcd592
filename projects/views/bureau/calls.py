"""申报批次 of 科技局: the list, the page of one with its history, 【新建】 and 【编辑】."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from accounts.throttles import searches
from orgs.views.bureau.gate import officers_only
from projects.call_forms import CallForm
from projects.enums import Phase, Scope, State
from projects.facts import ASKED, BASICS, OFFERED, TIMES, extension_times, in_words, label_of
from projects.filters import CallFilter
from projects.models import Call, Proposal
from projects.rules import fixed_in, may_close, may_extend, may_publish, phase_of
from projects.services.calls import CannotSave, StaleCall, create_call, save_call
from projects.tables import PHASE_BADGES, CallTable
from projects.views.bureau.history import HISTORY_LENGTH, Event, changes_of
from zhgg.kit.clock import database_now
from zhgg.kit.listing import PAGE_SIZES, InOrder, Listing, show_page
from zhgg.kit.moments import moment
from zhgg.kit.ui import Fact, Link


class CallList(Listing):
    """The list as one address asks for it."""

    url_name = "bureau-calls"

    def make_filter(self):
        return CallFilter(self.data, rows=lambda: Call.objects.visible_to(self.actor))


@searches
@require_safe
@officers_only
def calls(request):
    """Every call, the latest deadline on top, with how many 申报书 stand where."""
    found = CallList(request.actor, request.GET)
    context = {
        "home": reverse("portal"),
        "list_url": reverse("bureau-calls"),
        "form": found.filter.form,
        "is_valid": found.is_valid,
        "anything": True,
    }
    if found.is_valid:
        context |= _rows(found)
    return render(request, "projects/bureau/calls.html", context)


def _rows(found):
    counts = found.filter.rows_of_any_state().phase_counts()
    chosen = found.filter.form.cleaned_data["state"]
    total = counts[chosen] if chosen else sum(counts.values())
    page = found.page_of(found.filter.qs.order_by("-closes_at", "-pk"), total)
    page.object_list = list(page.object_list)
    table = CallTable(InOrder(page.object_list), now=database_now(), numbers=_numbers(page.object_list))
    show_page(table, page)
    conditions = found.filter.conditions
    return {
        "table": table,
        "total": total,
        "conditions": conditions,
        "anything": bool(conditions) or total > 0,
        "sizes": PAGE_SIZES,
        "chips": [
            Link("全部", found.address(state=""), sum(counts.values()), current=not chosen),
            *(
                Link(
                    phase.label,
                    found.address(state=phase.value),
                    counts[phase],
                    current=phase == chosen,
                    icon=PHASE_BADGES[phase].icon,
                )
                for phase in Phase
            ),
        ],
    }


def _numbers(calls):
    """`{(call, state): number}` of the 申报书 of these calls."""
    shown = {call.pk for call in calls}
    return {key: number for key, number in Proposal.objects.of_all().items() if key[0] in shown}


@require_safe
@officers_only
def call(request, pk):
    """One call: where it stands, what it asks for, everything that was changed about it, and what can be done."""
    found = load_call(request, pk)
    now = database_now()
    numbers = Proposal.objects.filter(call=found).state_counts()
    context = {
        "call": found,
        "list_url": reverse("bureau-calls"),
        "badge": PHASE_BADGES[phase_of(found, now)],
        "numbers": [Fact(state.label, _number(found, state, numbers)) for state in State],
        "times": facts_of(found, TIMES),
        "basics": facts_of(found, BASICS[1:]),
        "asked": facts_of(found, (*ASKED, *OFFERED)),
        "limits": list(found.limits.order_by("name")),
        "files": list(found.files.all()),
        "history": _history(found),
        "publish": may_publish(found, now),
        "may_close": may_close(found, now),
        "may_extend": may_extend(found),
    }
    return render(request, "projects/bureau/call.html", context)


def facts_of(call, names):
    """Those of these fields that hold something, in view mode."""
    held = {name: in_words(name, getattr(call, name)) for name in names}
    return [Fact(label_of(name), words, full=name in (*OFFERED, "tabs")) for name, words in held.items() if words]


def _number(found, state, numbers):
    """How many 申报书 of the call are in the state, with the way to their list; 未提交 ones are nobody's to list."""
    words = f"{numbers.get(state, 0):,} 份"
    if state == State.DRAFT or not numbers.get(state):
        return words
    return format_html('<a href="{}?call={}&amp;state={}">{}</a>', reverse("proposals"), found.pk, state, words)


def _history(found):
    """Changes and extensions together, newest first."""
    rows = found.extensions.select_related("proposal").prefetch_related("units")[:HISTORY_LENGTH]
    extensions = [Event(each.at, each.by_name, "延期", _extension_lines(each), each.reason) for each in rows]
    return sorted([*changes_of(found), *extensions], key=lambda event: event.at, reverse=True)[:HISTORY_LENGTH]


def _extension_lines(extension):
    whom = extension.get_scope_display()
    if extension.scope == Scope.UNITS:
        whom = "、".join(unit.name for unit in extension.units.all())
    elif extension.scope == Scope.PROPOSAL:
        whom = str(extension.proposal)
    times = [[f"{label}延至", "", moment(time)] for label, time in extension_times(extension)]
    return [["延期范围", "", f"{whom}（{extension.count:,} 份申报书）"], *times]


# Editing --------------------------------------------------------------------------------------------------------------


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def new(request):
    """【新建批次】: saved, it is not published yet. 【预览】 shows the guide and saves nothing."""
    if shown := _only_shown(request):
        return _form_page(request, CallForm(typed=shown), preview=_preview_of(request))
    if request.method != "POST":
        return _form_page(request, CallForm())
    form = CallForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    made = create_call(actor=request.actor, values=form.values(), form_key=form.cleaned_data["form_key"])
    messages.success(request, "已保存，还没有发布。请预览后再发布。")
    return redirect("bureau-call", pk=made.pk)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def edit(request, pk):
    """【编辑】 and 【保存】. What somebody else has saved meanwhile is told, and what was typed stays."""
    found = load_call(request, pk)
    fixed = _fixed(found)
    if shown := _only_shown(request):
        return _form_page(request, CallForm(call=found, fixed=fixed, typed=shown), found, preview=_preview_of(request))
    if request.method != "POST":
        return _form_page(request, CallForm(call=found, fixed=fixed), found)
    form = CallForm(request.POST, call=found, fixed=fixed)
    if not form.is_valid():
        return _form_page(request, form, found)
    try:
        save_call(actor=request.actor, call_id=pk, version=form.cleaned_data["version"], values=form.values())
    except StaleCall as stale:
        form = CallForm.after_conflict(request.POST, call=stale.call, fixed=_fixed(stale.call))
        form.is_valid()
        return _form_page(request, form, stale.call, status=409, conflict=stale.call.changes.first())
    except CannotSave as refusal:
        for field, sentence in refusal.errors.items():
            form.add_error(field, sentence)
        return _form_page(request, form, found)
    messages.success(request, "已保存。" if found.published else "已保存，还没有发布。请预览后再发布。")
    return redirect("bureau-call", pk=pk)


def _fixed(found):
    return fixed_in(found, has_proposals=Proposal.objects.filter(call=found).exists(), now=database_now())


def _only_shown(request):
    """What was typed, where it is only to be shown again: after 【预览】 and after the end of a session."""
    if request.method == "POST":
        return request.POST if "preview" in request.POST else None
    return request.restored


def _preview_of(request):
    return request.POST.get("guide", "")[: 2 * CallForm.base_fields["guide"].max_length] if request.POST else None


def _form_page(request, form, call=None, *, status=200, **context):
    request.frame.menu_entry = "bureau-calls"
    back = reverse("bureau-call", args=[call.pk]) if call else reverse("bureau-calls")
    context = {"form": form, "call": call, "list_url": reverse("bureau-calls"), "back": back, **context}
    return render(request, "projects/bureau/call_form.html", context, status=status)


# Shared by the pages of 申报批次 --------------------------------------------------------------------------------------


def load_call(request, pk):
    """The call; the menu stays at 申报批次."""
    found = Call.objects.visible_to(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    request.frame.menu_entry = "bureau-calls"
    return found
