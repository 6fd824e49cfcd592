"""How forms are drawn: fields and plain controls in one go, all others by the templates of the site.

A page has dozens of controls, and a template that includes a template for each of them is most of its work.
"""

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from zhgg.kit.field_boxes import draw_field
from zhgg.kit.markup import markup, text

_NOT_FIELDS = ("checkbox", "radio", "hidden", "file")


def attributes_of(attrs, *, but=()) -> SafeString:
    """HTML attributes with a blank in front of each; True is one without a value, False and None are left out."""
    given = [(name, value) for name, value in attrs.items() if value is not None and value is not False]
    return markup(
        "".join(
            f" {text(name)}" if value is True else f' {text(name)}="{text(value)}"'
            for name, value in given
            if name not in but
        )
    )


def css_of(own, attrs) -> str:
    """The class of a control: our own, and what the field asks for."""
    return f"{own} {attrs.get('class', '')}".strip()


def _input(widget):
    attrs, value, kind, name = widget["attrs"], widget["value"], widget["type"], text(widget["name"])
    value = "" if value is None else f' value="{text(value)}"'
    if kind in _NOT_FIELDS:
        return markup(f'<input type="{kind}" name="{name}"{value}{attributes_of(attrs)}>')
    css, others = text(css_of("input", attrs)), attributes_of(attrs, but=("class",))
    return markup(f'<input class="{css}" type="{kind}" name="{name}"{value}{others}>')


def _textarea(widget):
    attrs = widget["attrs"]
    css, value, name = text(css_of("textarea", attrs)), text(widget["value"] or ""), text(widget["name"])
    # A browser drops the first line break, so that one more keeps what was typed.
    return markup(f'<textarea class="{css}" name="{name}"{attributes_of(attrs, but=("class",))}>\n{value}</textarea>')


def _options(widget):
    """Radio buttons, or boxes to tick, each in its label."""
    attrs = widget["attrs"]
    parts = []
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'<span class="radios__group">{text(group)}</span>')
        parts += [_option(option) for option in options]
    named = f' id="{text(attrs["id"])}"' if attrs.get("id") else ""
    return markup(f'<div{named} class="{text(css_of("radios", attrs))}">{"".join(parts)}</div>')


def _option(option):
    target = option["attrs"].get("id")
    named = f' for="{text(target)}"' if target else ""
    return markup(f'<label class="check"{named}>{_input(option)}<span>{text(option["label"])}</span></label>')


def _select(widget):
    """A <select> of what Django made for a template: where another widget wraps it, as in the admin. See `_menu`."""
    css, attrs = css_of("select", widget["attrs"]), attributes_of(widget["attrs"], but=("class",))
    groups = [(group, "".join(map(_choice, options))) for group, options, _ in widget["optgroups"]]
    inside = "".join(
        f'<optgroup label="{text(group)}">{drawn}</optgroup>' if group else drawn for group, drawn in groups
    )
    return markup(f'<select class="{text(css)}" name="{text(widget["name"])}"{attrs}>{inside}</select>')


def _choice(widget):
    value = text(str(widget["value"]))
    return f'<option value="{value}"{attributes_of(widget["attrs"])}>{text(widget["label"])}</option>'


def _ends(widget):
    """Two ends of a range (更新时间 起 至 止); the fieldset around them names it."""
    first, last = (_input(end) for end in widget["subwidgets"])
    return markup(
        f'<div class="ends"><label><span class="vh">起</span>{first}</label><span aria-hidden="true">至</span>'
        f'<label><span class="vh">止</span>{last}</label></div>'
    )


_DRAWN = {
    **{
        f"django/forms/widgets/{name}.html": _input
        for name in ("text", "number", "email", "tel", "search", "url", "hidden", "checkbox", "date")
    },
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
    "django_filters/widgets/multiwidget.html": _ends,
    "django/forms/widgets/radio.html": _options,
    "django/forms/widgets/checkbox_select.html": _options,
}


def _line(widget, name, value, attrs):
    return _input({"type": widget.input_type, "name": name, "value": widget.format_value(value), "attrs": attrs})


def _menu(widget, name, value, attrs):
    # Of choices with the same value the first is the chosen one.
    chosen, inside = set(widget.format_value(value)), []
    for value, label in widget.choices:
        if isinstance(label, (list, tuple)):
            options = "".join([_option_of_menu(*each, chosen) for each in label])
            inside.append(f'<optgroup label="{text(value)}">{options}</optgroup>')
        else:
            inside.append(_option_of_menu(value, label, chosen))
    css, attrs = css_of("select", attrs), attributes_of(attrs, but=("class",))
    return markup(f'<select class="{text(css)}" name="{text(name)}"{attrs}>{"".join(inside)}</select>')


def _option_of_menu(value, label, chosen):
    value = "" if value is None else str(value)
    selected = " selected" if value in chosen else ""
    if selected:
        chosen.clear()
    return f'<option value="{text(value)}"{selected}>{text(label)}</option>'


_PLAIN = {
    **dict.fromkeys((forms.TextInput, forms.NumberInput, forms.EmailInput, forms.HiddenInput, forms.DateInput), _line),
    forms.Select: _menu,
}
"""`draw(widget, name, value, attrs)` of controls that are drawn without what Django makes for a template."""


class BoundField(forms.BoundField):
    """Django's, with plain controls drawn in one go, and without a new list each time there are no errors: they are
    asked for five times a field."""

    def as_widget(self, widget=None, attrs=None, only_initial=False):
        own = widget or self.field.widget
        draw = _PLAIN.get(type(own))
        if draw is None or only_initial or self.field.localize:
            return super().as_widget(widget, attrs, only_initial)
        attrs = self.build_widget_attrs(attrs or {}, own)
        if self.auto_id and "id" not in own.attrs:
            attrs.setdefault("id", self.auto_id)
        return draw(own, self.html_name, self.value(), {**own.attrs, **attrs})

    @property
    def errors(self):
        return self.form.errors.get(self.name) or self._no_errors

    @cached_property
    def _no_errors(self):
        return super().errors

    @property
    def aria_describedby(self):
        return super().aria_describedby if self.help_text or self.errors else ""


class Renderer(TemplatesSetting):
    """Django's, with fields and plain controls drawn without a template."""

    bound_field_class = BoundField

    def render(self, template_name, context, request=None):
        """The HTML of a widget, a field or a form."""
        if template_name == "django/forms/field.html":
            return draw_field(context["field"])
        if draw := _DRAWN.get(template_name):
            return draw(context["widget"])
        return super().render(template_name, context, request)
