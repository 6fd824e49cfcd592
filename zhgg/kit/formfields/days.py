"""Days, and the bounds they keep to."""

import re
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from zhgg.kit.formfields.plain import PlainField
from zhgg.kit.identifiers.digits import compact

EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class DateField(PlainField):
    """A day, typed as 2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日 or 20261122, or picked in the browser.

    `min_day` and `max_day` are dates or functions that give one when the form is checked: `max_day=timezone.localdate`.
    """

    empty_value = None
    _SHAPES = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))", re.ASCII)

    def __init__(self, *, min_day=EARLIEST_DAY, max_day=LATEST_DAY, **options):
        self.min_day, self.max_day = min_day, max_day
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**options)

    def get_bound_field(self, form, field_name):
        # Not when the class is made: a process outlives the day.
        self.widget.attrs |= {"min": _day(self.min_day).isoformat(), "max": _day(self.max_day).isoformat()}
        return super().get_bound_field(form, field_name)

    def from_stored(self, value):
        if not isinstance(value, date):
            raise ValidationError("请按 2026-11-22 的格式填写日期", code="invalid")
        return value

    def clean_typed(self, text):
        typed = compact(text)
        found = self._SHAPES.fullmatch(typed[:30])
        if not found:
            raise ValidationError("请按 2026-11-22 的格式填写日期", code="invalid")
        year, month, day = (int(part) for part in found.group(1, 3, 4, 5, 6, 7, 8) if part)
        try:
            value = date(year, month, day)
        except ValueError:
            raise ValidationError(f"没有 {year} 年 {month} 月 {day} 日这一天，请核对", code="no_such_day") from None
        if value < (earliest := _day(self.min_day)):
            raise ValidationError(f"应不早于 {earliest}，请核对", code="min_day")
        if value > (latest := _day(self.max_day)):
            today = "今天" if latest == timezone.localdate() else f" {latest}"
            raise ValidationError(f"应不晚于{today}，请核对", code="max_day")
        return value


def years_ago(years: int) -> date:
    """The day so many years before today, for `min_day` and `max_day` (functools.partial(years_ago, 16))."""
    today = timezone.localdate()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def tomorrow() -> date:
    """The day after today, for `min_day`."""
    return timezone.localdate() + timedelta(days=1)


def _day(bound):
    return bound() if callable(bound) else bound
