"""Codes of code tables."""

from functools import lru_cache

from django import forms
from django.utils.html import format_html, format_html_join

from zhgg.kit.drawing import attributes_of, css_of
from zhgg.kit.formfields.plain import PLEASE_CHOOSE
from zhgg.kit.markup import markup, text

_code_tables = []


def use_code_tables(source) -> None:
    """Let `CodeField("degree")` find its table: `source(name)` gives it. Called once, from the app that has them."""
    _code_tables[:] = [source]


class CodeSelect(forms.Select):
    """The menu of a CodeField, drawn in one go: a template for each of 250 options is most of the work of a page."""

    menu = None

    def use_required_attribute(self, initial):
        """As for any control: the first choice, 请选择, is empty."""
        return forms.Widget.use_required_attribute(self, initial)

    def render(self, name, value, attrs=None, renderer=None):
        """The menu of the field that the widget belongs to."""
        attributes = self.build_attrs(self.attrs, attrs)
        options = self.menu.options if self.menu else _drawn(_frozen(self.choices))
        chosen = f'value="{text("" if value is None else value)}"'
        options = options.replace(f"{chosen}>", f"{chosen} selected>", 1)
        css, others = text(css_of("select", attributes)), attributes_of(attributes, but=("class",))
        return markup(f'<select class="{css}" name="{text(name)}"{others}>{options}</select>')


def _frozen(choices):
    return tuple(
        (value, tuple(map(tuple, label)) if isinstance(label, list | tuple) else label) for value, label in choices
    )


@lru_cache(maxsize=512)
def _drawn(choices) -> str:
    """The options of these choices, none of them selected."""
    return format_html_join(
        "\n",
        "{}",
        (
            (format_html('<optgroup label="{}">\n{}\n</optgroup>', value, _options(label)),)
            if isinstance(label, tuple)
            else (_options([(value, label)]),)
            for value, label in choices
        ),
    )


def _options(choices):
    return format_html_join("\n", '<option value="{}">{}</option>', choices)


@lru_cache(maxsize=64)
def _drawn_of(table) -> str:
    """The same of all that a table offers. A table that is changed is another one."""
    return _drawn(_frozen(table.grouped_choices()))


@lru_cache(maxsize=512)
def _codes_of(choices) -> frozenset[str]:
    flat = (label if isinstance(label, tuple) else ((value, label),) for value, label in choices)
    return frozenset(str(code) for part in flat for code, _ in part)


class CodeField(forms.ChoiceField):
    """A code of a code table, with 请选择 on top.

    `table` is a table or its name. It offers `grouped_choices()`, unless `choices` (a list or a function) are given. A
    stored code that is no longer offered stays choosable in the form that shows it, so that old records can be saved.
    """

    default_error_messages = {
        "required": PLEASE_CHOOSE,
        "invalid_choice": "所选的项不存在或已停用，请从列表中重新选择",
    }
    widget = CodeSelect
    read_only = False
    draft = False
    mask = ""
    empty_value = ""

    def __init__(
        self, table, *, choices=None, empty_label=PLEASE_CHOOSE, suffix="", span="", show_optional=False, **options
    ):
        self._table, self._offered, self.empty_label = table, choices, empty_label
        self.suffix, self.span, self.show_optional = suffix, span, show_optional
        self._kept = ()
        super().__init__(**options)

    @property
    def table(self):
        """The code table behind the field."""
        if not isinstance(self._table, str):
            return self._table
        if not _code_tables:
            raise LookupError(
                f"no code tables to find {self._table!r} in: call kit.formfields.codes.use_code_tables first"
            )
        return _code_tables[0](self._table)

    @property
    def choices(self):
        """What the menu holds now, 请选择 and a stored code that is no longer offered on top."""
        offered = self._offered() if callable(self._offered) else self._offered
        return (("", self.empty_label), *self._kept, *(self.table.grouped_choices() if offered is None else offered))

    @choices.setter
    def choices(self, value):
        # Django's own field sets them once, and keeps a copy with every form: here the table is asked each time.
        if value:
            raise TypeError("a CodeField takes its choices from the table: see `offer`")
        self._choices = ()

    def offer(self, choices) -> None:
        """Offer these choices instead of the whole table, for example the 区县 of one province."""
        self._offered = choices

    @property
    def options(self):
        """The options of the menu in HTML, none of them selected."""
        if self._offered is not None:
            return _drawn(_frozen(self.choices))
        return f"{_drawn((('', self.empty_label), *self._kept))}\n{_drawn_of(self.table)}"

    def valid_value(self, value):
        if self._offered is None:
            return self.table.current(str(value)) or str(value) in dict(self._kept)
        return str(value) in _codes_of(_frozen(self.choices))

    def get_bound_field(self, form, field_name):
        stored = str(form.get_initial_for_field(self, field_name) or "")
        if stored and not self.valid_value(stored):
            self._kept = ((stored, self.table.label(stored)),)
        self.widget.menu = self
        return super().get_bound_field(form, field_name)
