"""A tab of the 申报书 as a form: single fields, and tables of rows that are added and removed.

The same class serves twice. Saving a draft asks only that each value be of its kind (`draft=True`); the completeness
check asks for everything: required fields, lengths, and what must fit together. What a form stores and reads again is
plain JSON: texts, booleans, lists of texts, and for a table a list of rows.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.datastructures import MultiValueDict

from zhgg.kit.forms import BaseForm, twins

ROW_KEY = re.compile(r"[1-9]\d{0,4}", re.ASCII)
NEW_KEY = "__new__"
"""Stands for the number of a row in the blank one that the script copies: nothing else on a page reads like it."""


class DraftMixin:
    """`draft` relaxes a form to what saving needs; a star still marks what the check asks for."""

    def relax(self):
        """Turn every field into one that may stay empty or unfinished."""
        for field in self.fields.values():
            field.starred = field.required
            field.required = False
            field.draft = True


class _Lightly(dict):
    """Fields of which each form gets `twins`."""

    def __deepcopy__(self, memo):
        return twins(self)


class RowForm(DraftMixin, BaseForm):
    """One row of a table. Its number in the form (`key`) stays with it for good, whatever rows come and go."""

    def __init__(self, *args, call, key, draft=False, **options):
        self.base_fields = _Lightly(self.base_fields)
        super().__init__(*args, **options)
        self.call, self.key, self.draft = call, key, draft
        if draft:
            self.relax()

    def clean(self):
        cleaned = super().clean()
        if not self.draft:
            self.check_together(cleaned)
        return cleaned

    def check_together(self, cleaned):
        """Rules over several fields of the row; only the completeness check asks them."""

    @property
    def is_blank(self):
        """Whether nothing was typed. Such a row is not stored."""
        return not any(self._typed(name) for name in self.fields if name not in self.not_telling)

    def _typed(self, name):
        value = self[name].data
        return value.strip() if isinstance(value, str) else value

    derived = ""
    """What follows from the saved values of the row, as a sentence."""

    not_telling: tuple[str, ...] = ()
    """Fields that have a value even in a row nobody touched (a menu with a default)."""


@dataclass(frozen=True)
class RowsSpec:
    """A table of a tab: `name` in the stored data, `noun` for one row, at most `most` rows. The completeness check asks
    for `fewest`. Columns are the fields of `form`."""

    name: str
    title: str
    noun: str
    form: type[RowForm]
    most: int
    fewest: int = 0
    advice: str = ""


class RowSet:
    """The rows of one table in one form: bound to what was posted, or as they are stored.

    `highest` is the highest number that a row ever had on this page: a new one gets a number above it.
    """

    def __init__(self, spec, *, call, draft, posted=None, stored=()):
        self.spec, self.call, self.draft, self.posted = spec, call, draft, posted
        by_key = {str(row["key"]): row for row in stored}
        self.keys = list(by_key) if posted is None else _keys(posted.getlist(spec.name))
        # One more than may stand there is enough to say that there are too many.
        shown = self.keys[: spec.most + 1]
        self.forms = [self._form(key, posted, by_key.get(key, {})) for key in shown]
        self.highest = max([0, *map(int, self.keys), *map(int, by_key), _highest(posted or {}, spec.name)])

    def _form(self, key, posted, stored):
        return self.spec.form(
            posted, prefix=f"{self.spec.name}-{key}", initial=stored, call=self.call, key=key, draft=self.draft
        )

    @property
    def blank(self):
        """An empty row for the script to copy; it puts a number above `highest` where NEW_KEY stands."""
        return self._form(NEW_KEY, None, {})

    @property
    def is_full(self):
        """Whether no further row may be added."""
        return len(self.keys) >= self.spec.most

    @property
    def surplus(self):
        """`[(name, value)]` of what was typed into the rows that are too many to be drawn, so that it is sent back."""
        hidden = set(self.keys[len(self.forms) :])
        if not hidden:
            return []
        kept = [(self.spec.name, key) for key in self.keys if key in hidden]
        for name, values in self.posted.lists():
            table, _, rest = name.partition("-")
            if table == self.spec.name and rest.partition("-")[0] in hidden:
                kept += [(name, value) for value in values]
        return kept

    @property
    def filled(self):
        """The rows in which something was filled in."""
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self):
        """Whether every row is in order (a blank one always is) and there are not too many."""
        valid = [form.is_valid() or self._untouched(form) for form in self.forms]
        return all(valid) and not self.problem

    def _untouched(self, form):
        return form.is_blank and not self.draft

    @property
    def problem(self):
        """What is wrong with the number of rows, or ""."""
        count = len(self.keys)
        if count > self.spec.most:
            return f"最多 {self.spec.most} 行，现在有 {count} 行，请删减"
        if not self.draft and len(self.filled) < self.spec.fewest:
            return self.spec.advice or f"至少填写 {self.spec.fewest} 行，请点【添加{self.spec.noun}】"
        return ""

    def errors(self):
        """`[(id of the control, label, message)]`: 成员 2 姓名."""
        lines = [(f"table-{self.spec.name}", self.spec.title, self.problem)] if self.problem else []
        for number, form in enumerate(self.forms, start=1):
            if self._untouched(form):
                continue
            lines += [
                (target or f"row-{form.prefix}", f"{self.spec.noun} {number} {label}".strip(), message)
                for target, label, message in form.error_list
            ]
        return lines

    def stored(self):
        """The rows as they are stored, blank ones left out."""
        return [{"key": form.key, **plain(form.cleaned_data)} for form in self.filled]


def _keys(values):
    """The distinct row numbers of a POST in their order; what is no number is left out."""
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and ROW_KEY.fullmatch(value)))


class SectionForm(DraftMixin, BaseForm):
    """A tab's form. `tables` names its tables of rows; `spans` says which single fields are wide."""

    tables: tuple[RowsSpec, ...] = ()
    spans: dict[str, str] = {}

    def __init__(self, data=None, *, call, initial=None, draft=False, **options):
        self.base_fields = _Lightly(self.base_fields)
        super().__init__(data, initial=initial, **options)
        self.call, self.draft = call, draft
        self.adapt_to(call)
        for name, span in self.spans.items():
            if name in self.fields:
                self.fields[name].span = span
        if draft:
            self.relax()
        self.row_sets = {
            spec.name: RowSet(spec, call=call, draft=draft, posted=data, stored=(initial or {}).get(spec.name, ()))
            for spec in self.tables
        }

    def adapt_to(self, call):
        """Take from the call what it decides (directions, categories, kind of budget)."""

    def clean(self):
        cleaned = super().clean()
        if not self.draft:
            self.check_together(cleaned)
        return cleaned

    def check_together(self, cleaned):
        """Rules over several fields; only the completeness check asks them."""

    def is_valid(self):
        return all([super().is_valid(), *(rows.is_valid() for rows in self.row_sets.values())])

    @property
    def error_list(self):
        """As every form's, with the rows of the tables after the single fields."""
        if not self.is_bound:
            return []
        return [*super().error_list, *(line for rows in self.row_sets.values() for line in rows.errors())]


