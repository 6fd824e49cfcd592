"""What people fill in about themselves, and what a reviewer gives as a reason."""

from functools import partial

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from orgs.models import Department, Unit
from profiles.documents import LIMITS
from profiles.enums import ProofKind
from profiles.models import Person, ReviewedFields
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import EmailField, MobileField, OfficePhoneField, QqField, WechatField
from zhgg.kit.formfields.days import DateField, years_ago
from zhgg.kit.formfields.numbers import IdNumberField
from zhgg.kit.formfields.plain import PLEASE_CHOOSE, PLEASE_FILL_IN
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.forms import BaseForm, VersionedFormMixin
from zhgg.kit.identifiers import id_documents
from zhgg.kit.text import clean_line
from zhgg.kit.uploads.fields import UploadField
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

YOUNGEST, OLDEST = 16, 100
CHINA = "CHN"
# 民族 and 政治面貌 are asked of Chinese citizens alone.
CHINESE = frozenset({CHINA, "HKG", "MAC", "TWN"})
UNITS_SHOWN = 20
# What the button 【查找单位】 sends as `find`.
SEARCH = "1"
NAME_LENGTH = 100
PLEASE_CHOOSE_FIRST = "请先选择要上传的文件（三种证书中至少一种），再点【上传】"
NOT_REGISTERED = "该单位尚未注册。请联系单位先用渝快办法人账号登录本系统一次，之后即可在这里查到并选择。"


class ReasonForm(BaseForm):
    """驳回原因."""

    reason = TextField(
        label="驳回原因",
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        rows=5,
        help_text="写清楚哪里不对、怎么改，对方会看到。",
        widget=forms.Textarea(attrs={"data-focus": True}),
    )


class ProofForm(BaseForm):
    """One file for each kind of proof document, beside PersonForm in the same <form>. Cleans to checked uploads.

    `asked` says that 【上传】 was pressed: then one is required. `attached` is for the view to fill.
    """

    prefix = "proof"

    def __init__(self, *args, asked=False, **options):
        self.asked, self.attached = asked, []
        super().__init__(*args, **options)
        for kind in ProofKind:
            self.fields[kind.value] = UploadField(limits=LIMITS, label=kind.label, required=False, help_text="")

    def clean(self):
        cleaned = super().clean()
        if self.asked and not self.errors and not any(cleaned.values()):
            self.add_error(ProofKind.EDUCATION.value, PLEASE_CHOOSE_FIRST)
        return cleaned


class UnitField(forms.ModelChoiceField):
    """A registered unit, chosen from those that were found."""

    def label_from_instance(self, unit):
        return f"{unit.name}　{unit.uscc}"


