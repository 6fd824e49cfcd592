"""考核指标"""

from django import forms

from projects.sections.base import RowForm, RowsSpec, SectionForm
from projects.sections.fields import is_quantity
from zhgg.kit.formfields.texts import LineField, TextField

TECHNICAL = "technical"
BENEFIT = ("economic", "social")
CATEGORIES = [
    (TECHNICAL, "技术指标"),
    ("economic", "经济效益"),
    ("social", "社会效益"),
    ("property", "知识产权"),
    ("people", "人才培养"),
    ("outcome", "成果"),
]
MEASURED = (TECHNICAL, *BENEFIT)


class TargetForm(RowForm):
    """One 考核指标. Technical ones and those of the benefit must be numbers: they are measured."""

    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *CATEGORIES])
    name = LineField(label="指标名称", min_length=2, max_length=60)
    unit = LineField(label="单位", max_length=20, help_text="例如 %、项、万元")
    before = LineField(label="立项前值", max_length=30, required=False)
    halfway = LineField(label="中期值", max_length=30, required=False)
    after = LineField(label="完成值", max_length=30, help_text="数值，例如 95 或 ≥95")
    method = TextField(label="测评方法", min_length=2, max_length=200, rows=2, span="full", help_text="2 至 200 字")

    def check_together(self, cleaned):
        after = cleaned.get("after")
        if cleaned.get("category") in MEASURED and after and not is_quantity(after):
            self.add_error("after", "技术、经济和社会效益指标的完成值应为数值，例如 95、≥95 或 ≤0.3")


class TargetsForm(SectionForm):
    """考核指标: at least one technical and one of the benefit."""

    tables = (RowsSpec("targets", "考核指标", "指标", TargetForm, most=50, fewest=1),)

    def check_together(self, cleaned):
        categories = {form["category"].data for form in self.row_sets["targets"].filled}
        if categories and TECHNICAL not in categories:
            self.add_error(None, "至少要有一项技术指标，请点【添加指标】补充")
        if categories and not categories & set(BENEFIT):
            self.add_error(None, "至少要有一项经济效益或社会效益指标，请点【添加指标】补充")
