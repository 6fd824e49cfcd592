"""个人信息: one's own record, and the form that changes it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from accounts.throttles import takes_files
from profiles import facts, services
from profiles.documents import MOST
from profiles.enums import ReviewState
from profiles.forms import PersonForm, ProofForm
from profiles.models import Person, ReviewRequest
from profiles.rules import contradiction, standing
from profiles.views.documents import HINT, RULE, RULE_WHILE_WAITING, TAKE_OFF, UPLOAD, receive, status_of, take_off
from profiles.workflow import badge
from zhgg.kit.errors import NotNow

HISTORY_LENGTH = 20
PANEL_TITLES = {ReviewState.PENDING: "待审核的修改 {count} 项", ReviewState.REJECTED: "未通过的修改 {count} 项"}


@require_safe
def person(request):
    """The record in force, beside it what waits or was refused, and what happened so far."""
    person, requests = _load_own(request.actor)
    latest = requests[0] if requests else None
    state = standing(person, latest)
    under_way = latest if state in PANEL_TITLES else None
    rows = facts.differences(person, under_way, kind_before="person-id-number", own=True) if under_way else []
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
            "papers": facts.own_papers(person, latest),
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


@takes_files
@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request):
    """【维护个人信息】: one form. 【保存并提交审核】 saves; 【查找单位】, 【上传】 and 【删除】 show it again as typed.

    Good files are kept whichever button was pressed.
    """
    form = _form(request.actor, request.POST if request.method == "POST" else request.restored)
    proof = receive(request) if request.method == "POST" else ProofForm()
    gone = TAKE_OFF in request.POST and not take_off(request)
    if any(button in form.data for button in ("find", UPLOAD, TAKE_OFF)):
        form.show_unchecked()
    elif request.method == "POST" and form.is_valid() and not proof.errors:
        return _save(request, form, proof)
    return _form_page(request, form, proof, gone=gone)


def _form(actor, data=None):
    person, requests = _load_own(actor)
    latest = requests[0] if requests else None
    under_way = latest if standing(person, latest) in PANEL_TITLES else None
    form = PersonForm(data, person=person, draft=under_way or (person if person.is_approved else None))
    form.latest = latest
    return form


def _form_page(request, form, proof, *, stale=False, gone=False):
    papers = facts.own_papers(form.person, form.latest)
    waits = form.latest is not None and form.latest.state == ReviewState.PENDING
    context = {
        "form": form,
        "person": form.person,
        "stale": stale,
        "proof": proof,
        "papers": papers,
        "room": len(papers) < MOST,
        "most": MOST,
        "hint": HINT,
        "rule": RULE_WHILE_WAITING if waits else RULE,
        "gone": gone,
        "taken_off": TAKE_OFF in request.POST and not gone,
    }
    return render(request, "profiles/person_form.html", context, status=404 if gone else status_of(proof))


def _save(request, form, proof):
    try:
        saved = services.save_person(
            actor=request.actor, version=form.cleaned_data["version"], values=form.values, reviewed=form.reviewed
        )
    except services.StalePerson:
        data = request.POST.copy()
        data["version"] = Person.objects.own(request.actor).get().version
        return _form_page(request, _form(request.actor, data), proof, stale=True)
    except NotNow as refusal:
        # The 二级单位 went, or the first one came, a moment ago: the same form again, with what may be chosen now.
        form = _form(request.actor, request.POST)
        if form.is_valid():
            form.add_error(None, refusal.message)
        return _form_page(request, form, proof)
    messages.success(request, _what_happened(saved))
    if saved.person.documents.current().filter(requests=None).exists():
        messages.info(request, "佐证材料尚未送审，会随下次提交的需审核内容一并送审。")
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
