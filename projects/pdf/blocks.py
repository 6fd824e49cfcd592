"""What stands on the pages: a stored tab as blocks, in the order of its form.

Numbers of people and accounts are masked on paper as on the screen. The PDF is signed, copied and filed by the PI, the
二级单位, the unit and 科技局 alike, all from the same file; none of them needs a full 证件号码 on paper to do so, and
what was not printed cannot be left on a desk (PIPL: no more than the purpose asks). The system holds the full numbers
for those who may see them, and the 校验码 covers them.
"""

from dataclasses import dataclass, field
from itertools import groupby

from django import forms

from orgs import codes
from projects.enums import BudgetMode
from projects.money import added_up
from projects.sections.budget import BudgetForm
from projects.sections.fields import CountField, MoneyField
from projects.sections.reading import MASKS, in_words
from projects.snapshot import LABELS
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.numbers import IdNumberField, UsccField
from zhgg.kit.formfields.texts import PersonNameField, TextField
from zhgg.kit.masking import mask_bank, mask_id, mask_phone
from zhgg.kit.months import MonthField

FROZEN_MASKS = {"id_number": mask_id, "mobile": mask_phone, "contact_mobile": mask_phone, "bank_account": mask_bank}


@dataclass(frozen=True)
class Pair:
    """A label and a value in a table of facts; a `wide` one has a line of its own."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True)
class Block:
    """One block under a heading, drawn by `kind`. `widths` are percentages of the columns: a table whose widths are
    known is laid out ten times as fast as one that has to be measured.

    facts  `lines`: lists of one wide Pair or of two
    text   `lines`: paragraphs, under `title`
    rows   `columns` and `lines`: (cells, long Pairs under them); its heads repeat on every page
    money  `columns` and `lines`: (name, depth from 0 (a sum) to 3, amounts)
    """

    kind: str
    title: str = ""
    columns: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    note: str = ""
    widths: list = field(default_factory=list)

    @property
    def heads(self):
        """(heading, width) of each column of `rows`."""
        return list(zip(self.columns, self.widths, strict=True))


WEIGHTS = (
    (IdNumberField, 62),
    (UsccField, 62),
    (MobileField, 36),
    (MonthField, 32),
    (MoneyField, 30),
    (CountField, 24),
    (PersonNameField, 26),
    (CodeField, 26),
)
"""How wide columns are, one to another."""
NAME_WEIGHT, WORD_WEIGHT, LONG_NAME = 46, 26, 60
NUMBER_COLUMN = 4
"""Percentage of the column with the number of the row."""


def _widths(columns):
    weights = [_weight(column) for column in columns]
    return [round(weight * (100 - NUMBER_COLUMN) / sum(weights), 1) for weight in weights]


def _weight(column):
    for kind, weight in WEIGHTS:
        if isinstance(column, kind):
            return weight
    return NAME_WEIGHT if (getattr(column, "max_length", None) or 0) >= LONG_NAME else WORD_WEIGHT


def blocks_of(form_class, data, *, call):
    """The Blocks of one stored tab."""
    form = form_class(call=call)
    blocks = []
    for title, fields in form.panels:
        blocks += _panel(title, [bound_field.name for bound_field in fields], form, data)
    if form_class is BudgetForm:
        blocks = [*_money(data, call), *(block for block in blocks if block.kind == "text")]
    for spec in form.tables:
        blocks.append(_rows(spec, form.row_sets[spec.name].blank.fields, data.get(spec.name) or []))
    return blocks


def record_block(title, whose, facts):
    """The frozen facts of the PI ("pi") or of the unit ("unit"), as `projects.snapshot` has them."""
    pairs = [
        Pair(label, FROZEN_MASKS.get(name, str)(facts.get(name) or ""))
        for name, label in LABELS[whose].items()
        if name != "department" or facts.get(name)
    ]
    return Block("facts", title, lines=_by_two(pairs))


def _panel(title, names, form, data):
    """Facts in tables, long texts under headings of their own, in the order of the form. Ticked promises are printed on
    the last page, to be signed."""
    columns = {name: form.fields[name] for name in names if not isinstance(form.fields[name], forms.BooleanField)}
    blocks = []
    for long, group in groupby(columns.items(), key=lambda item: isinstance(item[1], TextField)):
        if long:
            blocks += [_text(column, data.get(name)) for name, column in group]
        else:
            pairs = [
                Pair(str(column.label), shown(column, data.get(name)), form.spans.get(name) in ("full", "two"))
                for name, column in group
            ]
            blocks.append(Block("facts", "" if blocks else title, lines=_by_two(pairs)))
    return blocks


def _text(column, value):
    paragraphs = [line.strip() for line in in_words(column, value).splitlines() if line.strip()]
    return Block("text", str(column.label), lines=paragraphs)


def _by_two(pairs):
    lines = []
    for pair in pairs:
        if lines and not pair.wide and len(lines[-1]) == 1 and not lines[-1][0].wide:
            lines[-1].append(pair)
        else:
            lines.append([pair])
    return lines


def _rows(spec, columns, rows):
    short = {name: column for name, column in columns.items() if not isinstance(column, TextField)}
    lines = [
        (
            [shown(column, row.get(name)) for name, column in short.items()],
            [
                Pair(str(column.label), shown(column, row.get(name)))
                for name, column in columns.items()
                if name not in short
            ],
        )
        for row in rows
    ]
    labels = [str(column.label) for column in short.values()]
    return Block("rows", spec.title, labels, lines, widths=_widths(short.values()))


def _money(data, call):
    budget = added_up(data)
    sides = (budget.fiscal, budget.own)
    parts = {"1": budget.fiscal.income, "2": budget.own.income}
    sources = [
        (name, depth, [parts.get(code, budget.sources.get(code))]) for code, name, depth in _items("fund_source")
    ]
    blocks = [Block("money", "经费来源", ["来源", "金额"], [*sources, ("来源合计", 0, [budget.total])], "单位：万元")]
    if call.budget_mode == BudgetMode.DETAILED:
        spent = []
        for code, name, depth in _items("budget_item"):
            amounts = [side.under(code) for side in sides]
            spent.append((name, depth, [*amounts, sum(amounts)]))
        totals = [side.total for side in sides]
        spent.append(("支出合计", 0, [*totals, sum(totals)]))
        blocks.append(Block("money", "经费支出", ["科目", "财政", "自筹", "合计"], spent, "单位：万元"))
    return blocks


def _items(table):
    """`[(code, name, depth from 1)]` of a code table, parents before their children."""
    names, depth = codes.table(table), {"": 0}
    for code, row in names.rows.items():
        depth[code] = depth[row["parent"]] + 1
    return [(code, names.name(code), depth[code]) for code in names.rows]


def shown(column, value):
    """A stored value in words, numbers masked, with its unit; "" for nothing."""
    words = in_words(column, value)
    for kind_of_field, (_, _, mask) in MASKS.items():
        if words and isinstance(column, kind_of_field):
            return mask(words)
    suffix = getattr(column, "suffix", "")
    return f"{words} {suffix}".strip() if words else ""
