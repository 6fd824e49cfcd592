"""证件号码, 统一社会信用代码, 银行行号 and 银行账号: known good ones pass, and every rule has one that it refuses."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2, mod_11_10

from zhgg.kit.identifiers import (
    clean_bank_account,
    clean_cnaps,
    clean_id_number,
    clean_uscc,
    id_documents,
    resident_id,
    synthetic,
    uscc,
)

TABLES = Path(__file__).resolve().parents[2] / "orgs" / "code_tables"


@pytest.fixture(autouse=True)
def production(settings):
    settings.ALLOW_SYNTHETIC_IDS = False


def refusal(function, *args):
    with pytest.raises(ValidationError) as caught:
        function(*args)
    [message] = caught.value.messages
    return message


def rows(table):
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def with_check(first):
    return first + mod_11_2.calc_check_digit(first)


# 居民身份证 -----------------------------------------------------------------------------------------------

# The example of GB 11643 itself, and one that ends in X.
STANDARD, WITH_X = "11010519491231002X", "440524188001010014"


@pytest.mark.parametrize("number", [STANDARD, WITH_X])
def test_the_examples_of_the_standard_pass(number):
    assert clean_id_number("01", number) == number


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u300019491231002ｘ",
    ],
)
def test_a_number_is_taken_in_all_ways_of_writing(written):
    assert clean_id_number("01", written) == STANDARD


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("11010519491231002", "居民身份证号码应为 18 位，现在是 17 位"),
        ("11010519491231002XX", "居民身份证号码应为 18 位，现在是 19 位"),
        ("", "居民身份证号码应为 18 位，现在是 0 位"),
        ("1" * 1_000_000, "居民身份证号码应为 18 位，现在是 1,000,000 位"),
        ("110105491231002", "15 位的旧号码已停用，请填写 18 位居民身份证号码"),
        ("1101O519491231002X", "第 5 位应为数字，现在是“O”，请核对"),
        ("11010519491231002Y", "第 18 位应为数字或 X，现在是“Y”，请核对"),
        ("X1010519491231002X", "第 1 位应为数字，现在是“X”，请核对"),
        ("1101051949123100\x002", "第 17 位应为数字，现在是“U+0000”，请核对"),
        ("1101051949123100٢X", "第 17 位应为数字，现在是“٢”，请核对"),
        (with_check("10010519491231002"), "开头两位“10”不是省级行政区划代码，请核对"),
        (with_check("66010519491231002"), "开头两位“66”不是省级行政区划代码，请核对"),
        (with_check("90010519491231002"), "开头两位“90”不是省级行政区划代码，请核对"),
        (with_check("11010519490229002"), "第 7 至 14 位“19490229”不是可能的出生日期，请核对"),
        (with_check("11010519491331002"), "第 7 至 14 位“19491331”不是可能的出生日期，请核对"),
        (with_check("11010517991231002"), "第 7 至 14 位“17991231”不是可能的出生日期，请核对"),
        (with_check("11010529991231002"), "第 7 至 14 位“29991231”不是可能的出生日期，请核对"),
        (with_check("11010500001231002"), "第 7 至 14 位“00001231”不是可能的出生日期，请核对"),
        ("110105194912310021", "最后一位校验码与前 17 位不符，请对照证件逐位核对"),
    ],
)
def test_what_is_wrong_with_a_resident_id_is_said(written, message):
    assert refusal(clean_id_number, "01", written) == message


def test_a_child_born_today_passes_and_one_born_tomorrow_does_not(monkeypatch):
    today = date(2026, 11, 22)
    monkeypatch.setattr("zhgg.kit.identifiers.resident_id.timezone.localdate", lambda: today)
    resident_id.validate(with_check(f"500103{today:%Y%m%d}001"))
    tomorrow = with_check(f"500103{today + timedelta(days=1):%Y%m%d}001")
    assert refusal(resident_id.validate, tomorrow) == "第 7 至 14 位“20261123”不是可能的出生日期，请核对"


def test_every_single_wrong_digit_is_noticed():
    for place in range(18):
        for digit in "0123456789":
            wrong = STANDARD[:place] + digit + STANDARD[place + 1 :]
            if wrong != STANDARD:
                refusal(clean_id_number, "01", wrong)


def test_the_provinces_are_those_of_the_code_table_and_83():
    assert {row["code"][:2] for row in rows("province")} | {"83"} == resident_id.PROVINCES
    for province in resident_id.PROVINCES:
        # County 99 does not exist: only the province is looked at.
        clean_id_number("01", with_check(f"{province}999919850101001"))


def test_birth_date_and_sex_are_read_from_the_number():
    assert resident_id.birth_date(STANDARD) == date(1949, 12, 31)
    assert resident_id.sex(STANDARD) == "2"
    assert resident_id.sex("990000198501010019") == "1"
    assert resident_id.birth_date("") is None
    assert resident_id.sex("") == ""
    assert resident_id.sex("1" * 16 + "X1") == ""


# Other documents -----------------------------------------------------------------------------------------------------


def test_every_document_of_the_code_table_has_a_rule():
    assert set(id_documents.DOCUMENTS) == {row["code"] for row in rows("id_document_type")}


@pytest.mark.parametrize(
    ("id_type", "written", "clean"),
    [
        ("02", "h12345678", "H12345678"),
        ("02", "M1234567800", "M1234567800"),
        ("03", "12345678", "12345678"),
        ("03", "1234567890A", "1234567890A"),
        ("03", "1234567890", "1234567890"),
        ("04", with_check("81000019850101001"), with_check("81000019850101001")),
        ("04", with_check("82000019850101002"), with_check("82000019850101002")),
        ("05", with_check("83000019850101001"), with_check("83000019850101001")),
        ("06", "e 1234 5678", "E12345678"),
        ("07", "USA123456789012", "USA123456789012"),
        ("07", "911199998012311234", "911199998012311234"),
        ("99", "军字12".replace("军字", "JZ-"), "JZ-12"),
    ],
)
def test_numbers_of_other_documents_pass(id_type, written, clean):
    assert clean_id_number(id_type, written) == clean


@pytest.mark.parametrize(
    ("id_type", "written", "message"),
    [
        ("02", "12345678", "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字，例如 H12345678，现在是 8 位，请核对"),
        ("02", "T12345678", "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字，例如 H12345678，现在是 9 位，请核对"),
        ("03", "1234567", "台湾居民来往大陆通行证号码应为 8 位数字，例如 12345678，现在是 7 位，请核对"),
        (
            "04",
            with_check("83000019850101001"),
            "港澳居民居住证号码应为 18 位，以 810000 或 820000 开头，现在是 18 位，请核对",
        ),
        ("04", "810000198501010011", "最后一位校验码与前 17 位不符，请对照证件逐位核对"),
        ("04", with_check("81000019850230001"), "第 7 至 14 位“19850230”不是可能的出生日期，请核对"),
        ("05", with_check("81000019850101001"), "台湾居民居住证号码应为 18 位，以 830000 开头，现在是 18 位，请核对"),
        ("06", "1234", "护照号码应为 5 至 20 位字母或数字，例如 E12345678，现在是 4 位，请核对"),
        ("06", "护照12345", "护照号码应为 5 至 20 位字母或数字，例如 E12345678，现在是 7 位，请核对"),
        ("06", "E" * 21, "护照号码应为 5 至 20 位字母或数字，例如 E12345678，现在是 21 位，请核对"),
        (
            "07",
            "US1234567890123",
            "外国人永久居留身份证号码应为 3 个字母加 12 位数字，或以 9 开头的 18 位号码，现在是 15 位，请核对",
        ),
        ("99", "abc", "证件号码应为 4 至 30 位字母、数字或连字符，现在是 3 位，请核对"),
        ("98", "E12345678", "请先选择证件类型"),
        ("", STANDARD, "请先选择证件类型"),
    ],
)
def test_what_is_wrong_with_another_document_is_said(id_type, written, message):
    assert refusal(clean_id_number, id_type, written) == message


def test_only_documents_built_like_a_resident_id_tell_birth_date_and_sex():
    number = with_check("81000019850101001")
    assert id_documents.birth_date("04", number) == date(1985, 1, 1)
    assert id_documents.sex("04", number) == "1"
    assert id_documents.birth_date("06", "E12345678") is None
    assert id_documents.sex("06", "E12345678") == ""


# 统一社会信用代码 --------------------------------------------------------------------------------------------

# 清华大学, a public code whose region is the national level.
REAL = "12100000400000624D"


def uscc_of(prefix, region, body):
    first = f"{prefix}{region}{body}{uscc.organisation_check_digit(body)}"
    return first + uscc.check_digit(first)


def test_a_real_code_passes_in_all_ways_of_writing():
    for written in (REAL, REAL.lower(), "１２１０００００４０００００６２４Ｄ", " 1210 0000 4000 0062 4d "):
        assert clean_uscc(written) == REAL


@pytest.mark.parametrize("prefix", ["N2", "Y1", "A1", "93", "52"])
def test_letters_in_front_are_lawful(prefix):
    code = uscc_of(prefix, "500112", "MA5UCQ7H")
    assert clean_uscc(code) == code


def test_the_prefixes_are_those_of_the_code_table():
    assert {row["code"] for row in rows("uscc_prefix")} == uscc.PREFIXES


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (REAL[:17], "统一社会信用代码应为 18 位，现在是 17 位"),
        ("", "统一社会信用代码应为 18 位，现在是 0 位"),
        ("A" * 1_000_000, "统一社会信用代码应为 18 位，现在是 1,000,000 位"),
        (
            "1210000040000O624D",
            "第 14 位是“O”，统一社会信用代码不用字母 I、O、Z、S、V，请核对是否为数字",
        ),
        ("12100000400000624-", "第 18 位应为数字或大写字母，现在是“-”，请核对"),
        ("12100000400000\x00624", "第 15 位应为数字或大写字母，现在是“U+0000”，请核对"),
        (uscc_of("14", "500112", "MA5UCQ7H"), "开头两位“14”不是登记管理部门代码，请核对"),
        (uscc_of("B1", "500112", "MA5UCQ7H"), "开头两位“B1”不是登记管理部门代码，请核对"),
        (uscc_of("91", "50011A", "MA5UCQ7H"), "第 3 至 8 位“50011A”不是行政区划代码，请核对"),
        (uscc_of("91", "990000", "MATEXT01"), "第 3 至 8 位“990000”不是行政区划代码，请核对"),
        ("12100000400000625D", "第 9 至 17 位（组织机构代码）的校验码不符，请对照证照逐位核对"),
        ("12100000400000624E", "最后一位校验码与前 17 位不符，请对照证照逐位核对"),
    ],
)
def test_what_is_wrong_with_a_credit_code_is_said(written, message):
    assert refusal(clean_uscc, written) == message


@pytest.mark.parametrize("letter", "IOZSV")
def test_letters_that_the_standard_leaves_out_are_refused(letter):
    assert f"是“{letter}”" in refusal(clean_uscc, letter + REAL[1:])


def test_every_single_wrong_character_is_noticed():
    for place in range(18):
        for character in uscc.ALPHABET:
            wrong = REAL[:place] + character + REAL[place + 1 :]
            if wrong != REAL:
                refusal(clean_uscc, wrong)


# 银行行号, 银行账号 ------------------------------------------------------------------------------------------


def test_a_real_bank_code_passes():
    for written in ("102100099996", "1021 0009 9996", "102-1000-9999-6", "１０２１０００９９９９６"):
        assert clean_cnaps(written) == "102100099996"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("10210009999", "银行行号应为 12 位数字，现在是 11 位"),
        ("", "银行行号应为 12 位数字，现在是 0 位"),
        ("1" * 1_000_000, "银行行号应为 12 位数字，现在是 1,000,000 位"),
        ("10210009999X", "银行行号只能有数字，现在有“X”，请核对"),
        ("工行102100099", "银行行号只能有数字，现在有“工”，请核对"),
        ("102100099995", "最后一位校验码与前 11 位不符，请对照开户许可证逐位核对"),
        ("999653000014", "开头三位“999”不是银行行别代码，请核对"),
    ],
)
def test_what_is_wrong_with_a_bank_code_is_said(written, message):
    assert refusal(clean_cnaps, written) == message


def test_the_check_digit_is_mod_11_10_and_not_another():
    for n in range(1, 200):
        first = f"1026530{n:04}"
        right = mod_11_10.calc_check_digit(first)
        assert clean_cnaps(first + right) == first + right
        for wrong in set("0123456789") - {right}:
            refusal(clean_cnaps, first + wrong)


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("1201 8806 2014 6635", "1201880620146635"),
        ("1201-8806-2014-6635", "1201880620146635"),
        ("１２０１８８０６", "12018806"),
        ("1" * 8, "1" * 8),
        ("1" * 32, "1" * 32),
    ],
)
def test_bank_accounts_pass_without_their_blanks(written, clean):
    assert clean_bank_account(written) == clean


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1" * 7, "银行账号应为 8 至 32 位数字，现在是 7 位"),
        ("1" * 33, "银行账号应为 8 至 32 位数字，现在是 33 位"),
        ("1" * 1_000_000, "银行账号应为 8 至 32 位数字，现在是 1,000,000 位"),
        ("12345678A", "银行账号只能有数字，现在有“A”，请核对"),
        ("12345678\0", "银行账号只能有数字，现在有“U+0000”，请核对"),
    ],
)
def test_what_is_wrong_with_a_bank_account_is_said(written, message):
    assert refusal(clean_bank_account, written) == message


# Synthetic numbers ---------------------------------------------------------------------------------------------------


def test_synthetic_numbers_are_the_agreed_ones():
    assert synthetic.synthetic_resident_id(date(1985, 1, 1), 1) == "990000198501010019"
    assert synthetic.synthetic_resident_id(date(1985, 1, 1), 2) == "990000198501010027"
    assert synthetic.synthetic_uscc(1) == "91990000MATEXT01XL"
    assert synthetic.synthetic_uscc(2, prefix="12") == "12990000TEXT00025N"
    assert synthetic.synthetic_cnaps(1) == "999653000014"
    assert synthetic.synthetic_mobile(1) == "16900000001"
    assert synthetic.synthetic_bank_account(1) == "999990000000000001"


@given(n=st.integers(1, 9999), days=st.integers(0, 40_000), prefix=st.sampled_from(sorted(uscc.PREFIXES)))
def test_synthetic_numbers_are_valid_only_where_they_are_allowed(n, days, prefix):
    number = synthetic.synthetic_resident_id(date(1910, 1, 1) + timedelta(days=days), n % 999 + 1)
    code, bank = synthetic.synthetic_uscc(n, prefix), synthetic.synthetic_cnaps(n)
    with override_settings(ALLOW_SYNTHETIC_IDS=True):
        assert clean_id_number("01", number) == number
        assert resident_id.sex(number) == ("1" if (n % 999 + 1) % 2 else "2")
        assert clean_uscc(code) == code
        assert clean_cnaps(bank) == bank
    with override_settings(ALLOW_SYNTHETIC_IDS=False):
        assert refusal(clean_id_number, "01", number) == "开头两位“99”不是省级行政区划代码，请核对"
        assert refusal(clean_uscc, code) == "第 3 至 8 位“990000”不是行政区划代码，请核对"
        assert refusal(clean_cnaps, bank) == "开头三位“999”不是银行行别代码，请核对"
    account = synthetic.synthetic_bank_account(n)
    assert clean_bank_account(account) == account


@pytest.mark.parametrize("prefix", ["91", "12"])
def test_no_two_synthetic_units_share_a_code(prefix):
    numbers = [*range(1, 3000), 9999, 10_000, 99_999, 100_000, 999_999]
    assert len({synthetic.synthetic_uscc(n, prefix) for n in numbers}) == len(numbers)


@pytest.mark.parametrize(
    "make",
    [
        lambda: synthetic.synthetic_resident_id(date(1985, 1, 1), 0),
        lambda: synthetic.synthetic_resident_id(date(1985, 1, 1), 1000),
        lambda: synthetic.synthetic_uscc(1_000_000),
        lambda: synthetic.synthetic_uscc(1, prefix="14"),
        lambda: synthetic.synthetic_cnaps(10_000),
    ],
)
def test_numbers_that_cannot_be_made_are_an_error(make):
    with pytest.raises(ValueError, match=r"is not between|is no prefix"):
        make()


@given(text=st.text(alphabet=st.characters()), id_type=st.sampled_from([*id_documents.DOCUMENTS, "", "x"]))
def test_any_text_gives_a_number_or_a_sentence(text, id_type):
    for clean in (lambda: clean_id_number(id_type, text), lambda: clean_uscc(text)):
        try:
            clean()
        except ValidationError:
            continue


@given(text=st.text(alphabet="0123456789０Xx- \u200bA\0٣", max_size=40))
def test_any_text_of_digits_gives_a_number_or_a_sentence(text):
    cleaners = (clean_uscc, clean_cnaps, clean_bank_account, *(_of_type(id_type) for id_type in id_documents.DOCUMENTS))
    for clean in cleaners:
        try:
            number = clean(text)
        except ValidationError:
            continue
        assert clean(number) == number
        assert number.isascii()


def _of_type(id_type):
    return lambda text: clean_id_number(id_type, text)
