"""人员查询: every person for 科技局."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import AuditAction
from accounts.throttles import searches
from orgs.models import Grant
from orgs.trail import record
from orgs.views.bureau.gate import officers_only
from profiles import facts, hooks
from profiles.filters import PersonFilter, typed
from profiles.models import Person
from profiles.tables import APPROVED, NOT_APPROVED, HeldGrantTable, PersonTable
from zhgg.kit.counts import counted
from zhgg.kit.listing import PAGE_SIZES, InOrder, KeysFirst, Listing, openings, show_page
from zhgg.kit.replica import may_read_replica
from zhgg.kit.ui import Fact

HISTORY_LENGTH = 20


class PersonList(Listing):
    """What is asked of 人员查询. Whoever came last comes first, in the order of the primary key."""

    url_name = "bureau-people"

    def make_filter(self):
        return PersonFilter(self.data, rows=lambda: Person.objects.visible_to(self.actor))

    def page(self):
        """The asked-for page, with what a row shows."""
        rows = self.filter.qs
        shown = Person.objects.visible_to(self.actor).for_table()
        total = counted(f"people?{self.query_with(size='')}", rows.count)
        return self.page_of(KeysFirst(rows.order_by("-pk"), shown), total)


@searches
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
@may_read_replica
def people(request):
    """Every person. 【查询】 posts the conditions and answers with the address that holds digests of the numbers."""
    found = PersonList(request.actor, typed(request, PersonFilter.NUMBERS))
    context = {"form": found.filter.form, "is_valid": found.is_valid, "sizes": PAGE_SIZES}
    if found.is_valid:
        if request.method == "POST" or found.filter.names_a_number:
            return redirect(found.address())
        page = found.page()
        table = PersonTable(InOrder(page.object_list), address=openings("bureau-person", found))
        show_page(table, page)
        context |= {"table": table, "total": page.paginator.count, "conditions": found.filter.conditions}
    return render(request, "profiles/bureau/people.html", context)


@require_safe
@officers_only
def person(request, pk):
    """Everything about one person. Each look is one line of the audit trail."""
    actor = request.actor
    visible = Person.objects.visible_to(actor).select_related("user", "unit", "department")
    found = get_object_or_404(visible, pk=pk)
    account = found.user
    grants = Grant.objects.visible_to(actor).filter(holder_digest=account.identity_digest or None)
    requests = found.requests.select_related("person", "unit", "reviewing_department").order_by("-pk")
    record(AuditAction.PERSON_VIEWED, actor=actor, obj=found, unit_id=found.unit_id)
    context = {
        "person": found,
        "list_url": PersonList.back_to(PersonList.of_query(actor, request.GET.get("list"))),
        "badge": APPROVED if found.is_approved else NOT_APPROVED,
        "facts": facts.facts_for_officers(found),
        "account": [
            Fact("渝快办核验", "已核验证件号码" if account.identity_digest else "最近一次登录没有提供证件号码"),
            Fact("首次登录", account.date_joined),
            Fact("最近登录", account.last_login or "没有记录"),
            Fact("账号", "启用" if account.is_active else "已停用"),
        ],
        "grants": HeldGrantTable(grants.select_related("unit", "department").order_by("-started_at", "-pk")[:20]),
        "history": facts.history(requests[:HISTORY_LENGTH]),
        "figures": hooks.figures_of(found),
    }
    return render(request, "profiles/bureau/person.html", context)
