"""The 经费预算 as a table: every line with its sums, worked out from whatever the form holds now, typed or stored."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.core.exceptions import ValidationError

from orgs import codes
from projects.enums import BudgetMode
from projects.money import EQUIPMENT, added_up
from projects.sections.budget import COLUMNS

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Cell:
    """A place in the table: a `field` to fill in, or the sum of the fields whose names begin with `key`."""

    key: str
    label: str
    value: Decimal
    field: Any = None


@dataclass(frozen=True)
class Line:
    """One line: its name, how deep it stands under others (1 to 3), its cells."""

    code: str
    name: str
    level: int
    cells: list

    @property
    def is_leaf(self):
        """Whether amounts are filled in here."""
        return any(cell.field for cell in self.cells)


@dataclass(frozen=True)
class Balance:
    """财政 or 自筹 at the foot of the table: what is spent, what comes in, and what 间接费用 may be at most."""

    column: str
    label: str
    source: str
    spent: Decimal
    income: Decimal
    indirect: Decimal
    cap: Decimal

    @property
    def verdict(self):
        """来源与支出之差 in words."""
        gap = self.spent - self.income
        return f"支出比来源{'多' if gap > 0 else '少'} {abs(gap):,}" if gap else "相等"

    @property
    def cap_verdict(self):
        """How far the cap is used, in words."""
        rest = self.cap - self.indirect
        return f"上限 {self.cap:,}，{'超出' if rest < 0 else '还可填'} {abs(rest):,}"


def largest(cap):
    """The largest amount with two decimals that a cap allows."""
    return cap.quantize(CENT, ROUND_DOWN)


class BudgetTable:
    """What the page of the 经费预算 draws: the lines of the sources and of the items, and the balances under them."""

    def __init__(self, form):
        self.form = form
        self.is_detailed = form.call.budget_mode == BudgetMode.DETAILED
        self.budget = added_up(present(form))

    @property
    def sources(self):
        """The lines of 经费来源."""
        parts = {"1": self.budget.fiscal.income, "2": self.budget.own.income}
        return [
            Line(code, name, level, [self._cell("source", code, "金额", parts.get(code))])
            for code, name, level in _rows("fund_source")
        ]

    @property
    def total(self):
        """All that comes in."""
        return self.budget.total

    @property
    def items(self):
        """The lines of 经费支出; each has 财政, 自筹 and 合计."""
        sides = {"fiscal": self.budget.fiscal, "own": self.budget.own}
        lines = []
        for code, name, level in _rows("budget_item"):
            cells = [self._cell(column, code, COLUMNS[column], side.under(code)) for column, side in sides.items()]
            cells.append(Cell(f"both_{code}", "合计", sum(cell.value for cell in cells)))
            lines.append(Line(code, name, level, cells))
        return lines

    def _cell(self, column, code, label, value):
        name = f"{column}_{code}"
        return Cell(name, label, value, self.form[name] if name in self.form.fields else None)

    @property
    def balances(self):
        """财政 and 自筹 at the foot."""
        sides = (("fiscal", "1", self.budget.fiscal), ("own", "2", self.budget.own))
        return [
            Balance(
                column, COLUMNS[column], f"source_{code}", side.total, side.income, side.indirect, largest(side.cap)
            )
            for column, code, side in sides
        ]

    @property
    def spent(self):
        """All that is spent."""
        return self.budget.fiscal.total + self.budget.own.total

    @property
    def equipment(self):
        """设备明细, added up."""
        return self.budget.equipment

    @property
    def bought(self):
        """设备购置费 of both columns."""
        return self.budget.fiscal.spent[EQUIPMENT] + self.budget.own.spent[EQUIPMENT]


def present(form):
    """What the form holds now, as it would be stored; what is no amount counts as nothing."""
    data = {name: _lenient(form[name]) for name in form.fields}
    rows = form.row_sets.get("equipment")
    data["equipment"] = [
        {name: _lenient(row[name]) for name in ("quantity", "price")} for row in (rows.forms if rows else ())
    ]
    return data


def _lenient(bound_field):
    value = bound_field.data if bound_field.form.is_bound else bound_field.initial
    try:
        cleaned = bound_field.field.to_python(value)
    except ValidationError:
        return ""
    return f"{cleaned:f}" if isinstance(cleaned, Decimal) else cleaned


def _rows(table):
    """`[(code, name, level)]` of a code table, parents before their children."""
    names, levels = codes.table(table), {"": 0}
    for code, row in names.rows.items():
        levels[code] = levels[row["parent"]] + 1
    return [(code, names.name(code), levels[code]) for code in names.rows]
