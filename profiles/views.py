"""个人信息 (one's own record) and 个人信息审核 (the list, the page of one request, the decision)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from orgs.enums import Role
from orgs.models import Department
from profiles import facts, services
from profiles.enums import ReviewState
from profiles.forms import PersonForm, ReasonForm
from profiles.models import Person, ReviewRequest
from profiles.rules import contradiction, may_decide, standing
from profiles.tables import ReviewTable
from profiles.workflow import ACTIONS, ICONS, REVIEWERS, badge
from zhgg.kit.errors import NotNow
from zhgg.kit.ui import Link

HISTORY_LENGTH = 20

# 个人信息 ------------------------------------------------------------------------------------------------------------

PANEL_TITLES = {ReviewState.PENDING: "待审核的修改 {count} 项", ReviewState.REJECTED: "未通过的修改 {count} 项"}


@require_safe
def person(request):
    """The record in force, beside it what waits or was refused, and what happened so far."""
    person, requests = _load_own(request.actor)
    latest = requests[0] if requests else None
    state = standing(person, latest)
    under_way = latest if state in PANEL_TITLES else None
    rows = facts.differences(person, under_way, kind_before="person-id-number") if under_way else []
    rows = rows if person.is_approved else []
    record = person if person.is_approved else latest
    return render(
        request,
        "profiles/person.html",
        {
            "person": person,
            "state": state,
            "badge": badge(state),
            "latest": latest,
            "reviewer": facts.reviewer(latest) if latest else "",
            "waiting": facts.waiting(latest.submitted_at) if latest else "",
            "saved": record is not None,
            "rows": rows,
            "panel_title": PANEL_TITLES[state].format(count=facts.number_changed(rows)) if under_way else "",
            "facts_note": "" if person.is_approved else "需审核的内容在审核通过后生效",
            "facts": facts.own_facts(person, record),
            "history": facts.history(requests),
        },
    )


def _load_own(actor):
    """The actor's own record and their latest requests; 404 for accounts that are no 个人用户."""
    person = Person.objects.own(actor).select_related("user", "unit", "department").first()
    if person is None:
        raise Http404
    related = ("person", "unit", "department", "reviewing_department")
    requests = ReviewRequest.objects.own(actor).select_related(*related).order_by("-pk")
    return person, list(requests[:HISTORY_LENGTH])


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request):
    """【维护个人信息】: one form. 【查找单位】 shows it again with the units found; 【保存并提交审核】 saves."""
    if request.method != "POST":
        return _form_page(request, _form(request.actor))
    form = _form(request.actor, request.POST)
    if "find" in request.POST:
        form.show_unchecked()
    elif form.is_valid():
        return _save(request, form)
    return _form_page(request, form)


def _form(actor, data=None):
    person, requests = _load_own(actor)
    latest = requests[0] if requests else None
    under_way = latest if standing(person, latest) in PANEL_TITLES else None
    return PersonForm(data, person=person, draft=under_way or (person if person.is_approved else None))


def _form_page(request, form, stale=False):
    return render(request, "profiles/person_form.html", {"form": form, "person": form.person, "stale": stale})


def _save(request, form):
    try:
        saved = services.save_person(
            actor=request.actor, version=form.cleaned_data["version"], values=form.values, reviewed=form.reviewed
        )
    except services.StalePerson:
        data = request.POST.copy()
        data["version"] = Person.objects.own(request.actor).get().version
        return _form_page(request, _form(request.actor, data), stale=True)
    except NotNow as refusal:
        # The 二级单位 went, or the first one came, a moment ago: the same form again, with what may be chosen now.
        form = _form(request.actor, request.POST)
        if form.is_valid():
            form.add_error(None, refusal.message)
        return _form_page(request, form)
    messages.success(request, _what_happened(saved))
    if warning := contradiction(form.cleaned_data["education"], form.cleaned_data["degree"]):
        messages.warning(request, warning)
    return redirect("person")


