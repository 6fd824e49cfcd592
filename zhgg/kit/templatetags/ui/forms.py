"""Controls, rows of fields, the summary of mistakes, the bar of search conditions."""

from datetime import date, datetime

from django import template
from django.forms import CheckboxInput, Textarea
from django.forms.widgets import ChoiceWidget, Input
from django.utils.html import format_html, format_html_join

from zhgg.kit import ui
from zhgg.kit.templatetags.ui.values import moment

register = template.Library()


@register.simple_tag
def control(field, describedby=""):
    """The widget of a bound field. A field with `read_only = True` is shown grey: `readonly`, never `disabled`."""
    if getattr(field.field, "read_only", False):
        return draw_read_only(field)
    attributes = {}
    if extra := " ".join(each for each in (field.aria_describedby, describedby) if each):
        attributes["aria-describedby"] = extra
    if isinstance(field.field.widget, CheckboxInput):
        attributes["class"] = "checkbox"
    return field.as_widget(attrs=attributes)


def draw_read_only(field):
    """A value that cannot be changed here: text that can be focused and copied. The server ignores what is posted."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, ChoiceWidget):
        labels = dict(flat_choices(field.field.choices))
        values = value if isinstance(value, (list, tuple)) else [value]
        value = "，".join(str(labels.get(str(each), each)) for each in values if each not in (None, ""))
    elif isinstance(value, bool):
        value = "是" if value else "否"
    elif isinstance(value, (date, datetime)):
        value = moment(value)
    if style := getattr(field.field, "mask", ""):
        value = ui.MASKS[style][1](str(value or ""))
    described = format_html(' aria-describedby="{}"', field.aria_describedby) if field.aria_describedby else ""
    if isinstance(widget, Textarea):
        return format_html(
            '<textarea class="textarea" name="{}" id="{}" readonly{}>\n{}</textarea>',
            field.html_name,
            field.auto_id,
            described,
            value or "",
        )
    input_type = widget.input_type if isinstance(widget, Input) and widget.input_type in ("email", "tel") else "text"
    return format_html(
        '<input class="input" type="{}" name="{}" value="{}" id="{}" readonly{}>',
        input_type,
        field.html_name,
        "" if value is None else value,
        field.auto_id,
        described,
    )


def flat_choices(choices):
    """(value as text, label) of all choices, groups opened."""
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((str(inner), text) for inner, text in label)
        else:
            yield str(value), label


@register.simple_tag
def fields(form, *names):
    """`{% fields form "name" "phone" %}`: these fields in a grid of three columns; without names, all visible ones."""
    bound = [form[name] for name in names] if names else form.visible_fields()
    body = format_html_join("", "{}", ((field.as_field_group(),) for field in bound))
    return format_html('<div class="grid grid--3">{}</div>', body)


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
        "form": form,
        "reset": reset,
        "label": label,
        "method": method,
        "keep": keep,
        "csrf_token": context.get("csrf_token"),
    }
