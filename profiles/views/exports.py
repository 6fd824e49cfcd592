"""【导出】 of 个人信息审核: the list as filtered, and the result of a batch. By POST, for each leaves an audit line."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from orgs.exports import FullExportForm, export
from profiles.exports import RESULT_COLUMNS, review_columns
from profiles.models import ReviewRequest
from profiles.views.batch import RESULT_SALT
from profiles.views.listing import ReviewList
from profiles.workflow import ACTIONS, REVIEWERS
from zhgg.kit.batch import unsign


@require_http_methods(["GET", "HEAD", "POST"])
def export_reviews(request):
    """The list that the address asks for, in its order."""
    actor = _reviewer(request)
    found = ReviewList(actor, request.GET)
    if request.method != "POST" or not found.is_valid or found.filter.names_a_number:
        return redirect("reviews")
    return _export(found, review_columns())


@require_http_methods(["GET", "HEAD", "POST"])
def export_in_full(request):
    """The same list with full numbers: after a reason, which stays in the audit trail, and a second question."""
    actor = _reviewer(request)
    found = ReviewList(actor, request.GET)
    if not found.is_valid or found.filter.names_a_number:
        return redirect("reviews")
    form = FullExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _export(found, review_columns(full=True), reason=form.cleaned_data["reason"])
    context = {
        "layout": "layouts/user_centre.html",
        "list_label": "个人信息审核",
        "list_url": ReviewList.back_to(found),
        "form": form,
        "number": found.rows.count(),
        "conditions": found.filter.conditions,
        "what": "证件号码和手机号码",
    }
    return render(request, "orgs/export_in_full.html", context)


def _export(found, columns, reason=""):
    rows = found.rows.select_related("person", "unit", "department")
    return export(
        actor=found.actor,
        name="个人信息审核",
        columns=columns,
        rows=rows.iterator(chunk_size=1000),
        number=rows.count(),
        conditions=found.filter.conditions,
        reason=reason,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def batch_result(request):
    """The result of a batch, row by row, as its page showed it."""
    actor = _reviewer(request)
    result = unsign(actor, request.POST.get("result", ""), RESULT_SALT)
    if request.method != "POST" or result is None:
        if request.method == "POST":
            messages.warning(request, "办理结果的页面已过期，没有导出。每个人的办理结果仍可在列表中查看。")
        return redirect("reviews")
    key, outcomes = result
    action = ACTIONS[key]
    visible = ReviewRequest.objects.visible_to(actor).among([pk for pk, _ in outcomes])
    known = {each.pk: each for each in visible.select_related("person", "unit", "department")}
    rows = [(known.get(pk), "没有办理" if reason else action.label, reason) for pk, reason in outcomes]
    return export(actor=actor, name=f"批量{action.label}结果", columns=RESULT_COLUMNS, rows=rows, number=len(rows))


def _reviewer(request):
    if request.actor.role not in REVIEWERS:
        raise Http404
    return request.actor
