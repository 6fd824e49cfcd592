"""Points in time, to the minute."""

import re
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from zhgg.kit.formfields.plain import PlainField

SHAPE = "请按 2026-12-05 17:00 的格式填写日期和时间"
_SHAPES = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s*T\s*|\s+)(\d{1,2})[:：](\d{2})(?:[:：]00(?:\.0+)?)?", re.ASCII
)


class MomentField(PlainField):
    """A day and a time of day, picked in the browser or typed: 2026-12-05 17:00. Local time, years 2000 to 2099; cleans
    to an aware datetime."""

    empty_value = None

    def __init__(self, **options):
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**options)

    def prepare_value(self, value):
        if isinstance(value, datetime):
            # The browser's control wants a T; people read a grey value.
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M" if self.read_only else "%Y-%m-%dT%H:%M")
        return value

    def from_stored(self, value):
        if not isinstance(value, datetime):
            raise ValidationError(SHAPE, code="invalid")
        return value

    def clean_typed(self, text):
        found = _SHAPES.fullmatch(text.strip()[:40])
        if not found:
            raise ValidationError(SHAPE, code="invalid")
        numbers = [int(each) for each in found.groups()]
        if not 2000 <= numbers[0] <= 2099:
            raise ValidationError("年份应在 2000 至 2099 之间，请核对", code="year")
        try:
            moment = datetime(*numbers)
        except ValueError:
            raise ValidationError("没有这个日期或时间，请核对", code="no_such_moment") from None
        return timezone.make_aware(moment)
