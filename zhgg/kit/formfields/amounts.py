"""Amounts of money."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from zhgg.kit.formfields.plain import PlainField, quoted
from zhgg.kit.identifiers.digits import compact


class WanField(PlainField):
    """An amount in 万元: numeric(18, 6), not negative. Cleans to a Decimal, None when empty."""

    attributes = {"inputmode": "decimal", "autocomplete": "off"}
    empty_value = None
    whole_digits, decimal_places = 12, 6

    def __init__(self, *, max_value=None, suffix="万元", **options):
        self.max_value = max_value
        super().__init__(suffix=suffix, **options)

    def from_stored(self, value):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValidationError("应为数字，例如 500 或 500.25", code="invalid")
        return Decimal(value)

    def prepare_value(self, value):
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def clean_typed(self, text):
        typed = compact(text).replace(",", "")
        if re.fullmatch(r"-[\d.]{1,40}", typed, re.ASCII):
            raise ValidationError("不能是负数，请填写 0 或正数", code="negative")
        found = re.fullmatch(r"0*(\d+)(?:\.(\d*))?|()\.(\d+)", typed[:200], re.ASCII)
        if not found or len(typed) > 200:
            raise ValidationError(f"应为数字，例如 500 或 500.25，现在是“{quoted(text)}”", code="invalid")
        whole, decimals = found[1] or "0", (found[2] or found[4] or "").rstrip("0")
        if len(whole) > self.whole_digits:
            raise ValidationError(
                f"整数部分最多 {self.whole_digits} 位，现在有 {len(whole)} 位，请核对单位是否为万元",
                code="whole_digits",
            )
        if len(decimals) > self.decimal_places:
            raise ValidationError(
                f"小数点后最多 {self.decimal_places} 位，现在有 {len(decimals)} 位", code="decimal_places"
            )
        value = Decimal(f"{whole}.{decimals or 0}")
        if self.max_value is not None and value > self.max_value:
            raise ValidationError(f"最多 {Decimal(self.max_value).normalize():,f} 万元，请核对", code="max_value")
        return value
