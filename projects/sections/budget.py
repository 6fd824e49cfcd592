"""经费预算 (万元, two decimals)"""

from functools import lru_cache

from orgs import codes
from projects.enums import BudgetMode
from projects.money import BIG_EQUIPMENT, EQUIPMENT, OVERHEAD, added_up, leaves
from projects.sections.base import RowForm, RowsSpec, SectionForm, plain
from projects.sections.fields import CountField, MoneyField
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.forms import twins

COLUMNS = {"fiscal": "财政", "own": "自筹"}


@lru_cache(maxsize=2)
def _sources(table):
    """The fields of 经费来源, each made once for a code table: a changed one is another."""
    return {f"source_{code}": MoneyField(label=table.name(code), required=False) for code in leaves("fund_source")}


@lru_cache(maxsize=2)
def _items(table):
    """Those of 经费支出, likewise."""
    return {
        f"{column}_{code}": MoneyField(label=f"{table.name(code)}（{words}）", required=False)
        for code in leaves("budget_item")
        for column, words in COLUMNS.items()
    }


class EquipmentForm(RowForm):
    """One piece of equipment to be bought."""

    name = LineField(label="设备名称", min_length=2, max_length=60)
    model = LineField(label="型号", max_length=60, required=False)
    quantity = CountField(label="数量", least=1, most=9999)
    price = MoneyField(label="单价")
    use = TextField(label="用途", min_length=5, max_length=200, rows=2, span="full", help_text="5 至 200 字")


class BudgetForm(SectionForm):
    """经费预算: where the money comes from, and what it is spent on, 财政 and 自筹 apart.

    A 包干制 call asks for the sources only.
    """

    basis = TextField(label="测算说明", min_length=20, max_length=3000, help_text="主要支出的测算依据，20 至 3,000 字")

    spans = {"basis": "full"}
    tables = (RowsSpec("equipment", "设备明细", "设备", EquipmentForm, most=50),)

    def adapt_to(self, call):
        added = _sources(codes.table("fund_source"))
        if call.budget_mode == BudgetMode.DETAILED:
            added = {**added, **_items(codes.table("budget_item"))}
        else:
            del self.fields["basis"]
            self.tables = ()
        self.fields = {**twins(added), **self.fields}

    def check_together(self, cleaned):
        if self.errors:
            return
        budget = added_up(plain(cleaned) | {"equipment": [form.cleaned_data for form in self._equipment()]})
        self._check_funding(budget)
        if self.call.budget_mode == BudgetMode.DETAILED:
            for column, side in (("fiscal", budget.fiscal), ("own", budget.own)):
                self._check_side(column, side)
            self._check_equipment(budget)

    def _equipment(self):
        rows = self.row_sets.get("equipment")
        return [form for form in rows.filled if form.is_valid()] if rows else []

    def _check_funding(self, budget):
        funding, call = budget.fiscal.income, self.call
        first = f"source_{leaves('fund_source')[0]}"
        if budget.total == 0:
            self.add_error(first, "请填写经费来源")
        elif call.min_funding is not None and funding < call.min_funding:
            self.add_error(first, f"申请财政经费 {funding:,} 万元，少于本批次下限 {call.min_funding:,} 万元")
        elif call.max_funding is not None and funding > call.max_funding:
            self.add_error(first, f"申请财政经费 {funding:,} 万元，超过本批次上限 {call.max_funding:,} 万元")
        if budget.own.income < funding * call.min_own_ratio:
            self.add_error(
                "source_21",
                f"自筹经费 {budget.own.income:,} 万元，本批次要求不少于财政经费的 {call.min_own_ratio.normalize():f} 倍"
                f"，即 {funding * call.min_own_ratio:,.2f} 万元",
            )

    def _check_side(self, column, side):
        words = COLUMNS[column]
        first = f"{column}_{leaves('budget_item')[0]}"
        gap = side.total - side.income
        if gap:
            than = f"比{words}来源{'多' if gap > 0 else '少'} {abs(gap):,} 万元"
            self.add_error(first, f"{words}支出合计 {side.total:,} 万元，{than}，请调整为相等")
        if side.indirect > side.cap:
            self.add_error(
                f"{column}_{OVERHEAD}", f"{words}间接费用 {side.indirect:,} 万元，超过上限 {side.cap:,.2f} 万元，请调减"
            )

    def _check_equipment(self, budget):
        bought = budget.fiscal.spent[EQUIPMENT] + budget.own.spent[EQUIPMENT]
        if (bought >= BIG_EQUIPMENT or budget.equipment) and budget.equipment != bought:
            self.add_error(
                f"fiscal_{EQUIPMENT}",
                f"设备购置费合计 {bought:,} 万元，设备明细合计 {budget.equipment:,} 万元，请调整为相等",
            )
