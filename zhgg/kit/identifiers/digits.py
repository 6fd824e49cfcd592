"""What all identifiers share: bringing typed text into its plain form, and naming a wrong character."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

# Longer texts are no identifier however they are written.
MAX_TYPED = 200

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
# Blanks of all kinds and what cannot be seen (zero-width characters, soft hyphen, direction marks).
_LEFT_OUT = re.compile("[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
# Hyphens and dashes as people type or paste them.
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u2e3a\u30fc"}


def compact(text: str) -> str:
    """ASCII half-width upper-case form of a typed identifier, without blanks. Everything else stays, to be refused.

    A text too long for any identifier comes back as it is.
    """
    if len(text) > MAX_TYPED:
        return text
    return _LEFT_OUT.sub("", text).translate(_DASHES).translate(_HALF_WIDTH).translate(_UPPER)


def refuse_other_than_digits(text: str, what: str) -> None:
    """Raise ValidationError naming the first character of `text` that is no ASCII digit."""
    for character in text:
        if not ("0" <= character <= "9"):
            raise ValidationError(f"{what}只能有数字，现在有“{shown(character)}”，请核对", code="not_a_digit")


def shown(character: str) -> str:
    """A character as it can stand in a sentence: itself, or its number when it cannot be seen."""
    return character if character.isprintable() else f"U+{ord(character):04X}"


def synthetic_allowed() -> bool:
    """Whether numbers of the demo data (region 99, bank category 999) count as valid."""
    return bool(settings.ALLOW_SYNTHETIC_IDS)
