"""账号核实: logins refused because of whose number they brought, for 科技局 to bind anew or refuse for good."""

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Kind
from accounts.models import AuditEvent, IdentityConflict
from accounts.services import settle_conflict
from orgs.forms import ConflictForm
from orgs.models import Unit
from orgs.tables import ConflictTable
from orgs.views.bureau.gate import officers_only
from zhgg.kit.errors import NotNow
from zhgg.kit.listing import PAGE_SIZES, page_of, show_page
from zhgg.kit.ui import Fact, Link

OPEN, CLOSED = IdentityConflict.State.OPEN, IdentityConflict.State.CLOSED
OUTCOMES = {"bind": IdentityConflict.Outcome.BOUND, "refuse": IdentityConflict.Outcome.REFUSED}
TAKEN = IdentityConflict.Reason.TAKEN
CONSEQUENCES = {
    ("bind", True): (
        "绑定后，原账号及其个人信息、授权、申报书，改由这个渝快办账号登录；原来的渝快办账号不能再进入，已经登录的立即失效。"
        "这个渝快办账号如曾不带号码登录过，那时建立的账号随之停用。"
    ),
    ("bind", False): (
        "绑定后，这个账号改用渝快办新提供的号码，已经登录的立即失效，重新登录后生效。"
        "按原号码给予的授权不随之转移，需要时由单位按新号码重新授权。"
    ),
    (
        "refuse",
        True,
    ): "不予绑定后，这个渝快办账号带这个号码的登录一律被拒绝，页面会告诉对方致电技术支持。原账号不受影响。",
    ("refuse", False): "不予绑定后，这个账号带新号码的登录一律被拒绝，页面会告诉对方致电技术支持；带原号码的登录照常。",
}


@require_safe
@officers_only
def conflicts(request):
    """What is open, longest waiting first; then what was settled, latest first."""
    state = request.GET.get("state", OPEN)
    state = state if state in IdentityConflict.State.values else OPEN
    counts = dict(IdentityConflict.objects.order_by().values_list("state").annotate(number=Count("pk")))
    rows = IdentityConflict.objects.filter(state=state).select_related("account", "settled_by")
    page = page_of(rows.order_by("at" if state == OPEN else "-at", "pk"), request.GET, counts.get(state, 0))
    table = ConflictTable(page.object_list, settled=state == CLOSED)
    show_page(table, page)
    address = reverse("bureau-conflicts")
    chips = [
        Link(each.label, f"{address}?state={each}", counts.get(each, 0), current=each == state, todo=each == OPEN)
        for each in IdentityConflict.State
    ]
    context = {
        "table": table,
        "chips": chips,
        "total": counts.get(state, 0),
        "sizes": PAGE_SIZES,
        "open": state == OPEN,
    }
    return render(request, "orgs/bureau/conflicts.html", context)


def _load(pk):
    return get_object_or_404(IdentityConflict.objects.select_related("account", "settled_by"), pk=pk)


@require_safe
@officers_only
def conflict(request, pk):
    """One refused login beside the account that it is about."""
    found = _load(pk)
    account = found.account
    lines = AuditEvent.objects.filter(object_type=found._meta.label_lower, object_id=str(found.pk), ok=False)
    tried = lines.aggregate(times=Count("pk"), last=Max("at"))
    context = {
        "found": found,
        "number_name": "统一社会信用代码" if account.kind == Kind.LEGAL else "证件号码",
        "is_open": found.state == OPEN,
        "login_facts": [
            Fact("渝快办提供的姓名或名称", found.name),
            Fact("入口", account.get_kind_display()),
            Fact("渝快办账号", found.subject),
            Fact("被拒绝的登录", f"{tried['times']:,} 次"),
            Fact("首次", found.at),
            Fact("最近一次", tried["last"] or found.at),
        ],
        "account_facts": [
            Fact("姓名或名称", account.name),
            Fact("渝快办账号", account.subject),
            Fact("首次登录", account.date_joined),
            Fact("最近登录", account.last_login or "没有记录"),
            Fact("账号", "启用" if account.is_active else "已停用"),
        ],
        "account_url": _page_of(account),
        "consequences": {key: CONSEQUENCES[key, found.reason == TAKEN] for key in OUTCOMES},
    }
    return render(request, "orgs/bureau/conflict.html", context)


def _page_of(account):
    """Where 科技局 reads about whoever has the account; "" when there is no such page."""
    if account.kind == Kind.PERSON:
        return reverse("bureau-person", args=[account.pk])
    unit = Unit.objects.filter(uscc=account.uscc).only("pk").first() if account.uscc else None
    return reverse("bureau-unit", args=[unit.pk]) if unit else ""


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def settle(request, pk, action):
    """【重新绑定】 or 【不予绑定】: the question with 依据, and the decision."""
    if action not in OUTCOMES:
        raise Http404
    found = _load(pk)
    page = reverse("bureau-conflict", args=[found.pk])
    if found.state == CLOSED:
        raise NotNow(
            f"{found.settled_by}已办理：{found.get_outcome_display()}。没有重复办理。",
            title="已有人办理",
            links=[(page, "查看结果")],
        )
    outcome = OUTCOMES[action]
    form = ConflictForm(request.POST if request.method == "POST" else None, told="其他工作人员")
    if request.method == "POST" and form.is_valid():
        try:
            settle_conflict(
                user=request.user,
                role=request.actor.role,
                conflict_id=found.pk,
                outcome=outcome,
                reason=form.cleaned_data["reason"],
            )
        except NotNow as refusal:
            refusal.links = [(page, "查看现在的情况"), (reverse("bureau-conflicts"), "返回账号核实")]
            raise
        messages.success(request, f"已办理：{outcome.label}。{DONE[action]}")
        return redirect("bureau-conflicts")
    context = {
        "found": found,
        "page_url": page,
        "form": form,
        "label": outcome.label,
        "danger": action == "refuse",
        "consequence": CONSEQUENCES[action, found.reason == TAKEN],
    }
    return render(request, "orgs/bureau/conflict_settle.html", context)


DONE = {"bind": "请通知对方重新登录。", "refuse": "同样的登录从现在起被拒绝。"}
