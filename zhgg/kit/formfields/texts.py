"""Texts of one line and of several, names, keywords."""

import re

from django import forms
from django.core.exceptions import ValidationError

from zhgg.kit import names
from zhgg.kit.formfields.plain import PlainField, quoted
from zhgg.kit.text import clean_line, clean_text


class LineField(PlainField):
    """A text of one line, counted in code points."""

    def __init__(self, *, min_length=0, max_length, **options):
        self.min_length, self.max_length = min_length, max_length
        super().__init__(**options)

    def clean_typed(self, text):
        return clean_line(text, min_length=0 if self.draft else self.min_length, max_length=self.max_length)


class TextField(LineField):
    """A text of several lines. `data-count` tells the script that counts along what the most is."""

    widget = forms.Textarea

    def __init__(self, *, rows=6, **options):
        self.rows = rows
        super().__init__(**options)

    def widget_attrs(self, widget):
        counted = {"data-count": str(self.max_length)}
        if self.min_length:
            counted["data-count-min"] = str(self.min_length)
        return {"rows": str(self.rows), **counted}

    def clean_typed(self, text):
        return clean_text(text, min_length=0 if self.draft else self.min_length, max_length=self.max_length)


class PersonNameField(PlainField):
    """姓名: 2 to 50 code points of any script, with · as the one middle dot."""

    attributes = {"autocomplete": "off"}

    def clean_typed(self, text):
        return names.clean_person_name(text)


class KeywordsField(PlainField):
    """A few keywords in one line, separated by 、 ， , ; or ；. Cleans to a list without doubles."""

    empty_value: list = []
    _SEPARATORS = re.compile("[、，,;；\r\n]+")

    def __init__(self, *, min_count=3, max_count=5, min_length=2, max_length=20, **options):
        self.min_count, self.max_count = min_count, max_count
        self.min_length, self.max_length = min_length, max_length
        super().__init__(**options)

    def to_python(self, value):
        return list(super().to_python(value))

    def from_stored(self, value):
        if not isinstance(value, list | tuple):
            raise ValidationError("应为文字，请重新填写", code="invalid")
        return value

    def prepare_value(self, value):
        return "，".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean_typed(self, text):
        parts = self._SEPARATORS.split(text, maxsplit=100)
        found = {}
        for part in parts:
            if word := self._word(part):
                found.setdefault(word.casefold(), word)
        fewest = 0 if self.draft else self.min_count
        if not fewest <= len(found) <= self.max_count:
            raise ValidationError(
                f"应为 {self.min_count} 至 {self.max_count} 个关键词，现在是 {len(found)} 个，请用逗号分隔",
                code="count",
            )
        return list(found.values())

    def _word(self, part):
        word = clean_line(part, max_length=max(200, self.max_length))
        if word and not self.min_length <= len(word) <= self.max_length:
            raise ValidationError(
                f"“{quoted(word)}”有 {len(word)} 字，每个关键词应为 {self.min_length} 至 {self.max_length} 字",
                code="word_length",
            )
        return word