def plain(cleaned):
    """Cleaned values as JSON can hold them: amounts as texts with their decimals, days as 2026-11-22."""
    return {name: _plain(value) for name, value in cleaned.items()}


def _plain(value):
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def stored(form):
    """What a valid form saves."""
    return plain(form.cleaned_data) | {name: rows.stored() for name, rows in form.row_sets.items()}


def bound(form_class, data, *, call, draft=False):
    """The form over saved data: the strict one, as the completeness check asks it, or the one of a `draft`."""
    posted = MultiValueDict()
    for spec in form_class.tables:
        rows = data.get(spec.name, ())
        posted.setlist(spec.name, [str(row["key"]) for row in rows])
        columns = spec.form.base_fields
        for row in rows:
            for name, field in columns.items():
                _post(posted, f"{spec.name}-{row['key']}-{name}", field, row.get(name, ""))
    form = form_class(posted, call=call, draft=draft)
    # The call decides which single fields there are; the form reads their values only when it is checked.
    for name, field in form.fields.items():
        _post(posted, name, field, data.get(name, ""))
    return form


def _post(posted, name, field, value):
    value = field.prepare_value(value)
    posted.setlist(name, value if isinstance(value, list) else [value])


def change_rows(form, posted, command):
    """What was posted to `form`, after 【添加】 or 【删除】 of a row without a script.

    The commands are `add:members` and `remove:members:3`. One that names no table or row changes nothing.
    """
    verb, _, target = command.partition(":")
    name, _, key = target.partition(":")
    spec = next((spec for spec in form.tables if spec.name == name), None)
    changed = posted.copy()
    if spec is None:
        return changed
    keys = _keys(posted.getlist(name))
    if verb == "add" and len(keys) < spec.most:
        keys.append(str(max([0, *map(int, keys), _highest(posted, name)]) + 1))
    elif verb == "remove" and key in keys:
        keys.remove(key)
    changed.setlist(name, keys)
    return changed


def _highest(posted, name):
    """The highest row number the page knew of, rows removed since included."""
    text = posted.get(f"{name}-highest", "")
    return int(text) if ROW_KEY.fullmatch(text) else 0
