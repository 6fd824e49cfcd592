"""系统维护 of 科技局: set it, change it, end it, and what there was before."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from orgs.actors import administrator
from orgs.enums import Role
from projects.maintenance_forms import MaintenanceForm
from projects.models import Maintenance
from projects.services.maintenance import StaleMaintenance, change_maintenance, end_maintenance, set_maintenance
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed

HISTORY_LENGTH = 20


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def maintenance(request):
    """The form: 【设置维护】 where none is set, else 【保存】 of what people are told."""
    actor = _switcher(request)
    current = _current()
    begun = current is not None and current.begins_at <= database_now()
    if request.method != "POST":
        return _page(request, MaintenanceForm(request.restored, current=current, begun=begun), current)
    form = MaintenanceForm(request.POST, current=current, begun=begun)
    if not form.is_valid():
        return _page(request, form, current)
    version = form.cleaned_data["version"]
    try:
        if version:
            change_maintenance(actor=actor, version=version, **form.values())
        else:
            set_maintenance(actor=actor, **form.values())
    except StaleMaintenance:
        return _page(request, _again(request.POST, current), current, status=409)
    messages.success(request, "已保存，几秒后所有页面都会看到。")
    return redirect("bureau-maintenance")


def _again(posted, current):
    """The same input over what is set now."""
    posted = posted.copy()
    posted["version"] = current.version if current else 0
    form = MaintenanceForm(posted, current=current)
    form.is_valid()
    words = "刚刚有人修改了系统维护" if current else "刚刚有人结束了系统维护"
    form.add_error(None, f"{words}，您填写的内容尚未保存。请核对现在的情况后再办理。")
    return form


@require_http_methods(["GET", "HEAD", "POST"])
def end(request):
    """【结束维护】: the question, and the deed. Where none is set, back to the page."""
    actor = _switcher(request)
    current = _current()
    if request.method == "POST":
        ended = end_maintenance(actor=actor)
        messages.success(request, "已结束，所有用户现在可以照常办理。" if ended else "没有设置系统维护，不必结束。")
        return redirect("bureau-maintenance")
    if current is None:
        return redirect("bureau-maintenance")
    request.frame.menu_entry = "bureau-maintenance"
    context = {"current": current, "begun": current.begins_at <= database_now()}
    return render(request, "projects/bureau/maintenance_end.html", context)


def _page(request, form, current, *, status=200):
    now = database_now()
    context = {
        "form": form,
        "current": current,
        "begun": current is not None and current.begins_at <= now,
        "overdue": current is not None and current.ends_at <= now,
        "history": list(Maintenance.objects.exclude(ended_at=None)[:HISTORY_LENGTH]),
    }
    return render(request, "projects/bureau/maintenance.html", context, status=status)


def _current():
    return Maintenance.objects.filter(ended_at=None).first()


def _switcher(request):
    """The Actor who may switch: an officer or an administrator; for everybody else there is no such page."""
    if request.actor.role == Role.BUREAU:
        return request.actor
    try:
        return administrator(request.user)
    except NeverAllowed:
        raise Http404 from None
