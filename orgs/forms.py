"""What comes in from the pages of a unit and from the admin."""

import re

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import ValidationError
from django.utils import timezone

from orgs import codes
from orgs.enums import GrantRole
from orgs.facts import BANK, BASICS, in_words, label_of
from orgs.models import Department, Grant, Unit
from orgs.services.units import LOCKED
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import EmailField, MobileField, OfficePhoneField, PostcodeField
from zhgg.kit.formfields.days import DateField
from zhgg.kit.formfields.numbers import BankAccountField, BankCodeField, IdNumberField
from zhgg.kit.formfields.rows import RowSelect
from zhgg.kit.formfields.texts import KeywordsField, LineField, PersonNameField, TextField
from zhgg.kit.forms import BaseForm, VersionedFormMixin
from zhgg.kit.identifiers import id_documents
from zhgg.kit.names import same_name
from zhgg.kit.workflow import REASON_MAX, REASON_MIN


def _provinces():
    """重庆市 first: nearly every unit is there."""
    return sorted(codes.table("province").choices(), key=lambda choice: choice[0] != codes.CHONGQING)


class UnitForm(VersionedFormMixin, BaseForm):
    """维护单位信息, over one `unit`.

    Grey: what 渝快办 stated (`unit.stated`), who the unit is, and what is derived. Numbers appear masked; the mask sent
    back stands for the stored number.
    """

    name = LineField(label=label_of("name"), max_length=100)
    province = CodeField("province", label=label_of("province"), choices=_provinces, required=False)
    scope = LineField(label=label_of("scope"), max_length=20, help_text="由单位所在省市确定")
    district = CodeField("china_division", label=label_of("district"), required=False)
    address = LineField(label=label_of("address"), min_length=5, max_length=200, required=False)
    postcode = PostcodeField(label=label_of("postcode"), required=False)
    registered_on = DateField(label=label_of("registered_on"), max_day=timezone.localdate, required=False)
    registered_capital = WanField(
        label=label_of("registered_capital"), required=False, help_text="事业单位填写开办资金"
    )
    paid_in_capital = WanField(label=label_of("paid_in_capital"), required=False)
    uscc = LineField(label=label_of("uscc"), max_length=18)
    registration_type = CodeField("registration_type", label=label_of("registration_type"), required=False)
    nature = CodeField("unit_nature", label=label_of("nature"), required=False)
    legal_rep_name = PersonNameField(label=label_of("legal_rep_name"), required=False)
    legal_rep_id_type = CodeField("id_document_type", label=label_of("legal_rep_id_type"), required=False)
    legal_rep_id_number = IdNumberField(
        label=label_of("legal_rep_id_number"), type_field="legal_rep_id_type", masked=True, required=False
    )
    new_area = CodeField("chongqing_new_area", label=label_of("new_area"), required=False)
    industry = CodeField("industry", label=label_of("industry"), required=False)
    contact_name = PersonNameField(label=label_of("contact_name"))
    contact_mobile = MobileField(label=label_of("contact_mobile"))
    contact_phone = OfficePhoneField(label=label_of("contact_phone"), help_text="区号-号码，例如 023-67035473")
    email = EmailField(label=label_of("email"), error_messages={"required": "请填写，供科技局联系单位"})
    keywords = KeywordsField(
        label=label_of("keywords"), required=False, span="full", help_text="3 至 5 个，用逗号分隔，每个 2 至 20 字"
    )
    bank_holder = LineField(label=label_of("bank_holder"), max_length=100)
    bank_name = LineField(
        label=label_of("bank_name"), min_length=4, max_length=100, help_text="填写到支行，与开户许可证一致"
    )
    bank_account = BankAccountField(label=label_of("bank_account"), masked=True)
    bank_account_again = BankAccountField(
        label="再次输入银行账号", required=False, help_text="填写或更改银行账号时，请再输入一遍"
    )
    bank_code = BankCodeField(label=label_of("bank_code"), help_text="12 位联行号，可在开户许可证上找到")

    sections = [
        ("基本信息", list(BASICS)),
        ("银行账号", ["bank_holder", "bank_name", "bank_account", "bank_account_again", "bank_code"]),
    ]
    derived = ("scope", "bank_holder")
    secrets = ("bank_account", "legal_rep_id_number")

    def __init__(self, data=None, *, unit):
        initial = {name: getattr(unit, name) for name in (*BASICS, *BANK, "version")}
        initial["scope"] = in_words("scope", unit.scope)
        grey = [name for name in self.base_fields if name in {*unit.stated, *LOCKED, *self.derived} - {"version"}]
        super().__init__(data, initial=initial, read_only_fields=grey)
        self.unit = unit
        self.grey = frozenset(grey)
        self._offer_districts()
        if unit.bank_account:
            self.fields["bank_account"].help_text = f"已保存，尾号 {unit.bank_account[-4:]}；不更改请保留原样"
        if unit.legal_rep_id_number and "legal_rep_id_number" not in self.grey:
            self.fields["legal_rep_id_number"].help_text = "已保存；不更改请保留原样"

    @classmethod
    def after_conflict(cls, data, *, unit):
        """The same input over the unit as somebody else has saved it meanwhile. A mask still means: as stored."""
        data = data.copy()
        data["version"] = unit.version
        blank = cls(unit=unit)
        for name in cls.secrets:
            if "*" in data.get(name, ""):
                data[name] = blank[name].value()
        return cls(data, unit=unit)

    def _offer_districts(self):
        """The 区县 of the province in the form; of 重庆市 while there is none."""
        province = self.unit.province
        if self.is_bound and "province" not in self.grey:
            province = self.data.get("province", "")
        known = codes.table("province").current(province)
        district = self.fields["district"]
        district.offer(codes.district_choices(province if known else codes.CHONGQING))
        if known:
            where = codes.table("province").name(province)
            district.error_messages["invalid_choice"] = f"不在{where}内，已列出{where}的区县，请重新选择"
        if "province" not in self.grey:
            district.help_text = "更改省市后先保存，会列出该省市的区县"

    def clean(self):
        cleaned = super().clean()
        self._check_district(cleaned)
        self._check_legal_rep(cleaned)
        self._check_account_typed_twice(cleaned)
        return cleaned

    def _check_district(self, cleaned):
        district, province = cleaned.get("district"), cleaned.get("province")
        if not district or province is None or "district" in self.grey:
            return
        if not province:
            cleaned["province"] = codes.province_of(district)
        elif codes.province_of(district) != province:
            self.add_error("district", self.fields["district"].error_messages["invalid_choice"])

    def _check_legal_rep(self, cleaned):
        id_type, number = cleaned.get("legal_rep_id_type"), cleaned.get("legal_rep_id_number")
        kept = number and number == self.unit.legal_rep_id_number
        if kept and id_type != self.unit.legal_rep_id_type and "legal_rep_id_number" not in self.grey:
            self.add_error("legal_rep_id_number", "证件类型已更改，请填写这种证件的号码")

    def _check_account_typed_twice(self, cleaned):
        account = cleaned.get("bank_account")
        if not account or account == self.unit.bank_account or "bank_account_again" in self.errors:
            return
        again = cleaned.get("bank_account_again")
        if not again:
            self.add_error("bank_account_again", "银行账号已填写或更改，请再输入一遍，以免收款出错")
        elif again != account:
            self.add_error("bank_account_again", "与上面的银行账号不一致，请核对两处")

    def values(self):
        """Field → cleaned value of everything that may be changed here; `orgs.services.save_unit` takes it."""
        ignored = {*self.grey, "version", "bank_account_again"}
        return {name: value for name, value in self.cleaned_data.items() if name not in ignored}

    def differences(self):
        """`[(label, stored, typed)]` in words, for every field whose valid input differs from the unit."""
        return [
            (label_of(name), in_words(name, getattr(self.unit, name)), in_words(name, typed))
            for name, typed in self.values().items()
            if getattr(self.unit, name) != typed
        ]


