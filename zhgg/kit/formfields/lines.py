"""A list of short texts, one a line."""

from django import forms
from django.core.exceptions import ValidationError

from zhgg.kit.formfields.plain import PlainField, quoted
from zhgg.kit.text import clean_line


class LinesField(PlainField):
    """A list of texts, typed one a line. Empty lines and doubles are left out; cleans to a list."""

    widget = forms.Textarea
    empty_value: list = []

    def __init__(self, *, line_length, max_lines, rows=6, **options):
        self.line_length, self.max_lines, self.rows = line_length, max_lines, rows
        super().__init__(**options)

    def widget_attrs(self, widget):
        return {"rows": str(self.rows)}

    def to_python(self, value):
        return list(super().to_python(value))

    def from_stored(self, value):
        if not isinstance(value, list | tuple):
            raise ValidationError("应为文字，请重新填写", code="invalid")
        return value

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean_typed(self, text):
        typed = [line for line in text.splitlines() if line.strip()]
        if len(typed) > self.max_lines:
            raise ValidationError(f"最多 {self.max_lines} 行，现在有 {len(typed):,} 行，请删减", code="lines")
        return list(dict.fromkeys(self._line(number, line) for number, line in enumerate(typed, start=1)))

    def _line(self, number, line):
        if len(line.strip()) > self.line_length:
            raise ValidationError(
                f"第 {number} 行“{quoted(line)}”有 {len(line.strip()):,} 字，每行最多 {self.line_length} 字，请删减",
                code="line_length",
            )
        try:
            return clean_line(line, max_length=self.line_length)
        except ValidationError as error:
            raise ValidationError(f"第 {number} 行：{error.messages[0]}", code="line") from None
