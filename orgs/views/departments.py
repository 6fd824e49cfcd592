"""二级单位: the list, the page of one, 【新增二级单位】, 【编辑】 and 【删除】. For 法人单位 and 授权人."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from accounts.throttles import searches
from orgs import usage
from orgs.exports import DEPARTMENT_COLUMNS, export
from orgs.forms import DepartmentFilterForm, DepartmentForm
from orgs.models import Department, Grant, Unit
from orgs.rules import may_act
from orgs.services.departments import (
    DepartmentInUse,
    StaleDepartment,
    department_name_key,
    end_department,
    save_department,
)
from orgs.services.grants import FieldConflict
from orgs.tables import FIRST_LOGIN, NO_MANAGER, DepartmentTable, GrantTable, PeopleTable
from orgs.views.grants import holder_facts
from orgs.views.loading import setter
from zhgg.kit.ui import Fact

PAGE_SIZES = ("20", "50", "100")
HISTORY_LENGTH = 10


@searches
@require_safe
def departments(request):
    """The list, by name; `q` finds any part of the name, whatever its width, blanks and upper case."""
    actor = setter(request)
    form, asked, rows = _asked_for(actor, request.GET)
    table = DepartmentTable(rows)
    paginate(table, request)
    found = table.paginator.count
    searched = bool(asked or form.errors)
    context = {
        "table": table,
        "form": form,
        "asked": asked,
        "found": found,
        "searched": searched,
        "any": bool(found) or (searched and Department.objects.of_own_unit(actor).exists()),
    }
    return render(request, "orgs/departments.html", context)


def _asked_for(actor, data):
    """The search form, the name that is searched for, and the rows that table and export show."""
    rows = Department.objects.of_own_unit(actor)
    form = DepartmentFilterForm(data or None)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    if form.errors:
        rows = rows.none()
    elif asked:
        rows = rows.filter(name_key__contains=department_name_key(asked))
    managers = Grant.objects.visible_to(actor).current().managers().with_login()
    rows = usage.with_figures(rows).order_by("name", "pk")
    return form, asked, rows.prefetch_related(Prefetch("grants", managers, to_attr="managers"))


@require_http_methods(["GET", "HEAD", "POST"])
def export_departments(request):
    """【导出】: the list as filtered. Answers POST, because it leaves a line in the audit trail."""
    actor = setter(request)
    if request.method != "POST":
        return redirect("departments")
    _, asked, rows = _asked_for(actor, request.GET)
    conditions = [f"名称含“{asked}”"] if asked else []
    return export(
        actor=actor,
        name="二级单位",
        columns=DEPARTMENT_COLUMNS,
        rows=rows.iterator(chunk_size=1000),
        number=rows.count(),
        conditions=conditions,
    )


def paginate(table, request, size=None):
    """Put the asked-for page into the table; the last page for one beyond."""
    asked = request.GET.get("size")
    table.paginate(per_page=size or int(asked if asked in PAGE_SIZES else PAGE_SIZES[0]))
    table.page = table.paginator.get_page(request.GET.get("page"))


@require_safe
def department(request, pk):
    """One 二级单位: its manager, who was it before, and the people who refer to it."""
    actor = setter(request)
    found = get_object_or_404(usage.with_figures(Department.objects.of_own_unit(actor)), pk=pk)
    grants = Grant.objects.visible_to(actor).filter(department=found)
    manager = grants.current().with_login().first()
    people = PeopleTable(usage.people(found))
    paginate(people, request)
    context = {
        "department": found,
        "manager": manager,
        "badge": (None if manager.has_login else FIRST_LOGIN) if manager else NO_MANAGER,
        "facts": [*holder_facts(manager), Fact("最近登录", manager.last_login or "尚未登录")] if manager else [],
        "figures": usage.figures(found),
        "people": people,
        "history": GrantTable(grants.as_history()[:HISTORY_LENGTH], caption="管理人员记录", holder="管理人员"),
    }
    return render(request, "orgs/department.html", context)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """【新增二级单位】 and 【保存】."""
    actor = _changer(request)
    form = DepartmentForm(request.POST if request.method == "POST" else request.restored)
    return _answer_form(request, actor, form)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """【编辑】 and 【保存】: name, manager, or both."""
    actor = _changer(request)
    found = _load(actor, pk)
    manager = Grant.objects.visible_to(actor).current().filter(department=found).first()
    form = DepartmentForm(
        request.POST if request.method == "POST" else request.restored, department=found, manager=manager
    )
    return _answer_form(request, actor, form, found, manager)


def _answer_form(request, actor, form, department=None, manager=None):
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, department, manager)
    unit = get_object_or_404(Unit.objects.visible_to(actor), pk=actor.unit_id)
    try:
        saved = save_department(actor=actor, unit=unit, department=department, **form.values())
    except StaleDepartment as stale:
        form = DepartmentForm.after_conflict(request.POST, department=stale.department, manager=stale.manager)
        form.is_valid()
        return _form_page(request, form, stale.department, stale.manager, status=409, conflict=True)
    except FieldConflict as conflict:
        form.add_error(conflict.field, conflict.message)
        return _form_page(request, form, department, manager)
    messages.success(request, _what_happens_next(saved, form.cleaned_data["holder_name"]))
    return redirect("departments")


def _what_happens_next(department, manager_name):
    known = Grant.objects.current().managers().with_login().filter(department=department, has_login=True).exists()
    when = "现在就可以办理" if known else "以【个人用户】首次登录后即可办理"
    return f"已保存“{department.name}”。管理人员{manager_name}{when}。"


def _form_page(request, form, department, manager, *, status=200, conflict=False):
    context = {"form": form, "department": department, "manager": manager, "conflict": conflict}
    return render(request, "orgs/department_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk):
    """【删除】: the question, or what stands in the way with the ways out."""
    actor = _changer(request)
    found = _load(actor, pk)
    if request.method != "POST":
        if uses := usage.of(found):
            return _in_use_page(request, found, uses)
        manager = Grant.objects.visible_to(actor).current().filter(department=found).first()
        return render(request, "orgs/department_delete.html", {"department": found, "manager": manager})
    try:
        end_department(actor=actor, department=found)
    except DepartmentInUse as refusal:
        return _in_use_page(request, found, refusal.uses, status=refusal.status)
    messages.success(request, f"已删除“{found.name}”。")
    return redirect("departments")


def _in_use_page(request, department, uses, status=200):
    context = {"department": department, "uses": uses, "edit_url": reverse("department-edit", args=[department.pk])}
    return render(request, "orgs/department_in_use.html", context, status=status)


def _changer(request):
    """The actor, who now sets something up: not while the unit is suspended."""
    actor = setter(request)
    may_act(actor).enforce()
    return actor


def _load(actor, pk):
    return get_object_or_404(Department.objects.of_own_unit(actor), pk=pk)
