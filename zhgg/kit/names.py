"""Names of people: any script, rare characters beyond U+20000, and one form of the middle dot (·, U+00B7)."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from zhgg.kit.text import one_line, refuse_unfit_characters

MIDDLE_DOT = "\u00b7"
# ・ • ． ‧ ∙ ⋅ ･ ● ᛫ ᐧ ⸱ ꞏ and the Greek ano teleia (which NFC turns into U+00B7 by itself)
_DOTS = re.compile("[\u30fb\u2022\uff0e\u2027\u2219\u22c5\uff65\u25cf\u16eb\u1427\u2e31\ua78f\u0387]")
_BLANKS_AROUND_DOT = re.compile(f" *{MIDDLE_DOT} *")
# Hyphen, full stop and the two apostrophes stand in Latin names: Jean-Luc, J. O’Neill.
_SIGNS = f" {MIDDLE_DOT}-.'\u2019"
# Joiners that some scripts need inside a word.
_JOINERS = "\u200c\u200d"


def normalise(text: str) -> str:
    """NFC, one space between words, every variant of the middle dot as · without blanks around it. Refuses nothing."""
    return _BLANKS_AROUND_DOT.sub(MIDDLE_DOT, _DOTS.sub(MIDDLE_DOT, one_line(text)))


def clean_name(value: str, *, min_length: int = 1, max_length: int = 100) -> str:
    """The name of an account as 渝快办 states it: any printable characters, normalised; never cut."""
    if len(value) > max_length * 8:
        raise _too_long(max_length, len(value))
    name = normalise(value)
    refuse_unfit_characters(name)
    for place, character in enumerate(name, start=1):
        # \t and \n are the only Cc that `refuse_unfit_characters` leaves; Cf is what cannot be seen.
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character not in _JOINERS:
            raise ValidationError(
                f"第 {place} 个字是看不见的字符（U+{ord(character):04X}），请删除后再保存", code="invisible"
            )
    if len(name) > max_length:
        raise _too_long(max_length, len(name))
    if len(name) < min_length:
        raise ValidationError(f"至少 {min_length} 个字，现在是 {len(name)} 个字，请填写完整姓名", code="min_length")
    return name


def clean_person_name(value: str, *, min_length: int = 2, max_length: int = 50) -> str:
    """The name of a person typed into a form: letters of any script, digits, blanks, · and the signs of Latin names."""
    name = clean_name(value, min_length=min_length, max_length=max_length)
    kinds = [_kind(character) for character in name]
    for character, kind in zip(name, kinds, strict=True):
        if kind[0] not in "LMN" and character not in _SIGNS + _JOINERS:
            raise ValidationError(f"姓名中不能有“{character}”，请只填写汉字、字母、“·”和空格", code="not_in_names")
    if not any(kind[0] == "L" for kind in kinds):
        raise ValidationError("姓名中应有汉字或字母，请填写证件上的姓名", code="no_letter")
    return name


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: blanks, dots and upper case make no difference."""
    return _key(one) == _key(other)


def _kind(character):
    """The Unicode category of a character. Python's own tables are older than some characters of GB 18030-2022, and
    private ones stand for characters that had no number yet: both count as letters."""
    kind = unicodedata.category(character)
    return "Lo" if kind == "Co" or (kind == "Cn" and "\U00020000" <= character <= "\U0003ffff") else kind


def _key(name):
    return normalise(name).replace(MIDDLE_DOT, "").replace(" ", "").casefold()


def _too_long(max_length, length):
    return ValidationError(f"最多 {max_length} 个字，现在有 {length:,} 个字，请核对姓名", code="max_length")
