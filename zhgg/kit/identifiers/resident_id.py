"""公民身份号码 (GB 11643): 18 places, the last one an ISO 7064 MOD 11-2 check digit.

Of the region only the first two digits are checked: county codes come and go, and people keep the code of their birth.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from stdnum.iso7064 import mod_11_2

from zhgg.kit.identifiers.digits import compact, shown, synthetic_allowed

LENGTH = 18
SYNTHETIC_REGION = "99"
# First digit → second digits (GB/T 2260); 83 stands on the residence permits of people from 台湾.
_PROVINCES = {"1": "12345", "2": "123", "3": "1234567", "4": "123456", "5": "01234", "6": "12345", "7": "1", "8": "123"}
PROVINCES = frozenset(first + second for first, seconds in _PROVINCES.items() for second in seconds)
MALE, FEMALE = "1", "2"
EARLIEST_YEAR = 1800


def normalise(text: str) -> str:
    """Half-width, upper-case X, no blanks."""
    return compact(text)


def validate(text: str) -> None:
    """Raise ValidationError with what is wrong unless the normalised `text` is a valid 公民身份号码."""
    if len(text) == 15 and text.isdigit():
        raise ValidationError("15 位的旧号码已停用，请填写 18 位居民身份证号码", code="old_number")
    if len(text) != LENGTH:
        raise ValidationError(f"居民身份证号码应为 18 位，现在是 {len(text):,} 位", code="length")
    for place, character in enumerate(text, start=1):
        if "0" <= character <= "9" or (place == LENGTH and character == "X"):
            continue
        wanted = "数字或 X" if place == LENGTH else "数字"
        raise ValidationError(f"第 {place} 位应为{wanted}，现在是“{shown(character)}”，请核对", code="character")
    region = text[:2]
    if not (region in PROVINCES or (region == SYNTHETIC_REGION and synthetic_allowed())):
        raise ValidationError(f"开头两位“{region}”不是省级行政区划代码，请核对", code="region")
    born = birth_date(text)
    if born is None or born.year < EARLIEST_YEAR or born > timezone.localdate():
        raise ValidationError(f"第 7 至 14 位“{text[6:14]}”不是可能的出生日期，请核对", code="birth_date")
    if not mod_11_2.is_valid(text):
        raise ValidationError("最后一位校验码与前 17 位不符，请对照证件逐位核对", code="check_digit")


def birth_date(number: str) -> date | None:
    """The date of birth in places 7 to 14, or None when they are no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """GB/T 2261.1: "1" 男 (odd place 17), "2" 女 (even), "" when the number is too short to tell."""
    place = number[16:17]
    if not ("0" <= place <= "9"):
        return ""
    return MALE if int(place) % 2 else FEMALE
