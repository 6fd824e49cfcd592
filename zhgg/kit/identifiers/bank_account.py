"""银行账号 of a unit: 8 to 32 digits. Banks number them as they like, so there is no check digit."""

from django.core.exceptions import ValidationError

from zhgg.kit.identifiers.digits import compact, refuse_other_than_digits

MIN_LENGTH, MAX_LENGTH = 8, 32


def normalise(text: str) -> str:
    """Half-width digits without blanks and hyphens."""
    return compact(text).replace("-", "")


def validate(text: str) -> None:
    """Raise ValidationError with what is wrong unless the normalised `text` is a possible 银行账号."""
    if len(text) <= MAX_LENGTH * 2:
        refuse_other_than_digits(text, "银行账号")
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise ValidationError(f"银行账号应为 8 至 32 位数字，现在是 {len(text):,} 位", code="length")
