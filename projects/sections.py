"""What each tab of the 申报书 consists of: one form class a tab.

The same class serves twice. Saving a draft asks only that each value be of its kind (`draft=True`); the completeness
check asks for everything: required fields, lengths, and what must fit together.
"""

from django import forms
from django.template.defaultfilters import linebreaksbr
from django.utils.datastructures import MultiValueDict

from projects.enums import Tab
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.texts import KeywordsField, LineField, PersonNameField, TextField
from zhgg.kit.forms import BaseForm
from zhgg.kit.months import MonthField
from zhgg.kit.ui import Fact, Masked

RESEARCH_TYPES = [("basic", "基础研究"), ("applied", "应用研究"), ("development", "试验发展")]
YES_NO = [("no", "否"), ("yes", "是")]
ETHICS = [("none", "不涉及"), ("ethics", "医学伦理"), ("animals", "实验动物"), ("genetic", "人类遗传资源")]
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


class SectionForm(BaseForm):
    """A tab's form. `draft` relaxes it to what saving needs; `spans` says which fields are wide."""

    spans: dict[str, str] = {}

    def __init__(self, *args, call, draft=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.call = call
        self.draft = draft
        self.adapt_to(call)
        for name, span in self.spans.items():
            self.fields[name].span = span
        if draft:
            for field in self.fields.values():
                field.starred = field.required
                field.required = False
                field.draft = True

    def adapt_to(self, call):
        """Take from the call what it decides (directions, categories)."""

    def clean(self):
        cleaned = super().clean()
        if not self.draft:
            self.check_together(cleaned)
        return cleaned

    def check_together(self, cleaned):
        """Rules over several fields; only the completeness check asks them."""


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
    contact_name = PersonNameField(label="项目联系人")
    contact_mobile = MobileField(label="联系人手机")

    sections = [
        ("项目概况", ["title", "direction", "category", "starts_on", "ends_on", "keywords", "abstract"]),
        ("分类", ["tech_field", "discipline", "industry", "research_type", "outcomes"]),
        ("声明", ["classified", "ethics"]),
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
    }

    def adapt_to(self, call):
        self.fields["direction"].choices = choices_with_blank(call.directions)
        self.fields["category"].choices = choices_with_blank(call.categories)

    def check_together(self, cleaned):
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end:
            months = _months(start, end)
            if months < 1:
                self.add_error("ends_on", "结束年月应不早于开始年月")
            elif months > self.call.max_months:
                self.add_error("ends_on", f"实施周期是 {months} 个月，本批次最长 {self.call.max_months} 个月")
        if cleaned.get("classified") == "yes":
            self.add_error("classified", "涉密项目不能在本系统申报，请与科技局联系线下办理")
        ethics = cleaned.get("ethics") or []
        if "none" in ethics and len(ethics) > 1:
            self.add_error("ethics", "选了“不涉及”就不能再选其他项")


def _months(start, end):
    start_year, start_month = map(int, start.split("-"))
    end_year, end_month = map(int, end.split("-"))
    return (end_year - start_year) * 12 + end_month - start_month + 1


FORMS = {Tab.BASICS: BasicsForm}
"""Tab → form class, in the order of the tabs."""


def stored(form):
    """What a valid form saves: its cleaned values, which are texts and lists of texts."""
    return dict(form.cleaned_data)


def bound(form_class, data, *, call):
    """The strict form over saved data, as the completeness check asks it."""
    form = form_class(call=call)
    posted = MultiValueDict()
    for name, field in form.fields.items():
        value = field.prepare_value(data.get(name, ""))
        posted.setlist(name, value if isinstance(value, list) else [value])
    return form_class(posted, call=call)


def readable(form_class, data, *, proposal):
    """`[(section title, [Fact, …])]` for the view of a tab; codes and choices are spelt out, phone numbers masked."""
    form = form_class(call=proposal.call)
    return [
        (title, [_fact(form.fields[name], data.get(name), proposal) for name in names])
        for title, names in form.sections
    ]


def _fact(field, value, proposal):
    words = _words(field, value)
    if words and isinstance(field, MobileField):
        return Fact(field.label, Masked("proposal-contact-mobile", proposal.pk, words, style="phone"))
    long = isinstance(field, TextField)
    return Fact(field.label, linebreaksbr(words) if long else words, full=long)


def differences(form, data):
    """`[(label, stored text, typed text)]` of the fields in which a valid form differs from saved data."""
    rows = []
    for name, typed in stored(form).items():
        field, saved = form.fields[name], data.get(name)
        if (saved or None) != (typed or None):
            rows.append((field.label, _words(field, saved), _words(field, typed)))
    return rows


def _words(field, value):
    if value in (None, "", []):
        return ""
    names = dict(_flat(getattr(field, "choices", ())))
    if isinstance(value, list):
        return "、".join(str(names.get(item, item)) for item in value)
    return str(names.get(value, value))


def _flat(choices):
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label
