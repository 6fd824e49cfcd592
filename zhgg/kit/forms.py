"""What all forms here have in common: grey fields that a POST cannot change, panels, and a list of what is wrong."""

from functools import cache

from django import forms
from django.core.exceptions import ValidationError

from zhgg.kit.formfields.plain import PLEASE_CHOOSE, PLEASE_FILL_IN

_NOT_OFFERED = "所选的项不存在或已停用，请重新选择"
_OURS = ("required", "invalid_choice", "invalid_pk_value", "invalid_list")


class Conventions:
    """Mixed into BaseForm and BaseModelForm.

    `read_only_fields`, on the class and as an option of the constructor, names the grey fields: they show the stored
    (initial) value, and whatever is posted for them, their cleaned value is the stored one. `sections` is a list of
    `(title, [field names])`.
    """

    read_only_fields = ()
    sections: list[tuple[str, list[str]]] = []

    def __init__(self, *args, read_only_fields=(), **options):
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        for field in self.fields.values():
            _speak_plainly(field)
        for name in (*self.read_only_fields, *read_only_fields):
            self.make_read_only(name)

    def make_read_only(self, name):
        """Turn a field grey."""
        field = self.fields[name]
        field.read_only = True
        field.required = False
        # Django then reads the initial value, never the posted one.
        field.disabled = True
        # What is stored is not judged again: nobody could put it right here.
        empty = getattr(field, "empty_value", None)
        field.clean = lambda value: empty if value is None else value

    @property
    def panels(self):
        """`[(title, [bound fields])]` as in `sections`. Names the form does not have are left out; visible fields that
        no section names come last, under no title."""
        named = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.sections]
        placed = {field.name for _, fields in named for field in fields}
        rest = [field for field in self.visible_fields() if field.name not in placed]
        return [(title, fields) for title, fields in [*named, ("", rest)] if fields]

    @property
    def error_list(self):
        """`[(id of the control, label, message)]` in the order of the fields; what concerns the whole form first.

        That has an empty id and label, and so have hidden fields, which nobody could put right.
        """
        if not self.is_bound:
            return []
        lines = [("", "", message) for message in self.non_field_errors()]
        for field in self:
            target, label = (field.id_for_label or field.auto_id, str(field.label)) if not field.is_hidden else ("", "")
            lines += [(target, label, message) for message in field.errors]
        return lines

    @property
    def error_count(self):
        """How many mistakes there are."""
        return len(self.error_list)


class BaseForm(Conventions, forms.Form):
    """The base of our forms."""


class BaseModelForm(Conventions, forms.ModelForm):
    """The base of our forms over a model."""


def twins(fields):
    """`{name: field}` of a form of its own, with controls of their own, in a tenth of the time of deep copies: what
    stands in a field is replaced and never changed, so that forms may share it."""
    return {
        name: twin(field, widget=twin(field.widget, attrs={**field.widget.attrs})) for name, field in fields.items()
    }


def twin(original, **own):
    """Another object that says the same, but for what is its `own`."""
    other = object.__new__(type(original))
    other.__dict__.update(original.__dict__, **own)
    return other


class VersionField(forms.Field):
    """The version of the record that the page showed, sent back hidden."""

    widget = forms.HiddenInput
    default_error_messages = {"required": "页面已过期，请重新打开本页后再修改"}

    def to_python(self, value):
        text = str(value or "")
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise ValidationError(self.error_messages["required"], code="required")
        return int(text)


class VersionedFormMixin(forms.Form):
    """A form that sends back which version of the record it showed, as `cleaned_data["version"]`: the service compares
    it with the record under its lock. A missing or broken one is an error of the whole form."""

    version = VersionField()

    def clean(self):
        cleaned = super().clean()
        if messages := self.errors.get("version"):
            text = list(messages)
            del self._errors["version"]
            self.add_error(None, text)
        return cleaned


def _speak_plainly(field):
    """Replace Django's stock sentences by ours, and leave those that somebody chose.

    Stock sentences are known by being the very object that Django put there: comparing texts would translate each one.
    """
    stock = _stock_sentences(type(field))
    choose = PLEASE_CHOOSE if isinstance(field, forms.ChoiceField) else PLEASE_FILL_IN
    for code, sentence in stock.items():
        if field.error_messages.get(code) is sentence:
            field.error_messages[code] = choose if code == "required" else _NOT_OFFERED


@cache
def _stock_sentences(field_class):
    """What Django says for the codes that we put in our own words, by code."""
    stock = {}
    for cls in reversed(field_class.__mro__):
        if cls.__module__.startswith("django."):
            stock.update(getattr(cls, "default_error_messages", {}))
    return {code: stock[code] for code in _OURS if code in stock}
