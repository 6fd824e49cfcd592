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
from django.utils.safestring import mark_safe

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text
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
    label, control, notes = text(bound.label), draw_control(bound), draw_notes(bound)
    if bound.widget_type == "checkbox" and not read_only:
        star = _STAR if field.required else ""
        return markup(
            f'<div class="{_css(field)}"><label class="check" for="{bound.id_for_label}">{control}'
            f"<span>{label}{star}</span></label>{notes}</div>"
        )
    suffix = text(getattr(field, "suffix", ""))
    spoken = f'<span class="vh">（{suffix}）</span>' if suffix else ""
    named = bound.auto_id if read_only else bound.id_for_label
    return markup(
        f'<div class="{_css(field, read_only)}">'
        f'<label for="{named}">{label}{spoken}{_duty(field, read_only)}{_mark(field)}</label>'
        f"{_with_suffix(control, suffix)}{'' if read_only else _counter(bound)}{notes}</div>"
    )


def _fieldset(bound):
    """Several controls that answer one question: radio buttons, boxes to tick."""
    field = bound.field
    duty = _STAR_IN_WORDS if _is_asked(field) else ""
    optional = _OPTIONAL if getattr(field, "show_optional", False) else ""
    described = f' aria-describedby="{bound.aria_describedby}"' if bound.aria_describedby else ""
    return markup(
        f'<fieldset class="{_css(field)}"{described}><legend class="label">{text(bound.label)}{duty}{optional}'
        f"{_mark(field)}</legend>{draw_control(bound)}{draw_notes(bound)}</fieldset>"
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
    return f'<span class="opt">{text(mark)}</span>' if mark else ""


def _with_suffix(control, suffix):
    if not suffix:
        return control
    return f'<div class="affix">{control}<span aria-hidden="true">{suffix}</span></div>'


def _counter(bound):
    most = getattr(bound.field, "max_length", None)
    if bound.widget_type != "textarea" or not most:
        return ""
    return f'<span class="counter" id="{bound.auto_id}_count">最多 {most} 字</span>'


def draw_notes(bound):
    """The hint of a field and what is wrong with it."""
    hint = wrong = ""
    if bound.help_text:
        # Not escaped: a hint is written in a form, and may have a link.
        hint = f'<span class="hint" id="{bound.auto_id}_helptext">{bound.help_text}</span>'
    if bound.errors:
        words = "；".join(map(text, bound.errors))
        icon = draw_icon("circle-alert")
        wrong = f'<span class="err" id="{bound.auto_id}_error">{icon}<span>{words}</span></span>'
    return markup(hint + wrong)


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
    described = f' aria-describedby="{bound.aria_describedby}"' if bound.aria_describedby else ""
    value = "" if value is None else text(value)
    if isinstance(widget, Textarea):
        return markup(
            f'<textarea class="textarea" name="{bound.html_name}" id="{bound.auto_id}" readonly{described}>\n'
            f"{value}</textarea>"
        )
    input_type = widget.input_type if isinstance(widget, Input) and widget.input_type in ("email", "tel") else "text"
    return markup(
        f'<input class="input" type="{input_type}" name="{bound.html_name}" value="{value}" id="{bound.auto_id}"'
        f" readonly{described}>"
    )


def _flat_choices(choices):
    """(value as text, label) of all choices, groups opened."""
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((str(inner), text) for inner, text in label)
        else:
            yield str(value), label