# Grants and 二级单位 --------------------------------------------------------------------------------------------------


class OthersMobileField(MobileField):
    """手机号码 of somebody else: the browser offers the user's own one otherwise."""

    attributes = {**MobileField.attributes, "autocomplete": "off"}


def _documents_of_agents():
    """其他有效身份证件 needs an administrator: nobody can tell what such a number ought to look like."""
    return [choice for choice in codes.table("id_document_type").choices() if choice[0] != id_documents.OTHER]


class AgentForm(VersionedFormMixin, BaseForm):
    """新增授权 and 更改. `version` is the id of the grant that is replaced, 0 for none."""

    holder_name = PersonNameField(label="姓名")
    holder_mobile = OthersMobileField(label="手机号码")
    holder_id_type = CodeField("id_document_type", label="证件类型", choices=_documents_of_agents)
    holder_id_number = IdNumberField(
        label="证件号码", type_field="holder_id_type", help_text="类型和号码都须与该人员渝快办账号实名的证件一致"
    )

    def __init__(self, data=None, *, current):
        version = current.pk if current else 0
        super().__init__(data, initial={"version": version, "holder_id_type": id_documents.RESIDENT_ID})

    @classmethod
    def after_conflict(cls, data, *, current):
        """The same input, now to replace the agent whom the page names."""
        return cls({**data.dict(), "version": current.pk if current else 0}, current=current)

    def values(self):
        """What the service takes of the person."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class DepartmentForm(VersionedFormMixin, BaseForm):
    """新增二级单位 and 编辑. `version` is the id of the manager's grant, 0 for none; `seen_name` the name so far."""

    seen_name = LineField(max_length=60, required=False, widget=forms.HiddenInput)
    name = LineField(label="二级单位（部门）名称", min_length=2, max_length=60, span="full")
    holder_name = PersonNameField(label="管理人员姓名")
    holder_mobile = OthersMobileField(label="管理人员手机")
    holder_id_number = IdNumberField(
        label="管理人员身份证号码",
        masked=True,
        span="full",
        help_text="18 位居民身份证号码（港澳台居民填写居住证号码），与该人员渝快办账号实名的号码一致",
    )

    def __init__(self, data=None, *, department=None, manager=None):
        self.manager = manager
        initial = self._seen(department, manager)
        if department:
            initial["name"] = department.name
        if manager:
            initial |= {name: getattr(manager, name) for name in _HOLDER}
        super().__init__(data, initial=initial)
        if manager:
            self.fields["holder_id_number"].help_text = "已保存；不换人请保留原样"

    @staticmethod
    def _seen(department, manager):
        return {"seen_name": department.name if department else "", "version": manager.pk if manager else 0}

    @classmethod
    def after_conflict(cls, data, *, department, manager):
        """The same input over the 二级单位 as somebody else has saved it meanwhile."""
        return cls({**data.dict(), **cls._seen(department, manager)}, department=department, manager=manager)

    def clean(self):
        cleaned = super().clean()
        kept = self.manager and cleaned.get("holder_id_number") and "*" in self.data["holder_id_number"]
        if kept and not same_name(cleaned.get("holder_name") or "", self.manager.holder_name):
            self.add_error(
                "holder_id_number",
                "管理人员姓名已更改：换人的，请填写新管理人员的身份证号码；只更正姓名的，请把原号码重新填写一遍",
            )
        return cleaned

    def values(self):
        """What the service takes, with what the form was made from."""
        values = {name: self.cleaned_data[name] for name in ("name", *_HOLDER)}
        seen = {"seen_name": self.cleaned_data["seen_name"], "seen_grant": self.cleaned_data["version"]}
        return values | seen


