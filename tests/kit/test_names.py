"""Names of people of every script, with one middle dot."""

import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from zhgg.kit.names import clean_name, clean_person_name, normalise, same_name


def refusal(function, *args, **options):
    with pytest.raises(ValidationError) as caught:
        function(*args, **options)
    [message] = caught.value.messages
    return message


@pytest.mark.parametrize("dot", "・•．‧∙⋅･●᛫ᐧ⸱ꞏ\u0387·")
def test_every_variant_of_the_middle_dot_becomes_one(dot):
    assert normalise(f"买买提{dot}吐尔逊") == "买买提\u00b7吐尔逊"
    assert clean_person_name(f"买买提 {dot} 吐尔逊") == "买买提\u00b7吐尔逊"


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "欧阳娜娜",
        "𠮷野家",
        "李\U00031350",  # extension H: newer than the Unicode tables of Python 3.11
        "李\U0002ebf0",  # extension I
        "李\ue863",  # private use: how older systems write rare characters
        "李〇",
        "阿卜杜热西提·艾买提江·吐尔逊",
        "Jean-Luc Picard",
        "J. O’Neill",
        "O'Neill",
        "བསྟན་འཛིན".replace("་", " "),
        "Ægir Þór",
        "样例·001",
        "字" * 50,
    ],
)
def test_names_of_all_scripts_pass_unchanged(name):
    assert clean_person_name(name) == name
    assert clean_name(name) == name


def test_blanks_are_made_one():
    assert clean_person_name("  Ada\u3000 Lovelace ") == "Ada Lovelace"


def test_nfc_not_nfkc():
    assert clean_name("Rene\u0301") == "René"
    assert clean_name("\uf9d1") == "六"  # a canonical equivalent: NFC itself does this
    assert clean_name("Ａda") == "Ａda"


def test_the_length_is_1_to_100_at_login_and_2_to_50_in_forms():
    assert clean_name("张") == "张"
    assert clean_name("字" * 100) == "字" * 100
    assert refusal(clean_name, "字" * 101) == "最多 100 个字，现在有 101 个字，请核对姓名"
    assert refusal(clean_name, "  ") == "至少 1 个字，现在是 0 个字，请填写完整姓名"
    assert refusal(clean_person_name, "张") == "至少 2 个字，现在是 1 个字，请填写完整姓名"
    assert refusal(clean_person_name, "字" * 51) == "最多 50 个字，现在有 51 个字，请核对姓名"
    assert refusal(clean_name, "字" * 10**6) == "最多 100 个字，现在有 1,000,000 个字，请核对姓名"


@pytest.mark.parametrize(
    ("character", "code"), [("\n", "U+000A"), ("\t", "U+0009"), ("\u200b", "U+200B"), ("\ufeff", "U+FEFF")]
)
def test_what_cannot_be_seen_is_refused_with_its_place(character, code):
    assert refusal(clean_name, f"张{character}三") == f"第 2 个字是看不见的字符（{code}），请删除后再保存"


@pytest.mark.parametrize(("character", "code"), [("\0", "U+0000"), ("\x1b", "U+001B"), ("\u202e", "U+202E")])
def test_control_characters_are_refused(character, code):
    assert refusal(clean_name, f"张{character}三") == f"第 2 个字是无法显示的控制字符（{code}），请删除后再保存"


def test_a_broken_encoding_is_refused():
    assert refusal(clean_name, "张\ufffd") == "第 2 个字是乱码（U+FFFD），请重新输入这个字"


def test_joiners_inside_a_word_are_kept():
    assert clean_person_name("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("character", "@<>/\\&=+_;，（😀\U0001fae8")
def test_signs_that_no_name_has_are_refused_in_forms_but_not_at_login(character):
    message = f"姓名中不能有“{character}”，请只填写汉字、字母、“·”和空格"
    assert refusal(clean_person_name, f"张{character}三") == message
    assert clean_name(f"张{character}三") == f"张{character}三"


def test_a_name_has_a_letter():
    assert refusal(clean_person_name, "123") == "姓名中应有汉字或字母，请填写证件上的姓名"


def test_a_megabyte_of_accents_is_refused_at_once():
    started = time.perf_counter()
    assert refusal(clean_name, "\u0300\u0316" * 500_000).startswith("最多 100 个字，现在有 1,000,000 个字")
    assert time.perf_counter() - started < 0.5


def test_blanks_dots_and_case_make_no_difference_when_names_are_compared():
    assert same_name("买买提•吐尔逊", "买买提吐尔逊")
    assert same_name("Ada  LOVELACE", "ada lovelace")
    assert same_name("张 三", "张三")
    assert not same_name("张三", "张四")


@given(text=st.text(alphabet=st.characters()))
def test_any_text_gives_a_name_or_a_sentence(text):
    for clean, limit in ((clean_name, 100), (clean_person_name, 50)):
        try:
            name = clean(text)
        except ValidationError:
            continue
        assert 1 <= len(name) <= limit
        assert clean(name) == name
