"""单位信息: the page, and 【维护单位信息】."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Kind
from accounts.kept_forms import restores_form
from orgs.enums import Role
from orgs.facts import BANK, BASICS, facts_of
from orgs.forms import UnitForm
from orgs.models import Unit
from orgs.rules import may_act, unit_warnings
from orgs.services.units import StaleUnit, save_unit

# Not required, and yet everybody who reads an 申报书 looks for it.
SUGGESTED = ("district", "address", "registration_type", "nature", "industry", "keywords")


@require_safe
def unit(request):
    """单位信息 of the actor's own unit."""
    if _waits_for_its_code(request.actor):
        return render(request, "orgs/no_unit.html")
    unit = _own_unit(request.actor)
    missing = unit.missing_fields()
    context = {
        "unit": unit,
        "missing": list(zip(missing, Unit.labels(missing), strict=True)),
        "basics": facts_of(unit, BASICS),
        "bank": facts_of(unit, BANK),
    }
    return render(request, "orgs/unit.html", context)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def unit_edit(request):
    """【维护单位信息】 and 【保存】."""
    if _waits_for_its_code(request.actor):
        return redirect("unit")
    unit = _own_unit(request.actor)
    may_act(request.actor).enforce()
    if request.method != "POST":
        return _form_page(request, unit, UnitForm(request.restored, unit=unit))
    if request.POST.get("version") != str(unit.version):
        return _conflict_page(request, unit)
    form = UnitForm(request.POST, unit=unit)
    if not form.is_valid():
        return _form_page(request, unit, form)
    try:
        saved = save_unit(actor=request.actor, version=form.cleaned_data["version"], values=form.values())
    except StaleUnit as stale:
        return _conflict_page(request, stale.unit)
    _say_what_was_saved(request, saved, changed=saved.version != unit.version)
    return redirect("unit")


def _own_unit(actor):
    return get_object_or_404(Unit.objects.visible_to(actor), pk=actor.unit_id)


def _waits_for_its_code(actor):
    """A 法人用户 whose 统一社会信用代码 渝快办 did not state: no unit, and told how to get one."""
    return actor.role == Role.NONE and actor.user.kind == Kind.LEGAL


def _form_page(request, unit, form, *, status=200, **context):
    return render(request, "orgs/unit_edit.html", {"unit": unit, "form": form, **context}, status=status)


def _conflict_page(request, unit):
    """Somebody has saved since this form was opened: what was typed stays, beside what is stored now."""
    form = UnitForm.after_conflict(request.POST, unit=unit)
    form.is_valid()
    return _form_page(request, unit, form, status=409, conflict=True, differences=form.differences())


def _say_what_was_saved(request, unit, *, changed):
    if not changed:
        messages.info(request, "内容没有变化，单位信息保持原样。")
        return
    missing = Unit.labels(name for name in SUGGESTED if not getattr(unit, name))
    hint = f"建议再补全：{'、'.join(missing)}。" if missing else "新的内容从现在起用于申报书。"
    messages.success(request, f"单位信息已保存。{hint}")
    for sentence in unit_warnings(unit):
        messages.warning(request, sentence)