_HOLDER = ("holder_name", "holder_mobile", "holder_id_number")


class DepartmentFilterForm(BaseForm):
    """Search in the list of 二级单位."""

    q = LineField(label="二级单位（部门）名称", max_length=60, required=False)


# The admin -----------------------------------------------------------------------------------------------------------


class AdminDepartmentForm(BaseForm):
    """新增二级单位 of any unit."""

    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="单位", widget=RowSelect(Department._meta.get_field("unit"), admin.site)
    )
    name = LineField(label="二级单位（部门）名称", min_length=2, max_length=60)

    def values(self):
        """What the service takes."""
        return self.cleaned_data


class AdminRenameForm(BaseForm):
    """Another name for a 二级单位."""

    name = AdminDepartmentForm.base_fields["name"]

    def values(self):
        """What the service takes."""
        return self.cleaned_data


class CodeLineForm(BaseForm):
    """Words and time of a line of a code table."""

    name = LineField(label="名称", max_length=200)
    valid_from = DateField(label="启用日期", required=False, help_text="这一天起可以选择；不填为不限")
    valid_until = DateField(
        label="有效期至", required=False, help_text="这一天之后不能再选择，已填写的照常显示；不填为不限"
    )

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and first > last:
            self.add_error("valid_until", "应不早于启用日期")
        return cleaned

    def values(self):
        """What the service takes."""
        return self.cleaned_data


