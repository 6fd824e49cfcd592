"""The form field of a file."""

from django import forms
from django.conf import settings

from zhgg.kit.uploads.checks import accepted, checked
from zhgg.kit.uploads.kinds import shown_size

PLEASE_CHOOSE_A_FILE = "请选择文件"


class UploadField(forms.Field):
    """A file of one of the kinds in `limits` ({FileKind: bytes}); cleans to a `checks.CheckedUpload`, or None.

    The form needs `request.FILES` and enctype="multipart/form-data". A browser never sends a chosen file twice, so a
    view stores a good one at once, whatever else is wrong with the form.
    """

    widget = forms.FileInput
    default_error_messages = {"required": PLEASE_CHOOSE_A_FILE}

    def __init__(self, *, limits, **options):
        if max(limits.values()) > settings.UPLOAD_MAX_FILE_BYTES:
            raise ValueError("limits must not exceed UPLOAD_MAX_FILE_BYTES: more than that is not received")
        self.limits = limits
        options.setdefault("help_text", _hint(limits))
        super().__init__(**options)

    def widget_attrs(self, widget):
        return {"accept": ",".join(extension for kind in self.limits for extension in kind.extensions)}

    def to_python(self, value):
        return checked(value, self.limits) if value else None


def _hint(limits):
    """PDF 文件不超过 20 MB，JPG 图片、PNG 图片不超过 10 MB."""
    by_size = {}
    for kind, limit in limits.items():
        by_size.setdefault(limit, {})[kind] = limit
    return "，".join(f"{accepted(kinds)}不超过 {shown_size(limit)}" for limit, kinds in by_size.items())
