"""审计记录: the audit trail for 科技局. Who searches or exports it stands in it too."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import AuditAction
from accounts.models import AuditEvent
from accounts.throttles import searches
from orgs.exports import AUDIT_COLUMNS, MOST_ROWS, export
from orgs.filters import AuditFilter
from orgs.tables import AuditTable
from orgs.trail import record
from orgs.views.bureau.gate import officers_only
from zhgg.kit.listing import PAGE_SIZES, InOrder, KeysFirst, Listing, show_page

MOST_LISTED = 10_000
"""So many lines can be paged through. Counting further would read the whole trail for each page."""


class AuditList(Listing):
    """What is asked of 审计记录, latest first."""

    url_name = "bureau-audit"

    def make_filter(self):
        return AuditFilter(self.data, rows=AuditEvent.objects.all)

    @property
    def rows(self):
        """What meets the conditions, in order."""
        return self.filter.qs.order_by("-at", "-pk")

    def number(self, most):
        """How many meet the conditions, counted no further than one beyond `most`."""
        return self.filter.qs.order_by()[: most + 1].count()

    def page(self, number):
        """The asked-for page of the first MOST_LISTED."""
        return self.page_of(KeysFirst(self.rows, AuditEvent.objects.all()), min(number, MOST_LISTED))


@searches
@require_safe
@officers_only
def audit(request):
    """The lines, latest first. Each search is one line more."""
    found = AuditList(request.actor, request.GET)
    context = {"form": found.filter.form, "is_valid": found.is_valid, "sizes": PAGE_SIZES, "most": MOST_LISTED}
    if found.is_valid:
        number = found.number(MOST_LISTED)
        page = found.page(number)
        table = AuditTable(InOrder(page.object_list))
        show_page(table, page)
        conditions = found.filter.conditions
        detail = {"conditions": conditions, "page": page.number}
        record(AuditAction.AUDIT_SEARCHED, actor=request.actor, detail=detail)
        context |= {
            "table": table,
            "total": number,
            "more": number > MOST_LISTED,
            "conditions": conditions,
            "list_query": found.query_with(),
        }
    return render(request, "orgs/bureau/audit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def export_audit(request):
    """【导出】: the list as filtered, as a file, with its own line in the trail."""
    found = AuditList(request.actor, request.GET)
    if request.method != "POST" or not found.is_valid:
        return redirect("bureau-audit")
    return export(
        actor=request.actor,
        name="审计记录",
        columns=AUDIT_COLUMNS,
        rows=found.rows.iterator(chunk_size=1000),
        number=found.number(MOST_ROWS),
        conditions=found.filter.conditions,
    )
