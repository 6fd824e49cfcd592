"""单位查询: every unit for 科技局, with the pages on which one is suspended and a wrong grant is ended."""

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import AuditAction
from accounts.throttles import searches
from orgs import codes, usage
from orgs.facts import BANK, BASICS, facts_of
from orgs.filters import UNIT_STATES, UnitFilter
from orgs.forms import BureauReasonForm
from orgs.models import Grant, Unit
from orgs.services.grants import end_grant
from orgs.services.suspension import resume_unit, suspend_unit
from orgs.tables import BureauDepartmentTable, GrantTable, UnitTable
from orgs.trail import record
from orgs.views.bureau.gate import officers_only
from orgs.views.departments import paginate
from orgs.views.grants import holder_facts
from zhgg.kit.counts import counted
from zhgg.kit.errors import NotNow
from zhgg.kit.listing import PAGE_SIZES, InOrder, KeysFirst, Listing, openings, show_page
from zhgg.kit.replica import may_read_replica
from zhgg.kit.ui import Fact, Link

HISTORY_LENGTH = 20


class UnitList(Listing):
    """What is asked of 单位查询. Names in their order, which an index has."""

    url_name = "bureau-units"

    def make_filter(self):
        return UnitFilter(self.data, rows=lambda: Unit.objects.visible_to(self.actor))

    def page(self, total):
        """The asked-for page of the `total` rows, with what a row shows."""
        agents = Grant.objects.visible_to(self.actor).current().agents().with_login()
        shown = (
            Unit.objects.visible_to(self.actor)
            .annotate(department_count=Count("departments", filter=Q(departments__ended_at=None)))
            .prefetch_related(Prefetch("grants", agents, to_attr="agents"))
        )
        return self.page_of(KeysFirst(self.filter.qs.order_by("name", "pk"), shown), total)


@searches
@require_safe
@officers_only
@may_read_replica
def units(request):
    """Every unit, by name."""
    found = UnitList(request.actor, request.GET)
    context = {"form": found.filter.form, "is_valid": found.is_valid, "sizes": PAGE_SIZES}
    if found.is_valid:
        conditions = found.query_with(state="", size="")
        counts = counted(f"units?{conditions}", found.filter.counts, lambda numbers: sum(numbers.values()))
        state = found.filter.form.cleaned_data["state"]
        total = counts[state] if state else sum(counts.values())
        page = found.page(total)
        table = UnitTable(InOrder(page.object_list), address=openings("bureau-unit", found))
        show_page(table, page)
        chips = [Link("全部", found.address(state=""), sum(counts.values()), current=not state)]
        chips += [
            Link(label, found.address(state=key), counts[key], current=key == state) for key, label in UNIT_STATES
        ]
        context |= {"table": table, "total": total, "chips": chips, "conditions": found.filter.conditions}
    return render(request, "orgs/bureau/units.html", context)


def _address(unit):
    return reverse("bureau-unit", args=[unit.pk])


@require_safe
@officers_only
def unit(request, pk):
    """Everything about one unit. Each look is one line of the audit trail."""
    actor = request.actor
    found = _load(actor, pk)
    grants = Grant.objects.visible_to(actor).filter(unit=found)
    agent = grants.current().agents().with_login().first()
    managers = Prefetch("grants", grants.current().managers().with_login(), to_attr="managers")
    rows = usage.with_figures(found.departments.current()).order_by("name", "pk").prefetch_related(managers)
    departments = BureauDepartmentTable(rows)
    paginate(departments, request)
    record(AuditAction.UNIT_VIEWED, actor=actor, obj=found, unit_id=found.pk)
    context = {
        "unit": found,
        "list_url": UnitList.back_to(UnitList.of_query(actor, request.GET.get("list"))),
        "district": codes.district_name(found.district),
        "basics": facts_of(found, BASICS),
        "bank": facts_of(found, BANK),
        "agent": agent,
        "agent_facts": [*holder_facts(agent), Fact("最近登录", agent.last_login or "尚未登录")] if agent else [],
        "history": GrantTable(grants.agents().as_history()[:HISTORY_LENGTH], caption="授权人记录", holder="授权人"),
        "departments": departments,
        "figures": usage.of_unit(found),
    }
    return render(request, "orgs/bureau/unit.html", context)


def _load(actor, pk):
    return get_object_or_404(Unit.objects.visible_to(actor), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def suspend(request, pk):
    """【停用】: the question with the reason, and the suspension."""
    found = _load(request.actor, pk)
    if found.is_suspended:
        raise NotNow(f"{found}已经停用，原因：{found.suspended_reason}", title="单位已停用", links=_back(found))
    form = BureauReasonForm(request.POST if request.method == "POST" else None, told="该单位的人员")
    if request.method == "POST" and form.is_valid():
        suspend_unit(actor=request.actor, unit=found, reason=form.cleaned_data["reason"])
        messages.success(request, f"已停用{found}，该单位已收到消息。需要时可以【恢复】。")
        return redirect(_address(found))
    return render(request, "orgs/bureau/suspend.html", {"unit": found, "unit_url": _address(found), "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def resume(request, pk):
    """【恢复】: the question with the reason, and the end of the suspension."""
    found = _load(request.actor, pk)
    if not found.is_suspended:
        raise NotNow(f"{found}现在没有停用，不必恢复。", links=_back(found))
    form = BureauReasonForm(request.POST if request.method == "POST" else None, told="其他工作人员")
    if request.method == "POST" and form.is_valid():
        resume_unit(actor=request.actor, unit=found, reason=form.cleaned_data["reason"])
        messages.success(request, f"已恢复{found}，该单位的人员从现在起可以照常办理，并已收到消息。")
        return redirect(_address(found))
    return render(request, "orgs/bureau/resume.html", {"unit": found, "unit_url": _address(found), "form": form})


def _back(unit):
    return [(_address(unit), "返回单位")]


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def grant_end(request, pk):
    """【结束授权】 of a wrong grant: the question with the reason, and the end."""
    grants = Grant.objects.visible_to(request.actor).select_related("unit", "department")
    grant = get_object_or_404(grants, pk=pk)
    form = BureauReasonForm(request.POST if request.method == "POST" else None, told="本人和单位")
    if grant.ended_at is not None:
        raise NotNow(f"{grant.holder_name}的这项授权已经结束，没有重复办理。", links=_back(grant.unit))
    if request.method == "POST" and form.is_valid():
        if not end_grant(actor=request.actor, grant=grant, reason=form.cleaned_data["reason"]):
            raise NotNow(f"{grant.holder_name}的这项授权刚刚已经结束，没有重复办理。", links=_back(grant.unit))
        messages.success(request, f"已结束{grant.holder_name}的授权，从现在起生效。本人和单位已收到消息。")
        return redirect(_address(grant.unit))
    place = grant.department or grant.unit
    context = {"grant": grant, "place": place, "unit_url": _address(grant.unit), "form": form}
    return render(request, "orgs/bureau/grant_end.html", context)
