"""Form fields that only the tabs of the 申报书 need."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.plain import PlainField
from zhgg.kit.formfields.texts import TextField

QUANTITY = re.compile(r"(?:[≥≤＞＜><]=?|[=＝])?\s*\d+(?:\.\d+)?\s*[%％‰]?")
"""A number that can be checked afterwards: 12, ≥ 95.5 %, <=0.3 (完成值为数值或 ≥/≤ 数值)."""


class MoneyField(WanField):
    """An amount in 万元, cleaned to exactly two decimals; more are refused."""

    whole_digits, decimal_places = 7, 2

    def clean_typed(self, text):
        return super().clean_typed(text).quantize(Decimal("0.01"))

    def prepare_value(self, value):
        return f"{value:.2f}" if isinstance(value, Decimal) and value.is_finite() else value


class CountField(PlainField):
    """A whole number from `least` to `most`. Cleans to a text of digits, "" when empty."""

    attributes = {"inputmode": "numeric", "autocomplete": "off"}

    def __init__(self, *, least, most, **options):
        self.least, self.most = least, most
        super().__init__(**options)

    def from_stored(self, value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("应为整数", code="invalid")
        return self.clean_typed(str(value))

    def clean_typed(self, text):
        typed = text.strip()
        if not re.fullmatch(r"\d{1,9}", typed, re.ASCII) or not self.least <= int(typed) <= self.most:
            raise ValidationError(f"应为 {self.least} 至 {self.most} 的整数，请核对", code="invalid")
        return str(int(typed))


class ReferencesField(TextField):
    """参考文献, one a line; at most `most_lines` lines."""

    def __init__(self, *, most_lines, **options):
        self.most_lines = most_lines
        super().__init__(**options)

    def clean_typed(self, text):
        value = super().clean_typed(text)
        lines = [line for line in value.splitlines() if line.strip()]
        if len(lines) > self.most_lines:
            raise ValidationError(f"最多 {self.most_lines} 条，现在有 {len(lines)} 条，每行一条", code="lines")
        return value


def is_quantity(text):
    """Whether the value can be measured against: 12, ≥ 95 %, ≤0.3."""
    return QUANTITY.fullmatch(text or "") is not None
