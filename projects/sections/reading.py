"""How a stored tab reads: facts and tables with codes spelt out, and the difference between two versions of it."""

from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import NamedTuple

from django.template.defaultfilters import linebreaksbr

from orgs import codes
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.numbers import IdNumberField
from zhgg.kit.formfields.texts import TextField
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.ui import Fact, Masked

MASKS = {MobileField: ("proposal-mobiles", "phone", mask_phone), IdNumberField: ("proposal-ids", "id", mask_id)}
"""Field class → (kind of projects.reveals, style of the mask, the mask itself)."""


@dataclass(frozen=True)
class Part:
    """A headed part of a tab: `facts`, or the `rows` of a table, each a list of Facts under the `noun`'s number."""

    title: str
    facts: list = field(default_factory=list)
    noun: str = ""
    rows: list | None = None


class Change(NamedTuple):
    """One value that differs: its label, and the words before and after ("" for nothing)."""

    label: str
    before: str
    after: str


class _Fields(NamedTuple):
    """What a form has: `panels` of single fields, their `columns` in one, and the columns of each table."""

    panels: list
    columns: dict
    tables: list


def _fields_of(form_class, call):
    """The fields of the form, to be read by: nothing may be changed about them."""
    tables = codes.table("fund_source"), codes.table("budget_item")
    return _kept_fields(form_class, (*call.directions,), (*call.categories,), call.budget_mode, tables)


@lru_cache(maxsize=256)
def _kept_fields(form_class, directions, categories, budget_mode, tables):
    """To make a form takes longer than to read all that is in it. What else a call says changes no field."""
    call = SimpleNamespace(directions=directions, categories=categories, budget_mode=budget_mode)
    form = form_class(call=call)
    return _Fields(
        [(title or "基本情况", [(bound.name, bound.field) for bound in fields]) for title, fields in form.panels],
        form.fields,
        [(spec, form.row_sets[spec.name].blank.fields) for spec in form.tables],
    )


def readable(form_class, data, *, call, owner):
    """The Parts of a stored tab in the order of its form. Numbers are masked; `owner` is the 申报书 whose reveal they
    wait for."""
    found = _fields_of(form_class, call)
    parts = [
        Part(title, [_fact(column, data.get(name), owner) for name, column in columns])
        for title, columns in found.panels
    ]
    for spec, columns in found.tables:
        rows = [[_fact(column, row.get(name), owner) for name, column in columns.items()] for row in _rows(data, spec)]
        parts.append(Part(spec.title, noun=spec.noun, rows=rows))
    return parts


def differences(form_class, before, after, *, call):
    """The Changes from one stored version of a tab to another. Rows are matched by their keys; numbers are masked."""
    found, changes = _fields_of(form_class, call), []
    for name, column in found.columns.items():
        changes += _change(str(column.label), column, before.get(name), after.get(name))
    for spec, columns in found.tables:
        changes += _row_changes(spec, columns, before, after)
    return changes


def _row_changes(spec, columns, before, after):
    old, new = ({str(row["key"]): row for row in _rows(data, spec)} for data in (before, after))
    changes = []
    for number, (key, row) in enumerate(new.items(), start=1):
        if key not in old:
            changes.append(Change(f"{spec.noun} {number}", "", _summary(columns, row)))
            continue
        for name, column in columns.items():
            label = f"{spec.noun} {number} {column.label}"
            changes += _change(label, column, old[key].get(name), row.get(name))
    for number, (key, row) in enumerate(old.items(), start=1):
        if key not in new:
            changes.append(Change(f"{spec.noun} {number}", _summary(columns, row), ""))
    return changes


def _change(label, column, old, new):
    if (old or None) == (new or None):
        return []
    before, after = (_hidden(column, in_words(column, value)) for value in (old, new))
    # Two numbers may have the same mask.
    return [Change(label, before, f"{after}（已更换）" if before == after else after)]


def _summary(columns, row):
    words = (_hidden(column, in_words(column, row.get(name))) for name, column in columns.items())
    return "，".join(word for word in words if word)


def _rows(data, spec):
    return data.get(spec.name) or []


def _fact(column, value, owner):
    words = in_words(column, value)
    for kind_of_field, (kind, style, _) in MASKS.items():
        if words and isinstance(column, kind_of_field):
            return Fact(column.label, Masked(kind, owner.pk, words, style=style))
    long = isinstance(column, TextField)
    suffix = getattr(column, "suffix", "")
    return Fact(column.label, linebreaksbr(words) if long else f"{words} {suffix}".strip() if words else "", full=long)


def _hidden(column, words):
    for kind_of_field, (_, _, mask) in MASKS.items():
        if words and isinstance(column, kind_of_field):
            return mask(words)
    return words


def in_words(column, value):
    """A stored value as text: the words for a code or a choice, 是 for a ticked box, "" for nothing."""
    if value in (None, "", [], False):
        return ""
    if value is True:
        return "是"
    if isinstance(column, CodeField):
        # Of codes that are no longer offered too: what was chosen once stays readable.
        return column.table.name(value)
    names = dict(_flat(getattr(column, "choices", ())))
    if isinstance(value, list):
        return "、".join(str(names.get(item, item)) for item in value)
    return str(names.get(value, value))


def _flat(choices):
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label
