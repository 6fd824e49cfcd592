"""项目基本信息"""

from django import forms

from projects.sections.base import SectionForm
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.texts import KeywordsField, LineField, PersonNameField, TextField
from zhgg.kit.months import MonthField, months_between

RESEARCH_TYPES = [("basic", "基础研究"), ("applied", "应用研究"), ("development", "试验发展")]
YES_NO = [("no", "否"), ("yes", "是")]
NO_ETHICS = "none"
ETHICS = [(NO_ETHICS, "不涉及"), ("ethics", "医学伦理"), ("animals", "实验动物"), ("genetic", "人类遗传资源")]
OUTCOMES = [
    ("paper", "论文"),
    ("patent", "专利"),
    ("software", "软件著作权"),
    ("standard", "标准"),
    ("product", "新产品"),
    ("process", "新工艺"),
    ("equipment", "新装备"),
    ("report", "研究报告"),
    ("people", "人才培养"),
]


def choices_with_blank(values):
    """Choices of plain texts, with 请选择 on top."""
    return [("", "请选择"), *((value, value) for value in values)]


class BasicsForm(SectionForm):
    """项目基本信息"""

    title = LineField(label="项目名称", min_length=6, max_length=60, help_text="6 至 60 字")
    direction = forms.ChoiceField(label="指南方向")
    category = forms.ChoiceField(label="项目类别")
    tech_field = CodeField("tech_field", label="技术领域")
    discipline = CodeField("discipline", label="学科")
    industry = CodeField("industry", label="国民经济行业")
    research_type = forms.ChoiceField(label="研究类型", choices=[("", "请选择"), *RESEARCH_TYPES])
    starts_on = MonthField(label="开始年月", help_text="例如 2027-01")
    ends_on = MonthField(label="结束年月")
    keywords = KeywordsField(label="关键词", help_text="3 至 5 个，用逗号或顿号分隔，每个 2 至 20 字")
    abstract = TextField(label="摘要", min_length=100, max_length=800, help_text="100 至 800 字")
    classified = forms.ChoiceField(label="是否涉密", choices=YES_NO, widget=forms.RadioSelect)
    ethics = forms.MultipleChoiceField(
        label="伦理、实验动物、人类遗传资源", choices=ETHICS, widget=forms.CheckboxSelectMultiple
    )
    outcomes = forms.MultipleChoiceField(label="预期成果形式", choices=OUTCOMES, widget=forms.CheckboxSelectMultiple)
    promise = forms.BooleanField(
        label="本人承诺：所填内容真实、准确，不重复申报，遵守科研诚信要求",
        error_messages={"required": "提交前请勾选承诺"},
    )
    contact_name = PersonNameField(label="项目联系人")
    contact_mobile = MobileField(label="联系人手机")

    sections = [
        ("项目概况", ["title", "direction", "category", "starts_on", "ends_on", "keywords", "abstract"]),
        ("分类", ["tech_field", "discipline", "industry", "research_type", "outcomes"]),
        ("声明", ["classified", "ethics", "promise"]),
        ("联系人", ["contact_name", "contact_mobile"]),
    ]

    spans = {
        "title": "full",
        "direction": "two",
        "keywords": "full",
        "abstract": "full",
        "outcomes": "full",
        "classified": "full",
        "ethics": "full",
        "promise": "full",
    }

    def adapt_to(self, call):
        self.fields["direction"].choices = choices_with_blank(call.directions)
        self.fields["category"].choices = choices_with_blank(call.categories)

    def check_together(self, cleaned):
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end:
            months = months_between(start, end)
            if months < 1:
                self.add_error("ends_on", "结束年月应不早于开始年月")
            elif months > self.call.max_months:
                self.add_error("ends_on", f"实施周期是 {months} 个月，本批次最长 {self.call.max_months} 个月")
        if start and start < self.call.earliest_start:
            self.add_error("starts_on", f"本批次的项目最早从 {self.call.earliest_start} 开始")
        if cleaned.get("classified") == "yes":
            self.add_error("classified", "涉密项目不能在本系统申报，请与科技局联系线下办理")
        ethics = cleaned.get("ethics") or []
        if "none" in ethics and len(ethics) > 1:
            self.add_error("ethics", "选了“不涉及”就不能再选其他项")
