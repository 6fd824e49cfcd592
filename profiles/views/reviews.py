"""个人信息审核: the list, the page of one request, the decision."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from accounts.throttles import searches
from orgs.actors import anybody
from orgs.enums import Role
from orgs.models import Department
from profiles import facts, services
from profiles.enums import ReviewState
from profiles.filters import LISTED_STATES, ReviewFilter, typed
from profiles.forms import ReasonForm
from profiles.models import Person, ReviewRequest
from profiles.rules import may_decide
from profiles.tables import ReviewTable
from profiles.views.batch import token_of_list
from profiles.views.listing import ReviewList, opened_from
from profiles.workflow import ACTIONS, ICONS, REVIEWERS, badge
from zhgg.kit.errors import NotNow
from zhgg.kit.kept import Kept
from zhgg.kit.listing import PAGE_SIZES, InOrder, openings, show_page, within
from zhgg.kit.replica import may_read_replica
from zhgg.kit.ui import Link

HISTORY_LENGTH = 20

LEADS = {
    "approve": "{name}会收到消息。",
    "reject": "{name}会收到驳回原因，修改后可以再次提交。",
}
DONE = {
    "approve": "{name}的个人信息审核已通过，内容已生效，对方会收到消息。",
    "reject": "{name}的个人信息审核不通过，驳回原因已发给对方，修改后会再次提交。",
}


@searches
@require_http_methods(["GET", "HEAD", "POST"])
@may_read_replica
def reviews(request):
    """The list, unless asked otherwise with what waits on top, longest waiting first.

    【查询】 posts the conditions, because a 证件号码 or 手机号码 must not stand in an address; it answers with the
    address that holds their digests.
    """
    actor = request.actor
    if actor.role not in REVIEWERS:
        raise Http404
    found = ReviewList(actor, typed(request, ReviewFilter.NUMBERS))
    if not found.is_valid:
        return _list_page(request, found, {})
    if request.method == "POST" or found.filter.names_a_number:
        return redirect(found.address())
    counts, state = found.counts, found.filter.form.cleaned_data["state"]
    total = counts.get(state, 0) if state else sum(counts.values())
    waiting = counts.get(ReviewState.PENDING, 0) if state in ("", ReviewState.PENDING) else 0
    if found.is_of_place:
        # The tab shows the same number; it need not be counted again.
        request.frame.waiting["reviews"] = counts.get(ReviewState.PENDING, 0)
    page = found.page()
    table = ReviewTable(
        InOrder(page.object_list),
        order_by=found.sort,
        address=openings("review", found),
        exclude=() if waiting else ("check",),
    )
    show_page(table, page)
    batch = {"waiting": waiting, "token": token_of_list(actor, found.query), "list_query": found.query}
    context = {**batch, "table": table, "total": total, "chips": _chips(found, state, counts)}
    return _list_page(request, found, context)


_DEPARTMENT = Kept(
    lambda role: Department.objects.visible_to(anybody(role)).current().order_by().values_list("pk")[:1], by_key=True
)


def _list_page(request, found, context):
    actor = request.actor
    conditions = found.filter.conditions if found.is_valid else []
    return render(
        request,
        "profiles/reviews.html",
        {
            "form": found.filter.form,
            "is_valid": found.is_valid,
            "conditions": conditions,
            "sizes": PAGE_SIZES,
            "anything": bool(conditions) or not found.is_valid or context["total"],
            "has_departments": actor.acts_for_unit and _DEPARTMENT.first(actor.role, **actor.given) is not None,
            "is_manager": actor.role == Role.MANAGER,
            **context,
        },
    )


def _chips(found, chosen, counts):
    """The states with their counts under all other conditions."""
    return [
        Link("全部", found.address(state=""), sum(counts.values()), current=not chosen),
        *(
            Link(
                state.label,
                found.address(state=state.value),
                counts.get(state, 0),
                current=chosen == state,
                icon=ICONS[state],
                todo=state == ReviewState.PENDING,
            )
            for state in LISTED_STATES
        ),
    ]


@require_safe
def review(request, pk):
    """One request: what it changes first, and 【审核通过】 and 【审核不通过】 while it waits.

    Opened from a list it knows its place there, under the same conditions and in the same order.
    """
    found = _load(request.actor, pk)
    opened = opened_from(request)
    place = opened.place_of(found.pk) if opened else None
    before = _before(found)
    in_force = isinstance(before, Person)
    seen = in_force and Person.objects.visible_to(request.actor).filter(pk=before.pk).exists()
    rows = facts.differences(before, found, kind_before="person-id-number" if seen else "")
    earlier = ReviewRequest.objects.visible_to(request.actor).filter(person=found.person).order_by("-pk")
    earlier = earlier.select_related("person", "unit", "reviewing_department")[:HISTORY_LENGTH]
    return render(
        request,
        "profiles/review.html",
        {
            "found": found,
            "badge": badge(found.state, reviewer=True),
            "place": facts.place(found.unit, found.department),
            "waiting": facts.waiting(found.submitted_at) if found.state == ReviewState.PENDING else "",
            "rows": rows,
            "first": before is None,
            "changes_title": f"本次变更 {facts.number_changed(rows)} 项",
            "papers": facts.papers(found.documents.order_by("pk")),
            "facts": facts.facts_for_reviewer(found),
            "history": facts.history(earlier, mine=True),
            "newest": _newest(request.actor, found),
            "may_decide": may_decide(ACTIONS["approve"], request.actor, found),
            "form": ReasonForm(),
            "list_place": place,
            "previous_url": _address_of(opened, place.previous) if place else "",
            "next_url": _address_of(opened, place.next) if place else "",
            "list_url": ReviewList.back_to(opened),
            "approve_url": within(opened, reverse("review-decide", args=[found.pk, "approve"])),
            "reject_url": within(opened, reverse("review-decide", args=[found.pk, "reject"])),
            "reject_lead": LEADS["reject"].format(name=found.person.name),
        },
    )


def _address_of(opened, pk):
    return within(opened, reverse("review", args=[pk])) if pk else ""


def _load(actor, pk):
    related = ("person__unit", "person__department", "unit", "department", "reviewing_department")
    found = ReviewRequest.objects.visible_to(actor).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _before(found):
    """The record that this request set out to change: the one approved before it; None when there was none."""
    earlier = found.person.requests.filter(state=ReviewState.APPROVED, pk__lt=found.pk).order_by("-pk")
    approved = earlier.select_related("unit", "department").first()
    later = found.person.requests.filter(state=ReviewState.APPROVED, pk__gt=found.pk).exists()
    if found.state != ReviewState.APPROVED and not later and found.person.is_approved:
        return found.person
    return approved


def _newest(actor, found):
    """The request that stands in the place of a replaced one, where it is this reviewer's too."""
    if found.state != ReviewState.REPLACED:
        return None
    later = ReviewRequest.objects.visible_to(actor).filter(person=found.person, pk__gt=found.pk)
    return later.exclude(state=ReviewState.REPLACED).order_by("-pk").first()


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk, action):
    """Carry out 【审核通过】 or 【审核不通过】; as a page, the question or the 驳回原因."""
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise Http404
    found = _load(request.actor, pk)
    opened = opened_from(request)
    data = request.POST if request.method == "POST" else request.restored
    form = ReasonForm(data) if chosen.needs_reason else None
    try:
        if request.method == "POST" and (form is None or form.is_valid()):
            return _carry_out(request, opened, chosen, found, form.cleaned_data["reason"] if form else "")
        may_decide(chosen, request.actor, found).enforce()
    except NotNow as refusal:
        if refusal.title == NotNow.title:
            refusal.links = _ways_on(request.actor, found, opened)
        raise
    context = {
        "found": found,
        "action": chosen,
        "form": form,
        "lead": LEADS[chosen.key].format(name=found.person.name),
        "list_url": ReviewList.back_to(opened),
        "review_url": within(opened, found.get_absolute_url()),
    }
    return render(request, "profiles/decide.html", context)


def _carry_out(request, opened, action, found, reason):
    """Decide, and go on to what waits next in the list that the page was opened from."""
    listed, following = opened.next_waiting(found.pk) if opened else (False, None)
    services.decide(action=action, request_id=found.pk, actor=request.actor, reason=reason)
    done = DONE[action.key].format(name=found.person.name)
    if following:
        messages.success(request, f"{done}这是下一条。")
        return redirect(_address_of(opened, following))
    messages.success(request, f"{done}这个列表中没有待审核的了。" if listed else done)
    return redirect(ReviewList.back_to(opened))


def _ways_on(actor, found, opened):
    """Where somebody goes whose decision came too late."""
    now = _load(actor, found.pk)
    newest = _newest(actor, now)
    way, label = (newest, "打开最新的一份") if newest else (found, "查看这一份")
    return [(within(opened, way.get_absolute_url()), label), (ReviewList.back_to(opened), "返回个人信息审核")]