def _what_happened(saved):
    if saved.request:
        return f"已保存。需审核的内容已提交{facts.reviewer(saved.request)}审核，审核通过后生效，届时您会收到消息。"
    if saved.withdrawn:
        return "已保存。需审核的内容与正在生效的一致，之前提交的修改已撤回，不再审核。"
    if saved.person.requests.filter(state=ReviewState.PENDING).exists():
        return "已保存，立即生效。此前提交的内容仍在等待审核。"
    return "已保存，立即生效。"


# 个人信息审核 --------------------------------------------------------------------------------------------------------

PAGE_SIZES = ("20", "50", "100")
LISTED_STATES = (ReviewState.PENDING, ReviewState.APPROVED, ReviewState.REJECTED)
LEADS = {
    "approve": "{name}会收到消息。",
    "reject": "{name}会收到驳回原因，修改后可以再次提交。",
}
DONE = {
    "approve": "{name}的个人信息审核已通过，内容已生效，对方会收到消息。",
    "reject": "{name}的个人信息审核不通过，驳回原因已发给对方，修改后会再次提交。",
}


@require_safe
def reviews(request):
    """The list: what waits on top, longest waiting first."""
    actor = request.actor
    if actor.role not in REVIEWERS:
        raise Http404
    rows = ReviewRequest.objects.routed_to(actor).for_list()
    counts = rows.state_counts()
    state = request.GET.get("state")
    if state in LISTED_STATES:
        rows = rows.filter(state=state)
    table = ReviewTable(rows.waiting_first().select_related("person", "unit", "department"))
    size = request.GET.get("size")
    table.paginate(per_page=int(size) if size in PAGE_SIZES else int(PAGE_SIZES[0]))
    table.page = table.paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "profiles/reviews.html",
        {
            "table": table,
            "chips": _chips(state, counts),
            "total": sum(counts.values()),
            "empty_text": f"没有“{ReviewState(state).label}”的个人信息。" if state in LISTED_STATES else "",
            "has_departments": actor.acts_for_unit and Department.objects.visible_to(actor).current().exists(),
            "is_manager": actor.role == Role.MANAGER,
        },
    )


def _chips(chosen, counts):
    everything = Link("全部", reverse("reviews"), sum(counts.values()), current=chosen not in LISTED_STATES)
    return [
        everything,
        *(
            Link(
                state.label,
                f"{reverse('reviews')}?state={state}",
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
    """One request: what it changes first, and 【审核通过】 and 【审核不通过】 while it waits."""
    found = _load(request.actor, pk)
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
            "facts": facts.facts_for_reviewer(found),
            "history": facts.history(earlier, mine=True),
            "newest": _newest(request.actor, found),
            "may_decide": may_decide(ACTIONS["approve"], request.actor, found),
            "form": ReasonForm(),
            "reject_lead": LEADS["reject"].format(name=found.person.name),
        },
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk, action):
    """Carry out 【审核通过】 or 【审核不通过】; as a page, the question or the 驳回原因."""
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise Http404
    found = _load(request.actor, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None) if chosen.needs_reason else None
    try:
        if request.method == "POST" and (form is None or form.is_valid()):
            return _carry_out(request, chosen, found, form.cleaned_data["reason"] if form else "")
        may_decide(chosen, request.actor, found).enforce()
    except NotNow as refusal:
        if refusal.title == NotNow.title:
            refusal.links = _ways_on(request.actor, found)
        raise
    lead = LEADS[chosen.key].format(name=found.person.name)
    return render(request, "profiles/decide.html", {"found": found, "action": chosen, "form": form, "lead": lead})


def _carry_out(request, action, found, reason):
    services.decide(action=action, request_id=found.pk, actor=request.actor, reason=reason)
    messages.success(request, DONE[action.key].format(name=found.person.name))
    return redirect("reviews")


def _ways_on(actor, found):
    """Where somebody goes whose decision came too late."""
    now = _load(actor, found.pk)
    newest = _newest(actor, now)
    way = (newest.get_absolute_url(), "打开最新的一份") if newest else (found.get_absolute_url(), "查看这一份")
    return [way, (reverse("reviews"), "返回个人信息审核")]
