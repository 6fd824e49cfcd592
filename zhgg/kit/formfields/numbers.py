"""Numbers that identify a unit, an account or a person."""

from zhgg.kit import identifiers, masking
from zhgg.kit.formfields.plain import PlainField


class UsccField(PlainField):
    """统一社会信用代码."""

    attributes = {"autocomplete": "off", "spellcheck": "false"}

    def clean_typed(self, text):
        return identifiers.clean_uscc(text)


class BankCodeField(PlainField):
    """银行行号."""

    attributes = {"inputmode": "numeric", "autocomplete": "off"}
    default_error_messages = {"required": "请填写 12 位联行号，可在开户许可证上找到"}

    def clean_typed(self, text):
        return identifiers.clean_cnaps(text)


class _SecretField(PlainField):
    """A number that the form may show masked: with `masked=True` the stored value appears as its mask, and the mask
    sent back unchanged stands for the stored value. The full value then never is in the page."""

    attributes = {"autocomplete": "off", "spellcheck": "false"}

    def __init__(self, *, masked=False, **options):
        self.masked = masked
        self.stored = ""
        super().__init__(**options)

    def hide(self, value) -> str:
        """The mask of `value`."""
        raise NotImplementedError

    def get_bound_field(self, form, field_name):
        self.stored = form.get_initial_for_field(self, field_name) or ""
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value):
        return self.hide(value) if self.masked and value and value == self.stored else value

    def to_python(self, value):
        if self.masked and self.stored and isinstance(value, str) and value.strip() == self.hide(self.stored):
            return self.clean_typed(self.stored)
        return super().to_python(value)


class BankAccountField(_SecretField):
    """银行账号 of a unit: 8 to 32 digits."""

    attributes = {**_SecretField.attributes, "inputmode": "numeric"}
    mask = "bank"

    def hide(self, value):
        return masking.mask_bank(value)

    def clean_typed(self, text):
        return identifiers.clean_bank_account(text)


class IdNumberField(_SecretField):
    """证件号码 of one type, or of the type chosen in the field named `type_field`, which the form declares before this
    one."""

    mask = "id"

    def __init__(self, *, id_type="01", type_field="", **options):
        self.id_type, self.type_field = id_type, type_field
        super().__init__(**options)

    def hide(self, value):
        return masking.mask_id(value)

    def _clean_bound_field(self, bound_field):
        if self.type_field:
            self.id_type = bound_field.form.cleaned_data.get(self.type_field) or ""
        return super()._clean_bound_field(bound_field)

    def clean_typed(self, text):
        return identifiers.clean_id_number(self.id_type, text)
