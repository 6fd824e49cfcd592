"""Phone numbers of mainland China: mobiles and office lines."""

import re

from django.core.exceptions import ValidationError

from zhgg.kit.identifiers.digits import compact, refuse_other_than_digits

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_COUNTRY_CODE = re.compile(r"(?:\+|00)?86(?=1\d{10}\Z)", re.ASCII)
_OFFICE = re.compile(r"(0\d{2,3}-)?[2-9]\d{6,7}(-\d{1,6})?", re.ASCII)
# Area codes 010 and 02x have three digits, all others four.
_AREA_WITHOUT_HYPHEN = re.compile(r"(01\d|02\d|0[3-9]\d{2})(?=[2-9]\d{6,7}(-|\Z))", re.ASCII)


def normalise_mobile(text: str) -> str:
    """Half-width digits without blanks, hyphens, brackets and +86."""
    return _COUNTRY_CODE.sub("", re.sub("[-()]", "", compact(text)), count=1)


def clean_mobile(text: str) -> str:
    """A mobile number of 11 digits. Raises ValidationError with a sentence."""
    number = normalise_mobile(text)
    if len(number) <= 22:
        refuse_other_than_digits(number, "手机号码")
    if len(number) != 11:
        raise ValidationError(f"应为 11 位数字，现在是 {len(number):,} 位", code="length")
    if not _MOBILE.fullmatch(number):
        raise ValidationError(f"手机号码应以 13 至 19 开头，现在以“{number[:2]}”开头，请核对", code="series")
    return number


def normalise_office_phone(text: str) -> str:
    """023-67035473 or 023-67035473-801 from the usual ways of writing it: (023)67035473, 02367035473, 转801."""
    number = re.sub(r"\A\((0\d{2,3})\)-?", r"\1-", compact(text)).replace("转", "-")
    return _AREA_WITHOUT_HYPHEN.sub(r"\1-", number, count=1) if number.startswith("0") else number


def clean_office_phone(text: str) -> str:
    """An office line: area code and extension may be missing. Raises ValidationError with a sentence."""
    number = normalise_office_phone(text)
    if not _OFFICE.fullmatch(number):
        raise ValidationError(
            "应为“区号-号码”，例如 023-67035473；有分机时为 023-67035473-801，请核对", code="office_phone"
        )
    return number
