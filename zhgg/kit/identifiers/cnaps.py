"""银行行号 (CNAPS): bank (3) · city (4) · branch (4) · ISO 7064 MOD 11,10 check digit (1)."""

from django.core.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

from zhgg.kit.identifiers.digits import compact, refuse_other_than_digits, synthetic_allowed

LENGTH = 12
SYNTHETIC_BANK = "999"


def normalise(text: str) -> str:
    """Half-width digits without blanks and hyphens."""
    return compact(text).replace("-", "")


def validate(text: str) -> None:
    """Raise ValidationError with what is wrong unless the normalised `text` is a valid 银行行号."""
    if len(text) <= LENGTH * 2:
        refuse_other_than_digits(text, "银行行号")
    if len(text) != LENGTH:
        raise ValidationError(f"银行行号应为 12 位数字，现在是 {len(text):,} 位", code="length")
    if text.startswith(SYNTHETIC_BANK) and not synthetic_allowed():
        raise ValidationError("开头三位“999”不是银行行别代码，请核对", code="bank")
    if not mod_11_10.is_valid(text):
        raise ValidationError("最后一位校验码与前 11 位不符，请对照开户许可证逐位核对", code="check_digit")