class PersonForm(VersionedFormMixin, BaseForm):
    """个人信息 of `person`. `draft` holds the reviewed fields to begin with: what waits or was refused, else what is in
    force; None before the first 提交."""

    name = LineField(label="姓名", max_length=100)
    sex = CodeField("sex", label="性别", required=False)
    nationality = CodeField("country_region", label="国籍/地区", required=False)
    ethnicity = CodeField("ethnicity", label="民族", required=False, show_optional=True)
    political_status = CodeField("political_status", label="政治面貌", required=False, show_optional=True)
    id_type = CodeField("id_document_type", label="证件类型")
    id_number = IdNumberField(label="证件号码", type_field="id_type", masked=True)
    birth_date = DateField(
        label="出生日期",
        required=False,
        min_day=partial(years_ago, OLDEST + 1),
        max_day=partial(years_ago, YOUNGEST),
    )
    unit_query = LineField(
        label="查找单位",
        required=False,
        max_length=NAME_LENGTH,
        help_text="输入单位名称的一部分，或完整的统一社会信用代码，点【查找单位】",
    )
    unit = UnitField(
        Unit.objects.registered(),
        label="工作单位名称",
        widget=forms.RadioSelect(attrs={"class": "radios--list"}),
        error_messages={
            "required": "请先点【查找单位】，再从查到的单位中选择一个",
            "invalid_choice": "这个单位不存在，请重新查找并选择",
        },
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="二级单位（部门）",
        required=False,
        empty_label=PLEASE_CHOOSE,
        error_messages={"invalid_choice": "这个单位现在没有所选的二级单位，请从列表中重新选择"},
        help_text="由所选的二级单位审核。不属于任何一个的，请联系单位新增“机关”“本部”这样的二级单位。",
    )
    education = CodeField("education", label="最高学历")
    degree = CodeField("degree", label="最高学位")
    title_level = CodeField("title_level", label="职称")
    position = LineField(label="职务", max_length=50, required=False, show_optional=True)
    major = LineField(label="专业", max_length=50)
    mobile = MobileField(label="手机")
    office_phone = OfficePhoneField(
        label="办公电话", required=False, show_optional=True, help_text="区号-号码，例如 023-67035473"
    )
    email = EmailField(label="Email")
    qq = QqField(label="QQ", required=False, show_optional=True)
    wechat = WechatField(label="微信", required=False, show_optional=True)

    read_only_fields = ("name",)
    # Required in the end, but sometimes told by other fields.
    DERIVED = ("sex", "birth_date", "nationality")

    def __init__(self, data=None, *, person, draft, **options):
        self.person, self.draft = person, draft
        super().__init__(data, initial=self._stored(person, draft), read_only_fields=self._told(person), **options)
        for name in (*self.DERIVED, "department"):
            self.fields[name].starred = True
        for name in ReviewedFields.REVIEWED:
            self.fields[name].mark = "需审核"
        self._find_units()
        self._offer_departments()

    @staticmethod
    def _stored(person, draft):
        """What the form shows at first. What 渝快办 stated, and what a 证件号码 tells, comes before what was saved."""
        stored = {name: getattr(person, name) for name in ("name", "version", *Person.UNREVIEWED)}
        stored["nationality"] = stored["nationality"] or CHINA
        for name in ReviewedFields.REVIEWED:
            stored[name] = getattr(draft, name) if draft else ""
        user = person.user
        if user.id_number:
            stored["id_type"], stored["id_number"] = user.id_type, user.id_number
            if user.id_type == id_documents.RESIDENT_ID:
                stored["nationality"] = CHINA
            stored["sex"] = id_documents.sex(user.id_type, user.id_number) or stored["sex"]
            stored["birth_date"] = id_documents.birth_date(user.id_type, user.id_number) or stored["birth_date"]
        return stored

    @staticmethod
    def _told(person):
        """Names of the fields that what 渝快办 stated leaves no choice in."""
        user = person.user
        if not user.id_number:
            return ()
        told = ["id_type", "id_number"]
        if user.id_type in id_documents.WITH_BIRTH_DATE:
            told += ["sex", "birth_date"]
        if user.id_type == id_documents.RESIDENT_ID:
            told.append("nationality")
        return told

    # 工作单位 and 二级单位 ------------------------------------------------------------------------------------------

    def _find_units(self):
        """Offer the chosen unit, the one on record, and those that fit what was typed."""
        self.matches, self.more_matches, self.search_error = [], False, ""
        self.search = self._typed_name()
        if self.search:
            found = list(Unit.objects.registered().named_like(self.search)[: UNITS_SHOWN + 1])
            self.matches, self.more_matches = found[:UNITS_SHOWN], len(found) > UNITS_SHOWN
        if self.is_bound and "find" in self.data and len(self.matches) == 1:
            self.data = self.data.copy()
            self.data["unit"] = str(self.matches[0].pk)
        on_record = self.draft.unit if self.draft else None
        self.chosen = self._chosen_unit() if self.is_bound else on_record
        offered = {unit.pk: unit for unit in (self.chosen, on_record, *self.matches) if unit}
        field = self.fields["unit"]
        field.choices = [(unit.pk, field.label_from_instance(unit)) for unit in offered.values()]
        if not offered:
            field.help_text = "还没有选择单位"

    def _typed_name(self):
        if not self.is_bound:
            return ""
        try:
            return clean_line(self.data.get("unit_query", ""), max_length=NAME_LENGTH)
        except ValidationError as error:
            self.search_error = error.messages[0]
            return ""

    def _chosen_unit(self):
        try:
            return self.fields["unit"].clean(self.data.get("unit"))
        except ValidationError:
            return None

    def _offer_departments(self):
        """The 二级单位 of the chosen unit; no such field for a unit that has none."""
        current = Department.objects.current().filter(unit=self.chosen) if self.chosen else Department.objects.none()
        self.has_departments = current.exists()
        if not self.has_departments:
            del self.fields["department"]
            return
        field = self.fields["department"]
        field.queryset = current
        if self._stands_without_department():
            field.starred = False
            field.help_text = "单位已设置二级单位。您可以现在选择并提交其审核，也可以暂不选择。"

    def _stands_without_department(self):
        """Whether the unit alone is what is in force or waits, from before the unit had 二级单位."""
        held = self.draft
        return bool(held and self.chosen and held.unit_id == self.chosen.pk and held.department_id is None)

    @property
    def search_answer(self):
        """What the search came to, as a sentence; "" without a search."""
        if not self.search:
            looking = self.unchecked and self.data.get("find") == SEARCH
            return (self.search_error or "请先输入单位名称的一部分，再点【查找单位】") if looking else ""
        if not self.matches:
            return f"没有查到名称含“{self.search}”的单位。{NOT_REGISTERED}"
        if self.more_matches:
            return f"名称含“{self.search}”的单位较多，只列出 {UNITS_SHOWN} 个。没有您的单位时，请输入更完整的名称。"
        return f"查到 {len(self.matches)} 个单位，请选择。"

    def show_unchecked(self):
        """Show what was typed as it is, for a page that only looks something up."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.unchecked = True

    unchecked = False

    # Checks ----------------------------------------------------------------------------------------------------------

    def clean(self):
        cleaned = super().clean()
        told = self._take_from_number(cleaned)
        for name in self.DERIVED:
            if name not in told and name not in self.errors and not cleaned.get(name):
                self.add_error(name, PLEASE_FILL_IN if name == "birth_date" else PLEASE_CHOOSE)
        if cleaned.get("nationality") and cleaned["nationality"] not in CHINESE:
            for name in ("ethnicity", "political_status"):
                if cleaned.get(name):
                    self.add_error(name, "国籍/地区不是中国的不用填，请改为“请选择”")
        self._check_unit(cleaned)
        return cleaned

    def _take_from_number(self, cleaned):
        """Take sex, birth date and nationality from the 证件号码 where it tells them, whatever was typed; their names.

        While the number itself is wrong they are not asked for: they come with the right one.
        """
        id_type, number = cleaned.get("id_type"), cleaned.get("id_number")
        told = {}
        if id_type == id_documents.RESIDENT_ID:
            told["nationality"] = CHINA
        if id_type in id_documents.WITH_BIRTH_DATE:
            told["sex"] = id_documents.sex(id_type, number or "")
            told["birth_date"] = id_documents.birth_date(id_type, number) if number else None
        for name in told:
            self._errors.pop(name, None)
        cleaned.update(told)
        born = told.get("birth_date")
        typed = not self.fields["id_number"].read_only
        if born and typed and not years_ago(OLDEST + 1) < born <= years_ago(YOUNGEST):
            self.add_error("id_number", f"按证件号码出生于 {born}，年龄应在 {YOUNGEST} 至 {OLDEST} 周岁之间，请核对")
        return told

    def _check_unit(self, cleaned):
        unit = cleaned.get("unit")
        if unit and self.search and not Unit.objects.named_like(self.search).filter(pk=unit.pk).exists():
            self.add_error(
                "unit_query",
                f"您输入了“{self.search}”，但选择的是“{unit.name}”。请点【查找单位】后选择，或清空这一格",
            )
        if not self.has_departments:
            cleaned["department"] = None
        elif not cleaned.get("department") and "department" not in self.errors and self.fields["department"].starred:
            self.add_error("department", f"“{unit.name}”设有二级单位，请选择您所在的一个")

    # What a valid form saves -----------------------------------------------------------------------------------------

    @property
    def values(self):
        """What is in force once saved."""
        return {name: self.cleaned_data[name] for name in Person.UNREVIEWED}

    @property
    def reviewed(self):
        """What a reviewer decides about."""
        return {name: self.cleaned_data[name] for name in ReviewedFields.REVIEWED}
