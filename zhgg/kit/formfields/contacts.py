"""Ways to reach somebody."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from zhgg.kit import phones
from zhgg.kit.formfields.plain import PlainField, quoted
from zhgg.kit.identifiers.digits import compact
from zhgg.kit.text import clean_line


class _TelInput(forms.TextInput):
    input_type = "tel"


class MobileField(PlainField):
    """手机号码: 11 digits."""

    widget = _TelInput
    attributes = {"inputmode": "numeric", "autocomplete": "tel"}
    mask = "phone"

    def clean_typed(self, text):
        return phones.clean_mobile(text)


class OfficePhoneField(PlainField):
    """办公电话: 023-67035473, with or without area code and extension."""

    widget = _TelInput
    attributes = {"autocomplete": "off"}

    def clean_typed(self, text):
        return phones.clean_office_phone(text)


class EmailField(PlainField):
    """An e-mail address of at most 100 characters."""

    widget = forms.EmailInput
    attributes = {"autocomplete": "email"}
    max_length = 100

    def clean_typed(self, text):
        address = clean_line(text, max_length=self.max_length).replace("＠", "@")
        try:
            if not address.isascii():
                raise ValidationError("letters that mail servers do not take")
            validate_email(address)
        except ValidationError:
            raise ValidationError("应为一个邮箱地址，例如 name@example.com，请核对", code="invalid") from None
        return address


class _PatternField(PlainField):
    """A short ASCII text of one shape."""

    pattern: re.Pattern
    wanted: str

    def clean_typed(self, text):
        value = _half_width(text)
        if not self.pattern.fullmatch(value):
            raise ValidationError(self.wanted, code="invalid")
        return value


class QqField(_PatternField):
    """A QQ number."""

    attributes = {"inputmode": "numeric", "autocomplete": "off"}
    pattern = re.compile(r"[1-9]\d{4,11}", re.ASCII)
    wanted = "QQ 号应为 5 至 12 位数字，不以 0 开头，请核对"


class WechatField(_PatternField):
    """A WeChat name."""

    attributes = {"autocomplete": "off"}
    pattern = re.compile(r"[A-Za-z][-\w]{5,19}", re.ASCII)
    wanted = "微信号应为 6 至 20 位，以字母开头，可含数字、下划线和减号，请核对"


class PostcodeField(PlainField):
    """邮政编码: six digits, the first one no 9."""

    attributes = {"inputmode": "numeric", "autocomplete": "postal-code"}

    def clean_typed(self, text):
        value = compact(text)
        if not re.fullmatch(r"\d{6}", value, re.ASCII):
            raise ValidationError(f"应为 6 位数字，现在是“{quoted(value)}”，请核对", code="invalid")
        if value.startswith("9"):
            raise ValidationError("邮政编码不以 9 开头，请核对", code="invalid")
        return value


def _half_width(text):
    """The typed text without blanks and in half-width characters; a very long one as it is."""
    return text if len(text) > 200 else "".join(text.split()).translate(_TO_HALF_WIDTH)


_TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
