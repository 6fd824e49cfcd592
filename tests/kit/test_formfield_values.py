"""Form fields for keywords, amounts and days."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django import forms
from django.utils import timezone

from tests.kit.fields import TODAY, refusal, today
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.days import DateField, tomorrow, years_ago
from zhgg.kit.formfields.texts import KeywordsField

__all__ = ["today"]


# Keywords -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", ["、", "，", ",", ";", "；", " ， ", "\r\n", ",,"])
def test_every_separator_is_understood(separator):
    assert KeywordsField().clean(separator.join(["智能装备", "工业机器人", "镁合金"])) == [
        "智能装备",
        "工业机器人",
        "镁合金",
    ]


def test_keywords_are_trimmed_and_named_once():
    assert KeywordsField().clean("AI， 机器人 ，ai，镁合金，") == ["AI", "机器人", "镁合金"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("智能装备，镁合金", "应为 3 至 5 个关键词，现在是 2 个，请用逗号分隔"),
        ("智能装备，镁合金，镁合金", "应为 3 至 5 个关键词，现在是 2 个，请用逗号分隔"),
        ("一一，二二，三三，四四，五五，六六", "应为 3 至 5 个关键词，现在是 6 个，请用逗号分隔"),
        ("，、；", "应为 3 至 5 个关键词，现在是 0 个，请用逗号分隔"),
        ("镁，智能装备，机器人", "“镁”有 1 字，每个关键词应为 2 至 20 字"),
        ("字" * 21 + "，智能装备，机器人", "“" + "字" * 20 + "…”有 21 字，每个关键词应为 2 至 20 字"),
    ],
)
def test_what_is_wrong_with_keywords_is_said(typed, message):
    assert refusal(KeywordsField(), typed) == message


def test_five_keywords_of_twenty_characters_pass():
    words = [f"{n}" * 20 for n in "一二三四五"]
    assert KeywordsField().clean("、".join(words)) == words


def test_stored_keywords_are_shown_with_commas_and_typed_ones_as_they_are():
    field = KeywordsField()
    assert field.prepare_value(["智能装备", "镁合金"]) == "智能装备，镁合金"
    assert field.prepare_value("智能装备;镁") == "智能装备;镁"
    assert field.clean(["智能装备", "镁合金", "机器人"]) == ["智能装备", "镁合金", "机器人"]
    assert not field.has_changed(["智能装备", "镁合金", "机器人"], "智能装备、镁合金、机器人")


def test_the_empty_value_of_one_form_is_not_that_of_another():
    KeywordsField(required=False).clean("").append("x")
    assert KeywordsField(required=False).clean("") == []


# Amounts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("500", "500"),
        ("0", "0"),
        ("500.25", "500.25"),
        ("５００．２５", "500.25"),
        ("1,234,567.5", "1234567.5"),
        ("1，234", "1234"),
        (" 1 234 ", "1234"),
        (".5", "0.5"),
        ("5.", "5"),
        ("007", "7"),
        ("0.123456", "0.123456"),
        ("1.50000000", "1.5"),
        ("999999999999.999999", "999999999999.999999"),
    ],
)
def test_amounts_are_exact_decimals(typed, value):
    amount = WanField().clean(typed)
    assert isinstance(amount, Decimal)
    assert amount == Decimal(value)
    assert not WanField().has_changed(Decimal(value), typed)


@pytest.mark.parametrize(
    "monster", ["NaN", "Infinity", "-Infinity", "1e309", "1E5", "0x10", "abc", "1.2.3", "٣", "½", "."]
)
def test_what_is_no_plain_number_is_refused(monster):
    assert refusal(WanField(), monster) == f"应为数字，例如 500 或 500.25，现在是“{monster}”"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("-1", "不能是负数，请填写 0 或正数"),
        ("-0.000001", "不能是负数，请填写 0 或正数"),
        ("1" * 13, "整数部分最多 12 位，现在有 13 位，请核对单位是否为万元"),
        ("0.1234567", "小数点后最多 6 位，现在有 7 位"),
        ("1" * 300, "应为数字，例如 500 或 500.25，现在是“11111111111111111111…”"),
    ],
)
def test_amounts_that_do_not_fit_are_told_why(typed, message):
    assert refusal(WanField(), typed) == message


def test_an_amount_may_have_a_most():
    assert WanField(max_value=200).clean("200.000000") == 200
    assert refusal(WanField(max_value=2000), "2000.01") == "最多 2,000 万元，请核对"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("500.000000", "500"), ("500.250000", "500.25"), ("0.000000", "0"), ("100", "100"), ("1E+3", "1000")],
)
def test_stored_amounts_are_shown_without_idle_zeros(stored, shown):
    assert WanField().prepare_value(Decimal(stored)) == shown


def test_typed_amounts_are_shown_as_typed_and_the_unit_stands_behind():
    assert WanField().prepare_value("abc") == "abc"
    assert WanField().suffix == "万元"
    assert WanField(suffix="元").suffix == "元"


# Days -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-22",
        "2026/11/22",
        "20261122",
        "2026.11.22",
        "2026年11月22日",
        " ２０２６－１１－２２ ",
        "2026 - 11 - 22",
    ],
)
def test_days_are_taken_in_all_ways_of_writing(typed):
    assert DateField().clean(typed) == date(2026, 11, 22)
    assert not DateField().has_changed(date(2026, 11, 22), typed)


def test_one_digit_months_and_days_are_fine():
    assert DateField().clean("2026-1-2") == date(2026, 1, 2)
    assert DateField().clean("2026年1月2日") == date(2026, 1, 2)


@pytest.mark.parametrize("typed", ["22-11-2026", "2026-11", "2026-11/22", "明天", "2026112", "2026-11-222", "٢٠٢٦1122"])
def test_what_is_no_day_is_shown_the_form(typed):
    assert refusal(DateField(), typed) == "请按 2026-11-22 的格式填写日期"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2026-02-30", "没有 2026 年 2 月 30 日这一天，请核对"),
        ("2026-13-01", "没有 2026 年 13 月 1 日这一天，请核对"),
        ("0000-01-01", "没有 0 年 1 月 1 日这一天，请核对"),
        ("1899-12-31", "应不早于 1900-01-01，请核对"),
        ("2100-01-01", "应不晚于 2099-12-31，请核对"),
    ],
)
def test_days_that_do_not_exist_or_are_out_of_bounds(typed, message):
    assert refusal(DateField(), typed) == message


def test_bounds_may_be_worked_out_when_the_form_is_checked():
    field = DateField(min_day=partial(years_ago, 100), max_day=partial(years_ago, 16))
    assert field.clean("2010-11-22") == date(2010, 11, 22)
    assert refusal(field, "2010-11-23") == "应不晚于 2010-11-22，请核对"
    assert field.clean("1926-11-22") == date(1926, 11, 22)
    assert refusal(field, "1926-11-21") == "应不早于 1926-11-22，请核对"
    until_today = DateField(max_day=lambda: TODAY)
    assert until_today.clean("2026-11-22") == TODAY
    assert refusal(until_today, "2026-11-23") == "应不晚于今天，请核对"
    assert DateField(min_day=tomorrow).clean("2026-11-23") == date(2026, 11, 23)


def test_a_leap_day_has_a_day_years_ago(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2028, 2, 29))
    assert years_ago(1) == date(2027, 2, 28)
    assert years_ago(4) == date(2024, 2, 29)


def test_a_day_is_picked_with_the_browsers_own_control_up_to_today(monkeypatch):
    class Form(forms.Form):
        day = DateField(max_day=lambda: timezone.localdate())

    html = str(Form(initial={"day": date(2026, 1, 2)})["day"])
    assert 'type="date"' in html
    assert 'value="2026-01-02"' in html
    assert 'min="1900-01-01"' in html
    assert 'max="2026-11-22"' in html
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2026, 11, 23))
    assert 'max="2026-11-23"' in str(Form()["day"])
    # What was typed stays, though it is no day.
    assert 'value="2026-02-30"' in str(Form({"day": "2026-02-30"})["day"])
