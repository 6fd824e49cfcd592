"""【预览】, 【发布】, 【结束受理】 and 【延期】 of an 申报批次."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from orgs.models import Unit
from orgs.views.bureau.gate import officers_only
from projects.call_forms import ExtensionForm, PublishForm, ReasonForm
from projects.enums import Scope, State
from projects.models import Proposal
from projects.rules import may_close, may_extend, may_publish
from projects.services.calls import CannotSave, StaleCall, close_call, publish_call
from projects.services.extensions import examine, extend
from projects.views.bureau.calls import load_call
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow


@require_safe
@officers_only
def preview(request, pk):
    """The guide page as a PI will see it, and whether it can be published."""
    found = load_call(request, pk)
    now = database_now()
    context = {
        "call": found,
        "preview": True,
        "files": list(found.files.all()),
        "list_url": reverse("bureau-calls"),
        "back": reverse("bureau-call", args=[pk]),
        "begun": True,
        "publish": may_publish(found, now),
    }
    return render(request, "projects/call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def publish(request, pk):
    """【发布】: the question, and the deed."""
    found = load_call(request, pk)
    now = database_now()
    if found.published:
        if request.method == "POST":
            messages.info(request, "批次已经发布。")
        return redirect("bureau-call", pk=pk)
    way_back = [(reverse("bureau-call-edit", args=[pk]), "去编辑"), (reverse("bureau-call", args=[pk]), "返回批次")]
    _enforce(may_publish(found, now), way_back)
    if request.method != "POST":
        return _publish_page(request, found, PublishForm(initial={"version": found.version}), now)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _publish_page(request, found, form, now)
    try:
        publish_call(actor=request.actor, call_id=pk, version=form.cleaned_data["version"])
    except StaleCall as stale:
        raise _overtaken(stale.call) from None
    messages.success(request, "已发布。负责人现在能在“申报通知”中看到，到开始受理的时间就可以申报。")
    return redirect("bureau-call", pk=pk)


def _publish_page(request, found, form, now):
    context = {"call": found, "form": form, "list_url": reverse("bureau-calls"), "at_once": found.opens_at <= now}
    return render(request, "projects/bureau/publish.html", context)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def close(request, pk):
    """【结束受理】: the question with its reason, and the deed."""
    found = load_call(request, pk)
    verdict = may_close(found, database_now())
    if request.method != "POST":
        _enforce(verdict, [(reverse("bureau-call", args=[pk]), "返回批次")])
        return _close_page(request, found, ReasonForm(request.restored, initial={"version": found.version}))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _close_page(request, found, form)
    try:
        close_call(actor=request.actor, call_id=pk, **form.cleaned_data)
    except StaleCall as stale:
        raise _overtaken(stale.call) from None
    except NotNow as refusal:
        refusal.links = [(reverse("bureau-call", args=[pk]), "返回批次")]
        raise
    messages.success(request, "已结束受理，有草稿的负责人会收到消息。")
    return redirect("bureau-call", pk=pk)


def _close_page(request, found, form):
    drafts = Proposal.objects.filter(call=found, state=State.DRAFT)
    context = {
        "call": found,
        "form": form,
        "list_url": reverse("bureau-calls"),
        "drafts": drafts.count(),
        "extended": drafts.filter(submit_until__gt=database_now()).count(),
    }
    return render(request, "projects/bureau/close.html", context)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def extension(request, pk):
    """【延期】: the form (with 【查找单位】), then a page that says how many 申报书 it is for, then the deed.

    Which of them a POST asks for is told by the button: find, back, confirm; none of them checks and asks.
    """
    found = load_call(request, pk)
    _enforce(may_extend(found), [(reverse("bureau-call", args=[pk]), "返回批次")])
    if request.method != "POST":
        return _extension_page(request, found, ExtensionForm(call=found, typed=request.restored))
    if "find" in request.POST or "back" in request.POST:
        return _extension_page(request, found, ExtensionForm(call=found, typed=request.POST))
    form = ExtensionForm(request.POST, call=found)
    if not form.is_valid():
        return _extension_page(request, found, form)
    values = form.values()
    try:
        if "confirm" not in request.POST:
            asked = {name: value for name, value in values.items() if name not in ("form_key", "reason")}
            return _confirm_page(request, found, form, examine(call=found, **asked))
        made = extend(actor=request.actor, call_id=pk, **values)
    except CannotSave as refusal:
        for field, sentence in refusal.errors.items():
            form.add_error("unit_query" if field == "units" else field, sentence)
        return _extension_page(request, found, form)
    messages.success(request, f"已延期，涉及 {made.count:,} 份申报书，相关人员会收到消息。")
    return redirect("bureau-call", pk=pk)


def _extension_page(request, found, form):
    context = {"call": found, "form": form, "list_url": reverse("bureau-calls")}
    return render(request, "projects/bureau/extend.html", context)


def _confirm_page(request, found, form, counts):
    target = form.target()
    context = {
        "call": found,
        "form": form,
        "list_url": reverse("bureau-calls"),
        "number": sum(counts.values()),
        "counts": [(State(state).label, counts[state]) for state in State if counts.get(state)],
        "scope_label": target["scope"].label,
        "units": list(Unit.objects.filter(pk__in=target["units"]).order_by("name")),
        "proposal": form.proposal if target["scope"] == Scope.PROPOSAL else None,
        "times": [
            (label, form.cleaned_data[name])
            for label, name in (("申报截止延至", "submit_until"), ("单位审核截止延至", "review_until"))
            if form.cleaned_data[name]
        ],
        "reason": form.cleaned_data["reason"],
    }
    return render(request, "projects/bureau/extend_confirm.html", context)


def _enforce(verdict, links):
    """As `verdict.enforce`, with ways on."""
    try:
        verdict.enforce()
    except NotNow as refusal:
        refusal.links = links
        raise


def _overtaken(call):
    """The refusal for somebody who looked at an older version of the call."""
    last = call.changes.first()
    when = (
        f"{last.by_name}于 {timezone.localtime(last.at):%Y-%m-%d %H:%M} 办理了【{last.what}】"
        if last
        else "批次已有更新"
    )
    return NotNow(
        f"您打开页面之后，{when}，这次没有生效。请核对批次现在的内容后再办理。",
        title="批次已有新的办理",
        links=[(reverse("bureau-call", args=[call.pk]), "查看批次现在的内容")],
    )
