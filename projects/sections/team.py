"""负责人与成员"""

from django import forms

from orgs import codes
from projects.sections.base import RowForm, RowsSpec, SectionForm
from projects.sections.basics import YES_NO
from projects.sections.fields import CountField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.numbers import IdNumberField
from zhgg.kit.formfields.texts import LineField, PersonNameField, TextField
from zhgg.kit.identifiers.id_documents import birth_date, sex

RESIDENT_ID = "01"


class MemberForm(RowForm):
    """One member of the team. The 证件号码 shows masked once it is saved."""

    name = PersonNameField(label="姓名")
    id_type = CodeField("id_document_type", label="证件类型", initial=RESIDENT_ID)
    id_number = IdNumberField(label="证件号码", type_field="id_type", masked=True)
    unit = LineField(label="工作单位", min_length=2, max_length=100)
    education = CodeField("education", label="学历")
    degree = CodeField("degree", label="学位", required=False)
    title_level = CodeField("title_level", label="职称")
    major = LineField(label="专业", max_length=50, required=False)
    months = CountField(label="每年投入（月）", least=1, most=12)
    student = forms.ChoiceField(label="是否研究生", choices=[("", "请选择"), *YES_NO])
    duty = TextField(label="分工", min_length=5, max_length=100, rows=2, span="full", help_text="5 至 100 字")

    not_telling = ("id_type",)

    @property
    def derived(self):
        """性别 and 出生年月 as the saved 证件号码 tells them; "" where it tells nothing."""
        id_type, number = self.initial.get("id_type", ""), self.initial.get("id_number", "")
        born = birth_date(id_type, number) if number else None
        if born is None:
            return ""
        return f"由证件号码得出：{codes.table('sex').label(sex(id_type, number))}，{born:%Y-%m} 出生"


class TeamForm(SectionForm):
    """负责人与成员: the PI's own data come from their 个人信息."""

    pi_months = CountField(label="负责人每年投入（月）", least=1, most=12)
    achievements = TextField(label="负责人代表性业绩", max_length=2000, required=False, help_text="最多 2,000 字")
    avoid_experts = TextField(
        label="专家回避说明",
        max_length=500,
        rows=3,
        required=False,
        help_text="需要回避的专家及理由；没有的填“无”",
    )

    sections = [("项目负责人", ["pi_months", "achievements", "avoid_experts"])]
    spans = {"achievements": "full", "avoid_experts": "full"}
    tables = (RowsSpec("members", "项目组成员", "成员", MemberForm, most=30, fewest=1),)
