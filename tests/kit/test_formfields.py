"""Form fields: the value they clean to, the sentence they refuse with, and that nothing typed is ever an exception."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.fields import district_field, refusal, today
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.contacts import EmailField, MobileField, OfficePhoneField, PostcodeField, QqField, WechatField
from zhgg.kit.formfields.days import DateField
from zhgg.kit.formfields.numbers import BankAccountField, BankCodeField, IdNumberField, UsccField
from zhgg.kit.formfields.texts import KeywordsField, LineField, PersonNameField, TextField

__all__ = ["today"]


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
    assert refusal(EVERY_FIELD[name](error_messages={"required": "请填写，供科技局联系单位"}), "  ") == (
        "请填写，供科技局联系单位"
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


# Drafts ---------------------------------------------------------------------------------------------------------------


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


# What templates read --------------------------------------------------------------------------------------------------


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
