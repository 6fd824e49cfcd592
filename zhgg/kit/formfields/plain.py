"""What every field has in common."""

from django import forms
from django.core.exceptions import ValidationError

from zhgg.kit.identifiers.digits import shown

PLEASE_FILL_IN, PLEASE_CHOOSE = "请填写", "请选择"


class PlainField(forms.Field):
    """A field of one text. Subclasses turn the typed text, which is not empty, into the value in `clean_typed`."""

    widget = forms.TextInput
    default_error_messages = {"required": PLEASE_FILL_IN}
    empty_value = ""
    read_only = False
    draft = False
    mask = ""
    attributes: dict[str, str] = {}
    """HTML attributes of the control, such as inputmode and autocomplete."""

    def __init__(self, *, suffix="", span="", show_optional=False, **options):
        self.suffix, self.span, self.show_optional = suffix, span, show_optional
        super().__init__(**options)

    def widget_attrs(self, widget):
        return dict(self.attributes)

    def to_python(self, value):
        if value in self.empty_values:
            return self.empty_value
        # What comes from the database through a form's initial is already what it should be.
        if not isinstance(value, str):
            return self.from_stored(value)
        return self.clean_typed(value) if value.strip() else self.empty_value

    def from_stored(self, value):
        """A value that is no text, as `initial` may hold it."""
        raise ValidationError("应为文字，请重新填写", code="invalid")

    def clean_typed(self, text):
        raise NotImplementedError


def quoted(text, most=20):
    """The beginning of what was typed, as it can stand in a sentence."""
    text = text.strip()
    return "".join(shown(character) for character in text[:most]) + ("…" if len(text) > most else "")
