"""Arithmetic of the 经费预算 in 万元. Exact: every amount is a Decimal with two decimals, nothing is rounded."""

from dataclasses import dataclass
from decimal import Decimal

from orgs import codes

ZERO = Decimal("0.00")
EQUIPMENT = "1101"
"""设备购置费: deducted from the base of 间接费用, and itemised from BIG_EQUIPMENT on."""
OVERHEAD, PERFORMANCE = "21", "22"
OTHER_FISCAL = "12"
BIG_EQUIPMENT = Decimal(50)
TIERS = ((Decimal(500), Decimal("0.30")), (Decimal(1000), Decimal("0.25")), (None, Decimal("0.20")))
"""间接费用 at most: 30 % of the base up to 500 万元, 25 % of what lies between 500 and 1,000, 20 % of what is above."""


def leaves(table):
    """Codes of a table (fund_source, budget_item) into which amounts are filled, in its order."""
    rows = codes.table(table).rows
    parents = {row["parent"] for row in rows.values()}
    return [code for code in rows if code not in parents]


def amount(text):
    """The stored text of an amount as a Decimal; nothing filled in is nothing."""
    return Decimal(text) if text else ZERO


def indirect_cap(base):
    """The most that 间接费用 may be over the base 直接费用 - 设备购置费, in 万元. 800 → 225."""
    cap, lower = ZERO, Decimal(0)
    for upper, rate in TIERS:
        step = base if upper is None else min(base, upper)
        cap += max(step - lower, ZERO) * rate
        lower = upper
    return cap


@dataclass(frozen=True)
class Side:
    """One column of the budget: what comes in (`income`) and what it is spent on."""

    income: Decimal
    spent: dict

    @property
    def total(self):
        """All that is spent."""
        return sum(self.spent.values(), ZERO)

    @property
    def direct(self):
        """直接费用"""
        return self._under("1")

    @property
    def indirect(self):
        """间接费用"""
        return self._under("2")

    @property
    def cap(self):
        """The most that 间接费用 may be."""
        return indirect_cap(self.direct - self.spent.get(EQUIPMENT, ZERO))

    def under(self, code):
        """The sum of an item and everything below it."""
        return self._under(code)

    def _under(self, code):
        return sum((value for leaf, value in self.spent.items() if leaf.startswith(code)), ZERO)


@dataclass(frozen=True)
class Budget:
    """A stored 经费预算, added up. `fiscal` is 财政资金 and `own` 自筹资金, kept apart throughout."""

    fiscal: Side
    own: Side
    sources: dict
    equipment: Decimal

    @property
    def total(self):
        """All the money of the project."""
        return self.fiscal.income + self.own.income


def added_up(data):
    """The Budget of what the tab 经费预算 stored."""
    sources = {code: amount(data.get(f"source_{code}")) for code in leaves("fund_source")}
    return Budget(
        fiscal=_side(data, sources, "fiscal", "1"),
        own=_side(data, sources, "own", "2"),
        sources=sources,
        equipment=sum(
            (amount(row.get("price")) * int(row.get("quantity") or 0) for row in data.get("equipment", ())), ZERO
        ),
    )


def _side(data, sources, column, prefix):
    income = sum((value for code, value in sources.items() if code.startswith(prefix)), ZERO)
    return Side(income, {code: amount(data.get(f"{column}_{code}")) for code in leaves("budget_item")})
