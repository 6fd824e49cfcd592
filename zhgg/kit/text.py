"""Texts that users type: one line or several, counted in code points, kept as they were typed.

Texts are put into NFC (never NFKC, which would change compatibility characters in names) and trimmed. What no database,
page or file can carry (NUL, control characters, lone surrogates, U+FFFD of a broken encoding, noncharacters) and what
turns text around on the page (bidirectional overrides) is refused with a sentence. Nothing is ever cut off.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError

_BLANKS = " \u00a0\u2000-\u200a\u202f\u205f\u3000"
_RUN_OF_BLANKS = re.compile(f"[{_BLANKS}]+")
_LINE_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_PLANE_ENDS = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffd" + _PLANE_ENDS + "]"
)
# The longest canonical decomposition of one character has four code points.
_NFC_SHRINKS_AT_MOST = 4


def one_line(text: str) -> str:
    """`text` in NFC, trimmed, with every run of blanks (full-width ones too) as one space. Refuses nothing."""
    return _RUN_OF_BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def clean_line(value: str, *, min_length: int = 0, max_length: int) -> str:
    """A text of one line, in NFC and trimmed. "" stays "": whether it may be empty is the field's business."""
    text = _fitting(value.strip(), max_length)
    if _LINE_BREAKS.search(text) or "\n" in text:
        raise ValidationError("只能填写一行，请删除换行", code="line_break")
    if "\t" in text:
        raise ValidationError("含有制表符，请改为空格", code="tab")
    return _checked(text, min_length, max_length)


def clean_text(value: str, *, min_length: int = 0, max_length: int) -> str:
    """A text of several lines, in NFC and trimmed, with \\n between lines whatever the browser sent."""
    text = _LINE_BREAKS.sub("\n", _fitting(value.strip(), max_length))
    return _checked(text, min_length, max_length)


def refuse_unfit_characters(text: str) -> None:
    """Raise ValidationError naming the first character that no page or file can carry. \\t and \\n are fine."""
    found = _UNFIT.search(text)
    if not found:
        return
    place, code_point = found.start() + 1, ord(found.group())
    if code_point == 0xFFFD:
        message = f"第 {place} 个字是乱码（U+FFFD），请重新输入这个字"
    else:
        message = f"第 {place} 个字是无法显示的控制字符（U+{code_point:04X}），请删除后再保存"
    raise ValidationError(message, code="unfit_character")


def _fitting(text, max_length):
    """NFC of a text that may still be short enough. Much too long ones are refused first: normalising is slow."""
    if len(text) > max_length * _NFC_SHRINKS_AT_MOST:
        raise _too_long(max_length, len(text))
    return unicodedata.normalize("NFC", text).strip()


def _checked(text, min_length, max_length):
    refuse_unfit_characters(text)
    if len(text) > max_length:
        raise _too_long(max_length, len(text))
    if text and len(text) < min_length:
        raise ValidationError(f"至少 {min_length} 字，现在只有 {len(text)} 字，请补充", code="min_length")
    return text


def _too_long(max_length, length):
    return ValidationError(f"最多 {max_length:,} 字，现在有 {length:,} 字，请删减", code="max_length")
