"""批量审核: many people of the list at once, after a page that says what will happen to each."""

from collections import defaultdict

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from profiles import facts, services
from profiles.enums import ReviewState
from profiles.forms import ReasonForm
from profiles.models import ReviewRequest
from profiles.views.listing import ReviewList
from profiles.workflow import ACTIONS, REVIEWERS, badge
from zhgg.kit.batch import MOST, SHOWN, Row, number, sign, unsign

LIST_SALT, SELECTION_SALT, RESULT_SALT = "reviews.batch.list", "reviews.batch.selection", "reviews.batch.result"
NOT_HERE = "{number} 条不由您审核（例如您本人的），或对方的个人信息已到别处，没有办理。"


def token_of_list(actor, query):
    """What stands for everything that waits in the list of this query string."""
    return sign(actor, query, LIST_SALT)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request):
    """From the ticked rows, or the whole list, to the question; from the question to the result, row by row.

    The question holds the numbers of the requests it asks about. What somebody submits after it was shown has another
    number and is not decided by the answer. By GET the question comes back whose answer met the end of a session.
    """
    actor = request.actor
    data = request.POST if request.method == "POST" else request.restored
    if data is None:
        return redirect("reviews")
    action = ACTIONS.get(data.get("action"))
    if actor.role not in REVIEWERS or action is None:
        raise Http404
    opened = ReviewList.of_query(actor, data.get("list"))
    confirmed = "selection" in data
    ids = unsign(actor, data["selection"], SELECTION_SALT) if confirmed else _chosen(actor, data)
    if not ids:
        messages.warning(request, "没有选中待审核的个人信息，请勾选后再办理。")
        return redirect(ReviewList.back_to(opened))
    form = ReasonForm(data if confirmed else None) if action.needs_reason else None
    if request.method == "POST" and confirmed and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form else ""
        outcomes = services.decide_many(action=action, request_ids=ids, actor=actor, reason=reason)
        return _result(request, action, opened, outcomes, missing=len(ids) - len(outcomes))
    return _question(request, action, opened, ids, form)


def _chosen(actor, data):
    """Numbers of the requests that were ticked, or of all that wait in the list, in its order."""
    if token := data.get("all"):
        found = ReviewList.of_query(actor, unsign(actor, token, LIST_SALT))
        waiting = found.rows.filter(state=ReviewState.PENDING) if found else ReviewRequest.objects.none()
        return list(waiting.values_list("pk", flat=True)[:MOST])
    ticked = data.getlist("id")[:MOST]
    return [each for each in map(number, ticked) if each is not None]


def _question(request, action, opened, ids, form):
    actor = request.actor
    outcomes = services.examine(action=action, request_ids=ids, actor=actor)
    possible = sum(each.done for each in outcomes)
    context = {
        "action": action,
        "form": form,
        "chosen": len(ids),
        "possible": possible,
        "impossible": len(ids) - possible,
        **_rows(actor, outcomes, _asked),
        "missing": _missing(len(ids) - len(outcomes)),
        "list_url": ReviewList.back_to(opened),
        "list_query": opened.query if opened else "",
        "selection": sign(actor, ids, SELECTION_SALT),
    }
    return render(request, "profiles/batch.html", context)


def _result(request, action, opened, outcomes, missing):
    done = sum(each.done for each in outcomes)
    outcomes = sorted(outcomes, key=lambda outcome: outcome.done)
    context = {
        "action": action,
        "done": done,
        "skipped": len(outcomes) - done + missing,
        **_rows(request.actor, outcomes, _decided),
        "missing": _missing(missing),
        "now": timezone.now(),
        # For 【导出】; a row without a reason was carried out.
        "result": sign(request.actor, [action.key, [[each.request_id, each.reason] for each in outcomes]], RESULT_SALT),
        "list_url": ReviewList.back_to(opened),
    }
    return render(request, "profiles/batch_result.html", context)


def _missing(number):
    return NOT_HERE.format(number=f"{number:,}") if number else ""


def _rows(actor, outcomes, words):
    """What a page lists: `rows` of the first that go, how many are `hidden`, and what does not go in `groups`:
    `[(reason, how many, rows of the first, how many more)]`."""
    going, refused = [], defaultdict(list)
    for each in outcomes:
        (going if each.done else refused[each.reason]).append(each.request_id)
    listed = [*going[:SHOWN], *(pk for ids in refused.values() for pk in ids[:SHOWN])]
    visible = ReviewRequest.objects.visible_to(actor).among(listed).select_related("person", "unit", "department")
    found = {each.pk: each for each in visible}

    def rows(ids, fine, words):
        here = [found[pk] for pk in ids[:SHOWN] if pk in found]
        return [Row(each.person.name, each.get_absolute_url(), fine, *words(each)) for each in here]

    return {
        "rows": rows(going, True, words),
        "hidden": len(going[SHOWN:]),
        "groups": [
            (reason, len(ids), rows(ids, False, lambda _, reason=reason: (reason, "circle-alert")), len(ids[SHOWN:]))
            for reason, ids in refused.items()
        ],
    }


def _asked(found):
    """Text, icon and badge of what the question is about."""
    submitted = f"{timezone.localtime(found.submitted_at):%Y-%m-%d %H:%M} 提交"
    parts = (
        facts.place(found.unit, found.department),
        *(facts.words(found, field) for field in ("education", "degree", "title_level", "position")),
        submitted,
    )
    return " · ".join(part for part in parts if part), "circle-check"


def _decided(found):
    """The same of what was decided."""
    return facts.place(found.unit, found.department), "circle-check", badge(found.state)
