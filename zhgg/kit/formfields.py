"""Form fields for what people fill in here. Each cleans to a plain value or says in a sentence what is wrong.

Attributes that templates read on every field: `suffix` (万元), `span` ("two" or "full" columns), `show_optional`
(选填), `mask` (how a grey value is masked), `read_only` (grey; set by `kit.forms`). With `draft = True`, set by a form
that saves unfinished work, a field does not insist on minimum lengths and counts.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from zhgg.kit import identifiers, masking, names, phones
from zhgg.kit.identifiers.digits import compact, shown
from zhgg.kit.text import clean_line, clean_text

PLEASE_FILL_IN, PLEASE_CHOOSE = "请填写", "请选择"
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2099, 12, 31)


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


# Texts ---------------------------------------------------------------------------------------------------------------


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
                f"“{_quoted(word)}”有 {len(word)} 字，每个关键词应为 {self.min_length} 至 {self.max_length} 字",
                code="word_length",
            )
        return word


# Ways to reach somebody ----------------------------------------------------------------------------------------------


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
            raise ValidationError(f"应为 6 位数字，现在是“{_quoted(value)}”，请核对", code="invalid")
        if value.startswith("9"):
            raise ValidationError("邮政编码不以 9 开头，请核对", code="invalid")
        return value


# Identifiers ---------------------------------------------------------------------------------------------------------


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


# Amounts and days ----------------------------------------------------------------------------------------------------


class WanField(PlainField):
    """An amount in 万元: numeric(18, 6), not negative. Cleans to a Decimal, None when empty."""

    attributes = {"inputmode": "decimal", "autocomplete": "off"}
    empty_value = None
    whole_digits, decimal_places = 12, 6

    def __init__(self, *, max_value=None, suffix="万元", **options):
        self.max_value = max_value
        super().__init__(suffix=suffix, **options)

    def from_stored(self, value):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValidationError("应为数字，例如 500 或 500.25", code="invalid")
        return Decimal(value)

    def prepare_value(self, value):
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def clean_typed(self, text):
        typed = compact(text).replace(",", "")
        if re.fullmatch(r"-[\d.]{1,40}", typed, re.ASCII):
            raise ValidationError("不能是负数，请填写 0 或正数", code="negative")
        found = re.fullmatch(r"0*(\d+)(?:\.(\d*))?|()\.(\d+)", typed[:200], re.ASCII)
        if not found or len(typed) > 200:
            raise ValidationError(f"应为数字，例如 500 或 500.25，现在是“{_quoted(text)}”", code="invalid")
        whole, decimals = found[1] or "0", (found[2] or found[4] or "").rstrip("0")
        if len(whole) > self.whole_digits:
            raise ValidationError(
                f"整数部分最多 {self.whole_digits} 位，现在有 {len(whole)} 位，请核对单位是否为万元",
                code="whole_digits",
            )
        if len(decimals) > self.decimal_places:
            raise ValidationError(
                f"小数点后最多 {self.decimal_places} 位，现在有 {len(decimals)} 位", code="decimal_places"
            )
        value = Decimal(f"{whole}.{decimals or 0}")
        if self.max_value is not None and value > self.max_value:
            raise ValidationError(f"最多 {Decimal(self.max_value).normalize():,f} 万元，请核对", code="max_value")
        return value


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


# Codes ---------------------------------------------------------------------------------------------------------------

_code_tables = []


def use_code_tables(source) -> None:
    """Let `CodeField("degree")` find its table: `source(name)` gives it. Called once, from the app that has them."""
    _code_tables[:] = [source]


class CodeField(forms.ChoiceField):
    """A code of a code table, with 请选择 on top.

    `table` is a table or its name. It offers `grouped_choices()`, unless `choices` (a list or a function) are given. A
    stored code that is no longer offered stays choosable in the form that shows it, so that old records can be saved.
    """

    default_error_messages = {
        "required": PLEASE_CHOOSE,
        "invalid_choice": "所选的项不存在或已停用，请从列表中重新选择",
    }
    read_only = False
    draft = False
    mask = ""
    empty_value = ""

    def __init__(
        self, table, *, choices=None, empty_label=PLEASE_CHOOSE, suffix="", span="", show_optional=False, **options
    ):
        self._table, self._offered, self.empty_label = table, choices, empty_label
        self.suffix, self.span, self.show_optional = suffix, span, show_optional
        super().__init__(choices=self._menu, **options)

    @property
    def table(self):
        """The code table behind the field."""
        if not isinstance(self._table, str):
            return self._table
        if not _code_tables:
            raise LookupError(f"no code tables to find {self._table!r} in: call kit.formfields.use_code_tables first")
        return _code_tables[0](self._table)

    def _menu(self):
        offered = self._offered() if callable(self._offered) else self._offered
        return [("", self.empty_label), *(self.table.grouped_choices() if offered is None else offered)]

    def offer(self, choices) -> None:
        """Offer these choices instead of the whole table, for example the 区县 of one province."""
        self._offered = choices
        self.choices = self._menu

    def get_bound_field(self, form, field_name):
        stored = str(form.get_initial_for_field(self, field_name) or "")
        if stored and not self.valid_value(stored):
            menu = self._menu()
            self.choices = [menu[0], (stored, self.table.label(stored)), *menu[1:]]
        return super().get_bound_field(form, field_name)


def _day(bound):
    return bound() if callable(bound) else bound


def _half_width(text):
    """The typed text without blanks and in half-width characters; a very long one as it is."""
    return text if len(text) > 200 else "".join(text.split()).translate(_TO_HALF_WIDTH)


_TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _quoted(text, most=20):
    """The beginning of what was typed, as it can stand in a sentence."""
    text = text.strip()
    return "".join(shown(character) for character in text[:most]) + ("…" if len(text) > most else "")
