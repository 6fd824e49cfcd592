"""申报与合作单位"""

from django import forms

from projects.sections.base import RowForm, RowsSpec, SectionForm
from projects.sections.basics import YES_NO
from projects.sections.fields import MoneyField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.numbers import UsccField
from zhgg.kit.formfields.texts import LineField, PersonNameField, TextField


class PartnerForm(RowForm):
    """One 合作单位, with its share of the money."""

    name = LineField(label="单位名称", min_length=2, max_length=100)
    uscc = UsccField(label="统一社会信用代码")
    nature = CodeField("unit_nature", label="单位性质")
    province = CodeField("province", label="所在省市")
    contact_name = PersonNameField(label="联系人", required=False)
    contact_mobile = MobileField(label="联系人手机", required=False)
    fiscal = MoneyField(label="分配财政经费")
    own = MoneyField(label="自筹经费")
    signed = forms.ChoiceField(label="已签合作协议", choices=[("", "请选择"), *YES_NO])
    task = TextField(label="任务分工", min_length=20, max_length=500, rows=3, span="full", help_text="20 至 500 字")


class PartnersForm(SectionForm):
    """申报与合作单位: the unit itself is taken from its 单位信息; what is filled in here are the 合作单位."""

    tables = (
        RowsSpec(
            "partners",
            "合作单位",
            "合作单位",
            PartnerForm,
            most=8,
            advice="没有合作单位的，不必填写",
        ),
    )
