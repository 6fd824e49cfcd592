"""A month as a form field: 起止年月."""

import re

from django import forms
from django.core.exceptions import ValidationError

_SHAPES = re.compile(r"(?P<year>\d{4})\s*(?:-|/|\.|年)?\s*(?P<month>\d{1,2})\s*月?", re.ASCII)


class MonthInput(forms.DateInput):
    """The browser's own month picker, where it has one; a text field elsewhere."""

    input_type = "month"

    def format_value(self, value):
        return value or ""


class MonthField(forms.CharField):
    """A month, cleaned to "2027-01". Takes 2027-01, 2027/1, 2027年1月 and 202701; years 2000 to 2099."""

    widget = MonthInput

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return ""
        match = _SHAPES.fullmatch(value[:20])
        if not match:
            raise ValidationError("请按 2027-01 的格式填写年月")
        year, month = int(match["year"]), int(match["month"])
        if not 2000 <= year <= 2099 or not 1 <= month <= 12:
            raise ValidationError("年份应在 2000 至 2099 之间，月份应在 1 至 12 之间")
        return f"{year:04d}-{month:02d}"


def months_between(first: str, last: str) -> int:
    """How many months there are from "2027-01" to "2027-12", both counted (12); less than 1 when `last` is earlier."""
    first_year, first_month = map(int, first.split("-"))
    last_year, last_month = map(int, last.split("-"))
    return (last_year - first_year) * 12 + last_month - first_month + 1
