"""Controls, rows of fields, the summary of mistakes, the bar of search conditions."""

from django import template

from zhgg.kit.field_boxes import draw_control, draw_field, draw_notes
from zhgg.kit.filters import draw_conditions
from zhgg.kit.markup import markup

register = template.Library()


@register.simple_tag
def control(field, describedby=""):
    """`{% control field %}`: the widget of a bound field, without its label."""
    return draw_control(field, describedby)


@register.simple_tag
def field_notes(field):
    """`{% field_notes field %}`: the hint of a bound field and its mistakes, where the control stands by itself."""
    return draw_notes(field)


@register.simple_tag
def fields(form, *names):
    """`{% fields form "name" "phone" %}`: these fields in a grid of three columns; without names, all visible ones."""
    return grid([form[name] for name in names] if names else form.visible_fields())


@register.simple_tag
def grid(bound):
    """`{% grid fields %}`: bound fields in a grid of three columns."""
    return markup(f'<div class="grid grid--3">{"".join(map(draw_field, bound))}</div>')


def error_lines(forms):
    """(target id, label, message) for each mistake in `forms`, in the order of the fields."""
    for form in forms:
        if not form.is_bound:
            continue
        for message in form.non_field_errors():
            yield "", "", message
        for field in form:
            for message in field.errors:
                single = field.id_for_label or field.auto_id
                yield ("" if field.is_hidden else single), field.label, message


@register.inclusion_tag("ui/form_errors.html")
def form_errors(*forms, but="尚未保存"):
    """`{% form_errors form %}`: the summary above a form with mistakes; nothing above one without.

    `but` says what has not happened yet: 尚未办理 where something is decided and nothing is saved.
    """
    return {"lines": list(error_lines(forms)), "but": but}


@register.simple_tag
def error_title(*forms):
    """`{% block title %}{% error_title form %}维护单位信息{% endblock %}`: 有 3 处需要修改 - 维护单位信息"""
    number = sum(1 for _ in error_lines(forms))
    return f"有 {number} 处需要修改 - " if number else ""


@register.inclusion_tag("ui/filters.html", takes_context=True)
def filters(context, form, reset, label="查询", method="get"):
    """`{% filters filter.form reset=url label="查询个人信息" %}`: search conditions; folded on the phone."""
    request = context.get("request")
    keep = [(name, request.GET[name]) for name in ("sort", "size") if name in request.GET] if request else []
    return {
        "conditions": draw_conditions(form),
        "reset": reset,
        "label": label,
        "method": method,
        "keep": keep,
        "csrf_token": context.get("csrf_token"),
    }
