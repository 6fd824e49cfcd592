"""How one field of a form is drawn: its label, its control, and what is said about it.

`{{ form.name.as_field_group }}` comes here. A tab of the 申报书 has fifty fields, and a template for each of them was a
quarter of the work of its page, which is why this is Python.

What is read from the form field besides Django's own: `read_only` (grey, with a lock), `mask` (style of kit.ui.MASKS
for a read-only value), `suffix` (万元), `show_optional` (选填), `starred` (a star though a draft may be saved without
it), `mark` (需审核), `span` ("two" or "full" columns of the grid).
"""

from datetime import date, datetime

from django.forms import CheckboxInput, Textarea
from django.forms.widgets import ChoiceWidget, Input
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.moments import moment

_STAR = mark_safe('<span class="req" aria-hidden="true">*</span>')
_STAR_IN_WORDS = mark_safe('<span class="req" aria-hidden="true">*</span><span class="vh">（必填）</span>')
_OPTIONAL = mark_safe('<span class="opt">选填</span>')
_CANNOT_CHANGE = mark_safe('<span class="vh">（系统自动带出，不能修改）</span>')


def draw_field(bound):
    """The whole field, as a cell of a grid."""
    field = bound.field
    read_only = getattr(field, "read_only", False)
    if bound.use_fieldset and not read_only:
        return _fieldset(bound)
    if bound.widget_type == "checkbox" and not read_only:
        return format_html(
            '<div class="{}"><label class="check" for="{}">{}<span>{}{}</span></label>{}</div>',
            _css(field),
            bound.id_for_label,
            draw_control(bound),
            bound.label,
            _STAR if field.required else "",
            draw_notes(bound),
        )
    suffix = getattr(field, "suffix", "")
    return format_html(
        '<div class="{}"><label for="{}">{}{}{}{}</label>{}{}{}</div>',
        _css(field, read_only),
        bound.auto_id if read_only else bound.id_for_label,
        bound.label,
        format_html('<span class="vh">（{}）</span>', suffix) if suffix else "",
        _duty(field, read_only),
        _mark(field),
        _with_suffix(draw_control(bound), suffix),
        _counter(bound) if not read_only else "",
        draw_notes(bound),
    )


def _fieldset(bound):
    """Several controls that answer one question: radio buttons, boxes to tick."""
    field = bound.field
    duty = _STAR_IN_WORDS if _is_asked(field) else ""
    return format_html(
        '<fieldset class="{}"{}><legend class="label">{}{}{}{}</legend>{}{}</fieldset>',
        _css(field),
        format_html(' aria-describedby="{}"', bound.aria_describedby) if bound.aria_describedby else "",
        bound.label,
        duty,
        _OPTIONAL if getattr(field, "show_optional", False) else "",
        _mark(field),
        draw_control(bound),
        draw_notes(bound),
    )


def _css(field, read_only=False):
    span = getattr(field, "span", "")
    return " ".join(["field", *(["field--ro"] if read_only else []), *([span] if span else [])])


def _is_asked(field):
    return field.required or getattr(field, "starred", False)


def _duty(field, read_only):
    """Whether it must, may or cannot be filled in."""
    if read_only:
        return draw_icon("lock") + _CANNOT_CHANGE
    if _is_asked(field):
        return _STAR
    return _OPTIONAL if getattr(field, "show_optional", False) else ""


def _mark(field):
    mark = getattr(field, "mark", "")
    return format_html('<span class="opt">{}</span>', mark) if mark else ""


def _with_suffix(control, suffix):
    if not suffix:
        return control
    return format_html('<div class="affix">{}<span aria-hidden="true">{}</span></div>', control, suffix)


def _counter(bound):
    most = getattr(bound.field, "max_length", None)
    if bound.widget_type != "textarea" or not most:
        return ""
    return format_html('<span class="counter" id="{}_count">最多 {} 字</span>', bound.auto_id, most)


def draw_notes(bound):
    """The hint of a field and what is wrong with it."""
    hint = wrong = ""
    if bound.help_text:
        text = mark_safe(bound.help_text)  # nosec B308 B703: a hint is written in a form, and may have a link
        hint = format_html('<span class="hint" id="{}_helptext">{}</span>', bound.auto_id, text)
    if bound.errors:
        wrong = format_html(
            '<span class="err" id="{}_error">{}<span>{}</span></span>',
            bound.auto_id,
            draw_icon("circle-alert"),
            "；".join(map(str, bound.errors)),
        )
    return format_html("{}{}", hint, wrong)


def draw_control(bound, describedby=""):
    """The widget alone. A field with `read_only = True` is shown grey: `readonly`, never `disabled`."""
    if getattr(bound.field, "read_only", False):
        return _read_only_control(bound)
    attributes = {}
    if extra := " ".join(each for each in (bound.aria_describedby, describedby) if each):
        attributes["aria-describedby"] = extra
    if isinstance(bound.field.widget, CheckboxInput):
        attributes["class"] = "checkbox"
    return bound.as_widget(attrs=attributes)


def _read_only_control(bound):
    """A value that cannot be changed here: text that can be focused and copied. The server ignores what is posted."""
    widget, value = bound.field.widget, bound.value()
    if isinstance(widget, ChoiceWidget):
        labels = dict(_flat_choices(bound.field.choices))
        values = value if isinstance(value, (list, tuple)) else [value]
        value = "，".join(str(labels.get(str(each), each)) for each in values if each not in (None, ""))
    elif isinstance(value, bool):
        value = "是" if value else "否"
    elif isinstance(value, (date, datetime)):
        value = moment(value)
    if style := getattr(bound.field, "mask", ""):
        value = ui.MASKS[style][1](str(value or ""))
    described = format_html(' aria-describedby="{}"', bound.aria_describedby) if bound.aria_describedby else ""
    if isinstance(widget, Textarea):
        return format_html(
            '<textarea class="textarea" name="{}" id="{}" readonly{}>\n{}</textarea>',
            bound.html_name,
            bound.auto_id,
            described,
            value or "",
        )
    input_type = widget.input_type if isinstance(widget, Input) and widget.input_type in ("email", "tel") else "text"
    return format_html(
        '<input class="input" type="{}" name="{}" value="{}" id="{}" readonly{}>',
        input_type,
        bound.html_name,
        "" if value is None else value,
        bound.auto_id,
        described,
    )


def _flat_choices(choices):
    """(value as text, label) of all choices, groups opened."""
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((str(inner), text) for inner, text in label)
        else:
            yield str(value), label
