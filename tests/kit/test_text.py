"""Texts are kept as typed, counted in code points, and refused with a sentence that says what to do."""

import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from zhgg.kit.text import clean_line, clean_text, one_line


def refusal(function, *args, **options):
    with pytest.raises(ValidationError) as caught:
        function(*args, **options)
    [message] = caught.value.messages
    return message


def test_a_line_is_trimmed_and_put_into_nfc_not_nfkc():
    assert clean_line("  cafe\u0301\u3000 ", max_length=10) == "caf\u00e9"
    # NFKC would make ASCII and "fi" of these; NFC keeps them.
    assert clean_line("\uff21\ufb01\u2460", max_length=10) == "\uff21\ufb01\u2460"
    assert clean_line("两  空格", max_length=10) == "两  空格"


def test_length_is_counted_in_code_points():
    assert clean_line("\U00020bb7" * 10, max_length=10) == "\U00020bb7" * 10
    assert refusal(clean_line, "\U00020bb7" * 11, max_length=10) == "最多 10 字，现在有 11 字，请删减"


def test_a_text_that_only_nfc_brings_under_the_limit_is_fine():
    assert clean_line("e\u0301" * 10, max_length=10) == "\u00e9" * 10


def test_too_short_and_too_long_are_told_the_numbers():
    assert refusal(clean_line, "四个字吧", min_length=6, max_length=60) == "至少 6 字，现在只有 4 字，请补充"
    assert clean_line("六个字的名称", min_length=6, max_length=60) == "六个字的名称"
    assert clean_line("字" * 60, min_length=6, max_length=60) == "字" * 60
    assert refusal(clean_line, "字" * 61, min_length=6, max_length=60) == "最多 60 字，现在有 61 字，请删减"
    assert refusal(clean_text, "字" * 12345, max_length=5000) == "最多 5,000 字，现在有 12,345 字，请删减"


def test_an_empty_text_is_the_business_of_the_field():
    assert clean_line("   ", min_length=6, max_length=60) == ""
    assert clean_text("\n\n", min_length=6, max_length=60) == ""


def test_several_lines_have_one_kind_of_line_break_that_counts_once():
    assert clean_text(" 一\r\n二\r三\u2028四\u0085五\n\n六\t七 ", max_length=100) == "一\n二\n三\n四\n五\n\n六\t七"
    assert clean_text("一\r\n二", max_length=3) == "一\n二"
    assert len(clean_text("\r\n".join("a" * 50), max_length=99)) == 99


@pytest.mark.parametrize("broken", ["一\n二", "一\r\n二", "一\r二", "一\u2028二", "一\u2029二"])
def test_a_line_has_no_line_break(broken):
    assert refusal(clean_line, broken, max_length=10) == "只能填写一行，请删除换行"


def test_a_line_has_no_tab():
    assert refusal(clean_line, "一\t二", max_length=10) == "含有制表符，请改为空格"


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\x01",
        "\x0b",
        "\x1b",
        "\x7f",
        "\x80",
        "\x9f",
        "\ud800",
        "\ufffe",
        "\uffff",
        "\ufdd0",
        *"\U0001ffff\U0010fffe\u202e\u2066",
    ],
)
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_what_no_page_can_show_is_refused_with_its_place(clean, character):
    message = f"第 3 个字是无法显示的控制字符（U+{ord(character):04X}），请删除后再保存"
    assert refusal(clean, f"一二{character}三", max_length=10) == message


@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_a_broken_encoding_is_named(clean):
    assert refusal(clean, "重\ufffd市", max_length=10) == "第 2 个字是乱码（U+FFFD），请重新输入这个字"


@pytest.mark.parametrize("kept", ["\U00020bb7", "\ue000", "\u200d", "😀", "<script>", "'; DROP", "﷽", "\U0010fffd"])
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_everything_else_is_kept(clean, kept):
    assert clean(kept, max_length=10) == kept


@pytest.mark.parametrize(
    "huge", ["a" * 10**6, "\u0300\u0316" * 500_000, "a\r\n" * 333_333, " " * 10**6, "\0" * 10**6, "\ud800" * 10**6]
)
def test_a_megabyte_is_answered_at_once(huge):
    started = time.perf_counter()
    for clean in (clean_line, clean_text):
        try:
            clean(huge, max_length=100)
        except ValidationError:
            continue
    assert time.perf_counter() - started < 0.5


@given(text=st.text(alphabet=st.characters()), limit=st.integers(1, 20))
def test_any_text_gives_a_text_within_the_limit_or_a_sentence(text, limit):
    for clean in (clean_line, clean_text):
        try:
            cleaned = clean(text, max_length=limit)
        except ValidationError:
            continue
        assert len(cleaned) <= limit
        assert clean(cleaned, max_length=limit) == cleaned
        cleaned.encode("utf-8")


def test_one_line_makes_runs_of_blanks_one():
    assert one_line("\u3000 重庆 \u00a0\u3000大学 ") == "重庆 大学"
    assert one_line("a\nb") == "a\nb"
