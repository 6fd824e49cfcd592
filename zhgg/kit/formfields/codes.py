"""Codes of code tables."""

from django import forms

from zhgg.kit.formfields.plain import PLEASE_CHOOSE

_code_tables = []


def use_code_tables(source) -> None:
    """Let `CodeField("degree")` find its table: `source(name)` gives it. Called once, from the app that has them."""
    _code_tables[:] = [source]


class CodeField(forms.ChoiceField):
    """A code of a code table, with 请选择 on top.

    `table` is a table or its name. It offers `grouped_choices()`, unless `choices` (a list or a function) are given. A
    stored code that is no longer offered stays choosable in the form that shows it, so that old records can be saved.
    """

    default_error_messages = {
        "required": PLEASE_CHOOSE,
        "invalid_choice": "所选的项不存在或已停用，请从列表中重新选择",
    }
    read_only = False
    draft = False
    mask = ""
    empty_value = ""

    def __init__(
        self, table, *, choices=None, empty_label=PLEASE_CHOOSE, suffix="", span="", show_optional=False, **options
    ):
        self._table, self._offered, self.empty_label = table, choices, empty_label
        self.suffix, self.span, self.show_optional = suffix, span, show_optional
        super().__init__(choices=self._menu, **options)

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

    def _menu(self):
        offered = self._offered() if callable(self._offered) else self._offered
        return [("", self.empty_label), *(self.table.grouped_choices() if offered is None else offered)]

    def offer(self, choices) -> None:
        """Offer these choices instead of the whole table, for example the 区县 of one province."""
        self._offered = choices
        self.choices = self._menu

    def get_bound_field(self, form, field_name):
        stored = str(form.get_initial_for_field(self, field_name) or "")
        if stored and not self.valid_value(stored):
            menu = self._menu()
            self.choices = [menu[0], (stored, self.table.label(stored)), *menu[1:]]
        return super().get_bound_field(form, field_name)
