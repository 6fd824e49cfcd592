"""账号授权: the unit's 授权人, 【新增授权】, 【更改】 and 【取消授权】. For the legal account alone (S10)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from orgs import codes
from orgs.enums import GrantRole, Role
from orgs.forms import AgentForm
from orgs.models import Grant, Unit
from orgs.rules import may_act
from orgs.services.grants import FieldConflict, StaleGrant, end_grant, grant_role
from orgs.tables import GrantTable
from zhgg.kit.errors import NotNow
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_phone
from zhgg.kit.ui import Fact, Masked

HISTORY_LENGTH = 20


@require_safe
def authorisation(request):
    """The present agent, what an agent may do, and everybody who was one."""
    unit = _own_unit(request.actor)
    agent = _agents(request.actor).current().with_login().first()
    history = GrantTable(_agents(request.actor).as_history(), caption="授权记录", holder="授权人")
    history.paginate(per_page=HISTORY_LENGTH)
    history.page = history.paginator.get_page(request.GET.get("page"))
    context = {"unit": unit, "agent": agent, "history": history}
    if agent:
        id_type = Fact("证件类型", codes.table("id_document_type").label(agent.holder_id_type))
        mobile, number = holder_facts(agent)
        context["facts"] = [mobile, id_type, number, Fact("最近登录", agent.last_login or "尚未登录")]
    return render(request, "orgs/authorisation.html", context)


def holder_facts(grant):
    """The numbers of whoever holds a grant, masked."""
    return [
        Fact("手机号码", Masked("grant-mobile", grant.pk, grant.holder_mobile, "phone")),
        Fact("证件号码", Masked("grant-id-number", grant.pk, to_show(grant, "holder_id_number"), "id")),
    ]


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """【新增授权】; 【更改】 where there is an agent already. 【授权】 grants."""
    unit = _own_unit(request.actor)
    may_act(request.actor).enforce()
    current = _current(request.actor)
    if request.method != "POST":
        return _form_page(request, AgentForm(request.restored, current=current), current)
    form = AgentForm(request.POST, current=current)
    if not form.is_valid():
        return _form_page(request, form, current)
    try:
        grant = grant_role(
            actor=request.actor,
            role=GrantRole.AGENT,
            unit=unit,
            seen=form.cleaned_data["version"],
            **form.values(),
        )
    except StaleGrant as stale:
        form = AgentForm.after_conflict(request.POST, current=stale.current)
        form.is_valid()
        return _form_page(request, form, stale.current, status=409, conflict=True)
    except FieldConflict as conflict:
        form.add_error(conflict.field, conflict.message)
        return _form_page(request, form, current)
    messages.success(request, _what_happens_next(grant))
    return redirect("authorisation")


def _what_happens_next(grant):
    if Grant.objects.filter(pk=grant.pk).with_login().get().has_login:
        return f"已授权{grant.holder_name}。{grant.holder_name}现在就可以办理单位事项，并已收到消息。"
    return f"已授权{grant.holder_name}。该人员以【个人用户】首次登录后，授权即生效。"


@require_http_methods(["GET", "HEAD", "POST"])
def end(request):
    """【取消授权】: the question, and the end without a successor."""
    _own_unit(request.actor)
    may_act(request.actor).enforce()
    agent = _current(request.actor)
    if request.method != "POST":
        return render(request, "orgs/authorisation_end.html", {"agent": agent}) if agent else redirect("authorisation")
    if agent is None or request.POST.get("seen") != str(agent.pk) or not end_grant(actor=request.actor, grant=agent):
        now = _current(request.actor)
        happened = f"现在的授权人是{now.holder_name}" if now else "现在没有授权人"
        raise NotNow(
            f"您打开页面之后，授权已有变化：{happened}。没有取消任何授权。",
            title="没有取消授权",
            links=[(reverse("authorisation"), "返回账号授权")],
        )
    messages.success(request, f"已取消{agent.holder_name}的授权，从现在起不能再办理单位事项。")
    return redirect("authorisation")


def _own_unit(actor):
    """The unit of the legal account; for everybody else there is no such page."""
    if actor.role != Role.LEGAL:
        raise Http404
    return get_object_or_404(Unit.objects.visible_to(actor), pk=actor.unit_id)


def _agents(actor):
    return Grant.objects.visible_to(actor).agents()


def _current(actor):
    return _agents(actor).current().first()


def _form_page(request, form, current, *, status=200, conflict=False):
    phone = mask_phone(current.holder_mobile) if current else ""
    context = {"form": form, "current": current, "current_phone": phone, "conflict": conflict}
    return render(request, "orgs/authorisation_form.html", context, status=status)
