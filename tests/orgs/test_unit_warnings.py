"""What looks wrong in 单位信息 and is said without keeping anybody from saving."""

from decimal import Decimal

import pytest

from orgs.models import Unit
from orgs.rules import unit_warnings

CHONGQING = {"uscc": "91990000MATEXT01XL", "province": "500000", "district": "500103"}


def warnings(**fields):
    return unit_warnings(Unit(**{**CHONGQING, **fields}))


def test_an_empty_unit_and_one_that_fits_together_get_none():
    assert unit_warnings(Unit()) == []
    assert (
        warnings(
            postcode="400010",
            registered_capital=Decimal(500),
            paid_in_capital=Decimal(500),
            nature="31",
            new_area="CQ01",
            bank_name="重庆银行渝中支行",
            bank_code="313653000089",
            bank_account="120188062014663500",
        )
        == []
    )


@pytest.mark.parametrize(
    ("province", "postcode", "warned"),
    [("500000", "610000", True), ("500000", "409999", False), ("510000", "610000", False), ("", "610000", False)],
)
def test_postcode_of_chongqing(province, postcode, warned):
    assert bool(warnings(province=province, postcode=postcode)) is warned


@pytest.mark.parametrize(
    ("registered", "paid", "warned"),
    [(100, 100, False), (100, Decimal("100.000001"), True), (None, 100, False), (100, None, False), (0, 1, True)],
)
def test_more_paid_in_than_registered(registered, paid, warned):
    found = warnings(registered_capital=registered, paid_in_capital=paid)

    assert found == (["实收资本大于注册资本，请核对。"] if warned else [])


@pytest.mark.parametrize(
    ("nature", "prefix", "warned"),
    [("20", "12", False), ("20", "91", True), ("31", "91", False), ("31", "52", False), ("31", "11", True)],
)
def test_nature_against_the_registry(nature, prefix, warned):
    assert bool(warnings(nature=nature, uscc=prefix + "990000MATEXT01XL")) is warned


@pytest.mark.parametrize(
    ("province", "new_area", "warned"),
    [("510000", "CQ01", True), ("510000", "CQ00", False), ("500000", "CQ01", False), ("", "CQ01", False)],
)
def test_new_area_outside_chongqing(province, new_area, warned):
    assert bool(warnings(province=province, district="", new_area=new_area)) is warned


@pytest.mark.parametrize(
    ("bank_name", "category", "warned"),
    [
        ("中国工商银行重庆渝中支行", "102", False),
        ("工商银行重庆渝中支行", "102", False),
        ("工行渝中支行", "102", False),
        ("中国银行重庆分行", "102", True),
        ("中国银行重庆分行", "104", False),
        ("重庆银行渝中支行", "104", True),
        ("重庆银行渝中支行", "313", False),
        ("重庆三峡银行渝中支行", "313", False),
        ("招商银行重庆分行", "313", True),
        ("重庆农村商业银行渝中支行", "314", False),
        ("浦发银行重庆分行", "310", False),
        ("样例银行重庆分行", "999", False),
        ("", "102", False),
    ],
)
def test_bank_against_its_code(bank_name, category, warned):
    found = warnings(bank_name=bank_name, bank_code=f"{category}653000089")

    assert bool(found) is warned
    if warned:
        assert found[0].startswith(f"银行行号的前 3 位 {category} 代表")


@pytest.mark.parametrize(
    ("province", "city", "warned"),
    [("500000", "6530", False), ("500000", "6870", False), ("500000", "6510", True), ("510000", "6510", False)],
)
def test_city_of_the_branch(province, city, warned):
    assert bool(warnings(province=province, bank_code=f"999{city}00001")) is warned


@pytest.mark.parametrize(
    ("account", "warned"),
    [
        ("6299999999999999996", True),
        ("6299999999999999998", False),
        ("9999990000000006", False),
        ("62999999999999999", False),
        ("", False),
    ],
)
def test_an_account_that_looks_like_a_card(account, warned):
    assert bool(warnings(bank_account=account)) is warned
