"""Form fields: the value they clean to, the sentence they refuse with, and that nothing typed is ever an exception."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from orgs import codes
from zhgg.kit.formfields import codes as code_fields
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import EmailField, MobileField, OfficePhoneField, PostcodeField, QqField, WechatField
from zhgg.kit.formfields.days import DateField, tomorrow, years_ago
from zhgg.kit.formfields.numbers import BankAccountField, BankCodeField, IdNumberField, UsccField
from zhgg.kit.formfields.texts import KeywordsField, LineField, PersonNameField, TextField

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch, settings):
    settings.ALLOW_SYNTHETIC_IDS = True
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


def refusal(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    [message] = caught.value.messages
    return message


def district_field(**options):
    return CodeField(codes.table("chongqing_district"), **options)


EVERY_FIELD = {
    "line": lambda **options: LineField(max_length=20, **options),
    "text": lambda **options: TextField(max_length=200, **options),
    "person": PersonNameField,
    "keywords": KeywordsField,
    "mobile": MobileField,
    "office": OfficePhoneField,
    "email": EmailField,
    "qq": QqField,
    "wechat": WechatField,
    "postcode": PostcodeField,
    "uscc": UsccField,
    "cnaps": BankCodeField,
    "account": BankAccountField,
    "id": IdNumberField,
    "wan": WanField,
    "date": DateField,
    "code": district_field,
}
EMPTY = {"keywords": [], "wan": None, "date": None}

any_text = st.text(alphabet=st.characters(), max_size=60) | st.text(
    alphabet="0123456789０９Xx.-+eE/年月日, ，、\0\n\ud800\ufffd٣@", max_size=60
)


def outcome(field, typed):
    """What a field makes of a text: its value and no messages, or None and its messages."""
    try:
        return field.clean(typed), []
    except ValidationError as refused:
        return None, refused.messages


@given(text=any_text, name=st.sampled_from(sorted(EVERY_FIELD)))
def test_whatever_is_typed_gives_a_value_or_a_sentence(text, name):
    field = EVERY_FIELD[name](required=False)
    value, messages = outcome(field, text)
    assert all(message and "%(" not in message for message in messages)
    if not messages:
        assert field.clean(field.prepare_value(value)) == value


@pytest.mark.parametrize("name", EVERY_FIELD)
@pytest.mark.parametrize("huge", ["1" * 10**6, "，a" * 500_000, "\0" * 10**6, " " * 10**6, "字" * 10**6])
def test_a_megabyte_is_refused_or_empty(name, huge):
    value, messages = outcome(EVERY_FIELD[name](required=False), huge)
    assert messages or value == EMPTY.get(name, "")
    assert all(len(message) < 200 for message in messages)


@pytest.mark.parametrize("name", EVERY_FIELD)
@pytest.mark.parametrize("character", ["\0", "\ud800", "\x1b"])
def test_what_no_database_takes_is_refused(name, character):
    refusal(EVERY_FIELD[name](), f"重庆{character}")


@pytest.mark.parametrize("name", EVERY_FIELD)
@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_the_empty_value_or_asks_to_be_filled_in(name, nothing):
    assert EVERY_FIELD[name](required=False).clean(nothing) == EMPTY.get(name, "")
    assert refusal(EVERY_FIELD[name](), nothing) == {
        "code": "请选择",
        "cnaps": "请填写 12 位联行号，可在开户许可证上找到",
    }.get(name, "请填写")


@pytest.mark.parametrize("name", sorted(set(EVERY_FIELD) - {"code"}))
def test_blanks_are_nothing(name):
    assert EVERY_FIELD[name](required=False).clean(" \u3000 ") == EMPTY.get(name, "")
    assert refusal(EVERY_FIELD[name](error_messages={"required": "请填写，用于接收审核结果"}), "  ") == (
        "请填写，用于接收审核结果"
    )


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (LineField(max_length=60), " 项目名称 ", "项目名称"),
        (TextField(max_length=60), "一\r\n二", "一\n二"),
        (PersonNameField(), "买买提•吐尔逊", "买买提·吐尔逊"),
        (MobileField(), "１６９ 0000-0001", "16900000001"),
        (OfficePhoneField(), "02367035473", "023-67035473"),
        (EmailField(), " u001＠example.com ", "u001@example.com"),
        (QqField(), "１００００", "10000"),
        (QqField(), "123456789012", "123456789012"),
        (WechatField(), "zhgg_2026-a", "zhgg_2026-a"),
        (PostcodeField(), "４０１１２１", "401121"),
        (UsccField(), "91990000matext01xl", "91990000MATEXT01XL"),
        (BankCodeField(), "9996 5300 0014", "999653000014"),
        (BankAccountField(), "9999 9900 0000 0006", "9999990000000006"),
        (IdNumberField(), "990000198501010019", "990000198501010019"),
        (IdNumberField(id_type="06"), "e12345678", "E12345678"),
    ],
)
def test_what_is_typed_becomes_the_plain_value(field, typed, value):
    assert field.clean(typed) == value
    assert not field.has_changed(value, typed)
    assert field.has_changed(value, "别的")


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        (LineField(min_length=6, max_length=60), "五个字的名", "至少 6 字，现在只有 5 字，请补充"),
        (LineField(max_length=5), "六个字的名称", "最多 5 字，现在有 6 字，请删减"),
        (LineField(max_length=5), "一\n二", "只能填写一行，请删除换行"),
        (TextField(max_length=5), "六个字的名称", "最多 5 字，现在有 6 字，请删减"),
        (PersonNameField(), "张", "至少 2 个字，现在是 1 个字，请填写完整姓名"),
        (MobileField(), "1390000447", "应为 11 位数字，现在是 10 位"),
        (EmailField(), "nobody", "应为一个邮箱地址，例如 name@example.com，请核对"),
        (EmailField(), "张三@example.com", "应为一个邮箱地址，例如 name@example.com，请核对"),
        (EmailField(), "zhang@例子.中国", "应为一个邮箱地址，例如 name@example.com，请核对"),
        (EmailField(), "a@example.com, b@example.com", "应为一个邮箱地址，例如 name@example.com，请核对"),
        (EmailField(), "a" * 89 + "@example.com", "最多 100 字，现在有 101 字，请删减"),
        (QqField(), "0123456", "QQ 号应为 5 至 12 位数字，不以 0 开头，请核对"),
        (QqField(), "1234", "QQ 号应为 5 至 12 位数字，不以 0 开头，请核对"),
        (QqField(), "1234567890123", "QQ 号应为 5 至 12 位数字，不以 0 开头，请核对"),
        (WechatField(), "1zhgg26", "微信号应为 6 至 20 位，以字母开头，可含数字、下划线和减号，请核对"),
        (WechatField(), "zhgg1", "微信号应为 6 至 20 位，以字母开头，可含数字、下划线和减号，请核对"),
        (WechatField(), "z" * 21, "微信号应为 6 至 20 位，以字母开头，可含数字、下划线和减号，请核对"),
        (PostcodeField(), "40112", "应为 6 位数字，现在是“40112”，请核对"),
        (PostcodeField(), "401121" * 9, "应为 6 位数字，现在是“40112140112140112140…”，请核对"),
        (PostcodeField(), "901121", "邮政编码不以 9 开头，请核对"),
        (UsccField(), "91990000MATEXT01X", "统一社会信用代码应为 18 位，现在是 17 位"),
        (BankCodeField(), "999653000015", "最后一位校验码与前 11 位不符，请对照开户许可证逐位核对"),
        (BankAccountField(), "1234567", "银行账号应为 8 至 32 位数字，现在是 7 位"),
        (IdNumberField(), "990000198501010018", "最后一位校验码与前 17 位不符，请对照证件逐位核对"),
        (IdNumberField(id_type="06"), "1", "护照号码应为 5 至 20 位字母或数字，例如 E12345678，现在是 1 位，请核对"),
    ],
)
def test_what_is_wrong_is_said(field, typed, message):
    assert refusal(field, typed) == message


def test_an_address_of_100_characters_is_the_longest():
    address = "a" * 60 + "@" + "b" * 35 + ".com"
    assert len(address) == 100
    assert EmailField().clean(address) == address


# Keywords ------------------------------------------------------------------------------------------------------------


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


# Drafts --------------------------------------------------------------------------------------------------------------


def test_a_draft_does_not_insist_on_minimums_but_on_everything_else():
    line, text, keywords = (
        LineField(min_length=6, max_length=60),
        TextField(min_length=100, max_length=800),
        KeywordsField(),
    )
    for field in (line, text, keywords):
        field.draft = True
    assert line.clean("短") == "短"
    assert text.clean("短") == "短"
    assert keywords.clean("镁合金") == ["镁合金"]
    assert refusal(line, "字" * 61) == "最多 60 字，现在有 61 字，请删减"
    assert refusal(keywords, "一一，二二，三三，四四，五五，六六").startswith("应为 3 至 5 个")


# Amounts -------------------------------------------------------------------------------------------------------------


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


# Days ----------------------------------------------------------------------------------------------------------------


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


# Codes ---------------------------------------------------------------------------------------------------------------


def test_a_code_is_chosen_from_the_table_with_please_choose_on_top():
    field = district_field()
    assert next(iter(field.choices)) == ("", "请选择")
    assert len(list(field.choices)) == 38
    assert field.clean("500103") == "500103"


@pytest.mark.parametrize("wrong", ["500112", "510104", "x", "\0", "1" * 10**6])
def test_what_the_table_does_not_offer_is_refused(wrong):
    assert refusal(district_field(), wrong) == "所选的项不存在或已停用，请从列表中重新选择"


def test_a_table_with_headings_is_offered_under_them():
    field = CodeField(codes.table("tech_field"))
    assert dict(list(field.choices)[1:])["电子信息"][0] == ("101", "软件")
    assert field.clean("101") == "101"
    assert refusal(field, "10").startswith("所选的项")


class DistrictForm(forms.Form):
    district = district_field(required=False)


def test_a_stored_code_no_longer_in_force_may_stay():
    form = DistrictForm({"district": "500112"}, initial={"district": "500112"})
    assert form.is_valid()
    assert form.cleaned_data == {"district": "500112"}
    assert "渝北区（已撤销）" in str(form["district"])
    assert not form.has_changed()


def test_the_stored_code_of_one_form_is_not_offered_in_another():
    assert DistrictForm({"district": "500112"}, initial={"district": "500112"}).is_valid()
    for stored in ("500103", "", None):
        form = DistrictForm({"district": "500112"}, initial={"district": stored})
        assert form.errors == {"district": ["所选的项不存在或已停用，请从列表中重新选择"]}
        assert "渝北区" not in str(form["district"])


def test_a_stored_code_that_no_table_knows_is_shown_as_it_is():
    form = DistrictForm(initial={"district": "123456"})
    assert '<option value="123456" selected>123456</option>' in str(form["district"])


def test_a_form_may_offer_a_part_of_the_table():
    field = CodeField(codes.table("china_division"), choices=lambda: codes.district_choices("510000"))
    assert field.clean("510104") == "510104"
    assert refusal(field, "500103").startswith("所选的项")
    field.offer(codes.district_choices("500000"))
    assert field.clean("500103") == "500103"


def test_a_table_can_be_named_once_the_tables_are_known(monkeypatch):
    monkeypatch.setattr(code_fields, "_code_tables", [])
    field = CodeField("degree")
    with pytest.raises(LookupError, match="use_code_tables"):
        list(field.choices)
    code_fields.use_code_tables(codes.table)
    assert ("2", "博士") in list(field.choices)


# Secrets -------------------------------------------------------------------------------------------------------------


class SecretForm(forms.Form):
    id_type = CodeField(codes.table("id_document_type"), required=False)
    id_number = IdNumberField(type_field="id_type", masked=True)
    account = BankAccountField(masked=True)


STORED = {"id_type": "01", "id_number": "990000198501010019", "account": "120155556666777766635"}
MASKS = {"id_type": "01", "id_number": "990000********0019", "account": "1201 **** **** 6635"}


def test_a_stored_secret_is_in_the_page_as_its_mask_only():
    html = SecretForm(initial=STORED).as_p()
    assert MASKS["id_number"] in html
    assert MASKS["account"] in html
    assert STORED["id_number"] not in html
    assert STORED["account"] not in html


def test_a_mask_sent_back_stands_for_the_stored_value():
    form = SecretForm(MASKS, initial=STORED)
    assert form.is_valid()
    assert form.cleaned_data == STORED
    assert not form.has_changed()
    assert STORED["account"] not in form.as_p()


def test_a_new_number_replaces_the_stored_one_and_a_wrong_one_stays_to_be_corrected():
    form = SecretForm({**MASKS, "account": "62220001"}, initial=STORED)
    assert form.is_valid()
    assert form.cleaned_data["account"] == "62220001"
    wrong = SecretForm({**MASKS, "account": "6222"}, initial=STORED)
    assert wrong.errors == {"account": ["银行账号应为 8 至 32 位数字，现在是 4 位"]}
    assert 'value="6222"' in wrong.as_p()


def test_the_mask_of_another_number_is_no_number():
    form = SecretForm({**MASKS, "account": "9999 **** **** 6635"}, initial=STORED)
    assert form.errors == {"account": ["银行账号只能有数字，现在有“*”，请核对"]}
    assert SecretForm(MASKS).errors["account"] == ["银行账号只能有数字，现在有“*”，请核对"]


def test_the_kept_number_must_fit_a_changed_type():
    form = SecretForm({**MASKS, "id_type": "02"}, initial=STORED)
    assert list(form.errors) == ["id_number"]


def test_a_number_is_checked_by_the_type_that_was_chosen():
    assert SecretForm({"id_type": "06", "id_number": "E12345678", "account": "62220001"}).is_valid()
    form = SecretForm({"id_type": "", "id_number": "E12345678", "account": "62220001"})
    assert form.errors == {"id_number": ["请先选择证件类型"]}


def test_without_masked_the_stored_value_is_shown_in_full():
    class Form(forms.Form):
        account = BankAccountField()

    assert STORED["account"] in str(Form(initial=STORED)["account"])


# What templates read -------------------------------------------------------------------------------------------------


def test_controls_carry_what_phones_and_scripts_need():
    assert MobileField().widget.attrs == {"inputmode": "numeric", "autocomplete": "tel"}
    assert MobileField().widget.input_type == "tel"
    assert TextField(min_length=100, max_length=800, rows=8).widget.attrs == {
        "cols": "40",
        "rows": "8",
        "data-count": "800",
        "data-count-min": "100",
    }
    assert WanField().widget.attrs["inputmode"] == "decimal"


@pytest.mark.parametrize("name", EVERY_FIELD)
def test_every_field_has_what_the_templates_read(name):
    field = EVERY_FIELD[name](span="full", show_optional=True, suffix="个")
    assert (field.span, field.show_optional, field.suffix, field.read_only) == ("full", True, "个", False)
    assert field.mask in ("", "id", "phone", "bank")


@pytest.mark.parametrize("name", EVERY_FIELD)
def test_no_control_cuts_what_is_pasted(name):
    assert "maxlength" not in EVERY_FIELD[name]().widget.attrs
