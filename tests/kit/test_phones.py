"""Phone numbers in the ways people write them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from zhgg.kit.identifiers.synthetic import synthetic_mobile
from zhgg.kit.phones import clean_mobile, clean_office_phone


def refusal(function, text):
    with pytest.raises(ValidationError) as caught:
        function(text)
    [message] = caught.value.messages
    return message


@pytest.mark.parametrize(
    "written",
    [
        "13800000625",
        " 138 0000 0625 ",
        "138-0000-0625",
        "138—0000—0625",
        "+86 13800000625",
        "8613800000625",
        "008613800000625",
        "(+86)13800000625",
        "138\u200b00000625",
    ],
)
def test_the_usual_ways_of_writing_a_mobile_number(written):
    assert clean_mobile(written) == "13800000625"


def test_full_width_digits_are_digits():
    assert clean_mobile("１３９００００４４７１") == "13900004471"


@pytest.mark.parametrize("number", ["16900000001", "15400000001", "19900000000", synthetic_mobile(7)])
def test_all_series_from_13_to_19_pass(number):
    assert clean_mobile(number) == number


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1390000447", "应为 11 位数字，现在是 10 位"),
        ("139000044711", "应为 11 位数字，现在是 12 位"),
        ("", "应为 11 位数字，现在是 0 位"),
        ("1" * 1_000_000, "应为 11 位数字，现在是 1,000,000 位"),
        ("1390000447a", "手机号码只能有数字，现在有“A”，请核对"),
        ("1390000447\0", "手机号码只能有数字，现在有“U+0000”，请核对"),
        ("1390000447٣", "手机号码只能有数字，现在有“٣”，请核对"),
        ("12900004471", "手机号码应以 13 至 19 开头，现在以“12”开头，请核对"),
        ("23900004471", "手机号码应以 13 至 19 开头，现在以“23”开头，请核对"),
    ],
)
def test_what_is_wrong_with_a_mobile_number_is_said(written, message):
    assert refusal(clean_mobile, written) == message


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("023-67035473", "023-67035473"),
        ("02367035473", "023-67035473"),
        ("(023)67035473", "023-67035473"),
        ("（０２３）６７０３５４７３", "023-67035473"),
        ("023 6703 5473", "023-67035473"),
        ("023－67035473－801", "023-67035473-801"),
        ("02367035473转801", "023-67035473-801"),
        ("67035473", "67035473"),
        ("6703547", "6703547"),
        ("0816-2345678", "0816-2345678"),
        ("08162345678", "0816-2345678"),
        ("01082345678", "010-82345678"),
        ("023-20000001", "023-20000001"),
        ("67035473-123456", "67035473-123456"),
    ],
)
def test_the_usual_ways_of_writing_an_office_phone(written, clean):
    assert clean_office_phone(written) == clean
    assert clean_office_phone(clean) == clean


@pytest.mark.parametrize(
    "written",
    [
        "",
        "670354",
        "670354731",
        "023-17035473",
        "123-67035473",
        "02-67035473",
        "02345-67035473",
        "023-67035473-1234567",
        "023-67035473-",
        "13800000625",
        "电话",
        "0" * 1_000_000,
        "023-67035473\0",
        "٠٢٣-67035473",
    ],
)
def test_what_is_no_office_phone_is_shown_an_example(written):
    message = "应为“区号-号码”，例如 023-67035473；有分机时为 023-67035473-801，请核对"
    assert refusal(clean_office_phone, written) == message


@given(text=st.text(alphabet=st.characters()))
def test_any_text_gives_a_number_or_a_sentence(text):
    for clean in (clean_mobile, clean_office_phone):
        try:
            assert len(clean(text)) <= 25
        except ValidationError:
            continue