class NewCodeForm(CodeLineForm):
    """A new line of a code table."""

    table = forms.ChoiceField(label="码表", choices=codes.titles)
    code = LineField(label="代码", max_length=16, help_text="以后不能修改，也不能另作他用")
    like = LineField(label="参照代码", max_length=16, help_text="同一码表中已有的代码：新的一行排在它之后，归入同一类")
    field_order = ["table", "code", "like", "name", "valid_from", "valid_until"]

    def clean_code(self):
        """Codes are digits, capitals and full stops."""
        code = self.cleaned_data["code"]
        if not re.fullmatch(r"[A-Z0-9.]+", code, re.ASCII):
            raise ValidationError("代码由数字、大写字母组成，请核对")
        return code


class AdminGrantForm(BaseForm):
    """A new agent or manager of any unit."""

    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="单位", widget=RowSelect(Grant._meta.get_field("unit"), admin.site)
    )
    role = forms.ChoiceField(label="角色", choices=GrantRole.choices)
    department = forms.ModelChoiceField(
        Department.objects.current(),
        label="二级单位",
        required=False,
        widget=ForeignKeyRawIdWidget(Grant._meta.get_field("department").remote_field, admin.site),
        help_text="二级单位管理人员必填；法人单位授权人不填",
    )
    holder_name = PersonNameField(label="姓名")
    holder_mobile = MobileField(label="手机号码")
    holder_id_type = CodeField("id_document_type", label="证件类型", initial=id_documents.RESIDENT_ID)
    holder_id_number = IdNumberField(label="证件号码", type_field="holder_id_type")

    def clean(self):
        cleaned = super().clean()
        role, unit, department = (cleaned.get(name) for name in ("role", "unit", "department"))
        if role == GrantRole.AGENT and department:
            self.add_error("department", "法人单位授权人不属于二级单位，请留空")
        if role == GrantRole.MANAGER and not department and "department" not in self.errors:
            self.add_error("department", "请选择二级单位")
        if unit and department and department.unit_id != unit.pk:
            self.add_error("department", f"“{department}”是{department.unit}的二级单位，请重新选择")
        return cleaned

    def values(self):
        """What the service takes."""
        return self.cleaned_data


class BureauReasonForm(BaseForm):
    """Why 科技局 does something to a unit or an account. `told` says who reads it."""

    reason = TextField(
        label="原因",
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        rows=4,
        widget=forms.Textarea(attrs={"data-focus": True}),
    )

    def __init__(self, *args, told, **options):
        super().__init__(*args, **options)
        self.fields["reason"].help_text = f"写清楚依据，{told}会看到。"


class ConflictForm(BureauReasonForm):
    """依据 of what is done about a refused login, and that it was looked into."""

    confirmed = forms.BooleanField(
        label="我已与渝快办和当事人核实身份",
        error_messages={"required": "请先核实身份，再勾选"},
    )
