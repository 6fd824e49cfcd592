"""二级单位 from Excel: 【下载模板】, the upload, the preview, 【确认导入】 and its result. For 法人单位 and 授权人."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.throttles import takes_files
from orgs.imports import MOST_ROWS, ImportForm, as_text, checked_rows, numbered, template_sheets
from orgs.models import DepartmentImport, Grant, Unit
from orgs.rules import may_act
from orgs.services.imports import ImportConflicts, confirm_import, keep_import
from orgs.tables import ImportTable
from orgs.views.departments import paginate
from orgs.views.loading import setter
from zhgg.kit.spreadsheets.write import download


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request):
    """Choose a file; what can be read goes on to its preview."""
    actor = setter(request)
    may_act(actor).enforce()
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method != "POST" or not form.is_valid():
        return render(request, "orgs/department_import.html", {"form": form, "most": MOST_ROWS})
    unit = get_object_or_404(Unit.objects.visible_to(actor), pk=actor.unit_id)
    file = form.cleaned_data["file"]
    kept = keep_import(actor=actor, unit=unit, file_name=file.name, text=as_text(file.lines), row_count=len(file.lines))
    return redirect(kept)


@require_safe
def template(request):
    """【下载模板】."""
    setter(request)
    return download("二级单位导入模板", template_sheets())


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, pk):
    """What will be made of each row, and 【确认导入】; once that is done, the result."""
    actor = setter(request)
    pending = get_object_or_404(DepartmentImport.objects.visible_to(actor).select_related("unit"), pk=pk)
    if pending.confirmed_at:
        return redirect(pending) if request.method == "POST" else _result_page(request, pending)
    rows = checked_rows(pending.unit, pending.rows)
    if request.method != "POST":
        return _preview_page(request, pending, rows)
    if any(row.errors for row in rows):
        return _preview_page(request, pending, rows, status=409, refused=True)
    try:
        confirm_import(actor=actor, pending=pending, rows=numbered(rows))
    except ImportConflicts:
        rows = checked_rows(pending.unit, pending.rows)
        return _preview_page(request, pending, rows, status=409, refused=True)
    return redirect(pending)


def _preview_page(request, pending, rows, *, status=200, refused=False):
    wrong = sum(bool(row.errors) for row in rows)
    # What has to be put right first, each part in the order of the file.
    table = ImportTable(sorted(rows, key=lambda row: not row.errors))
    paginate(table, request)
    context = {"pending": pending, "table": table, "total": len(rows), "wrong": wrong, "refused": refused}
    return render(request, "orgs/department_import_preview.html", context, status=status)


def _result_page(request, pending):
    made = Grant.objects.visible_to(request.actor).managers().filter(started_at=pending.confirmed_at)
    known = made.with_login().filter(has_login=True).count()
    context = {"pending": pending, "known": known, "unknown": pending.row_count - known}
    return render(request, "orgs/department_import_done.html", context)
