"""The arithmetic of the 经费预算."""

from decimal import Decimal

import pytest

from projects.enums import Tab
from projects.money import ZERO, added_up, amount, indirect_cap, leaves
from tests.full_proposal import FULL


@pytest.mark.parametrize(
    ("base", "cap"),
    [
        ("0", "0"),
        ("0.01", "0.003"),
        ("100", "30"),
        ("500", "150"),
        ("500.04", "150.01"),
        ("800", "225"),
        ("1000", "275"),
        ("1500", "375"),
    ],
)
def test_indirect_costs_are_capped_tier_by_tier(base, cap):
    assert indirect_cap(Decimal(base)) == Decimal(cap)


def test_amounts_go_into_leaves_of_the_code_tables_only():
    assert leaves("fund_source") == ["11", "12", "21", "22", "29"]
    assert leaves("budget_item") == [
        *("1101", "1102", "1103", "1201", "1202", "1203", "1204", "1205", "1209", "1301", "1302", "21", "22")
    ]


def test_nothing_filled_in_is_nothing():
    assert (amount(""), amount(None), amount("1.10")) == (ZERO, ZERO, Decimal("1.10"))


def test_the_two_columns_are_added_up_apart():
    budget = added_up(FULL[Tab.BUDGET])

    assert (budget.fiscal.income, budget.own.income, budget.total) == (Decimal(100), Decimal(60), Decimal(160))
    assert (budget.fiscal.total, budget.own.total) == (Decimal(100), Decimal(60))
    assert (budget.fiscal.direct, budget.fiscal.indirect) == (Decimal(82), Decimal(18))
    # 30 % of 82 without the 20 of 设备购置费.
    assert budget.fiscal.cap == Decimal("18.60")
    assert budget.fiscal.under("12") == Decimal(42)
    assert (budget.own.direct, budget.own.cap) == (Decimal(60), Decimal(18))


def test_equipment_is_price_times_quantity_and_stays_exact():
    rows = [{"price": "0.10", "quantity": "3"}, {"price": "33.33", "quantity": "3"}, {"price": "", "quantity": ""}]

    assert added_up({"equipment": rows}).equipment == Decimal("100.29")
