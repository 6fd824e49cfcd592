"""【导出】 of 个人信息审核: the list as filtered, and the result of a batch. By POST, for each leaves an audit line."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orgs.exports import export
from profiles.exports import RESULT_COLUMNS, REVIEW_COLUMNS
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
    rows = found.rows.select_related("person", "unit", "department")
    return export(
        actor=actor,
        name="个人信息审核",
        columns=REVIEW_COLUMNS,
        rows=rows.iterator(chunk_size=1000),
        number=rows.count(),
        conditions=found.filter.conditions,
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
