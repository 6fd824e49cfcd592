"""The form field of a workbook that somebody uploads."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError

from zhgg.kit.spreadsheets.read import Line, read_rows
from zhgg.kit.uploads.checks import NO_ROOM, NO_ROOM_SENTENCE
from zhgg.kit.uploads.labels import clean_label


@dataclass(frozen=True)
class Upload:
    """What was read: the file's name as people may see it, and its lines."""

    name: str
    lines: list[Line]


class WorkbookField(forms.Field):
    """A .xlsx with these `headings`; cleans to an Upload, or says in a sentence what is wrong with the file.

    The form needs `request.FILES` and enctype="multipart/form-data".
    """

    widget = forms.FileInput(attrs={"accept": ".xlsx"})
    default_error_messages = {"required": "请选择文件"}

    def __init__(self, *, headings, sheet_name, most_rows, **options):
        self.headings, self.sheet_name, self.most_rows = headings, sheet_name, most_rows
        super().__init__(**options)

    def to_python(self, value):
        if value is None:
            return None
        if getattr(value, "failure", None):
            raise ValidationError(NO_ROOM_SENTENCE, code=NO_ROOM)
        lines = read_rows(value, headings=self.headings, sheet_name=self.sheet_name, most_rows=self.most_rows)
        return Upload(clean_label(value.name), lines)
