"""What comes in from 科技局's pages of 申报批次."""

import re
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from orgs import codes
from orgs.models import Unit
from projects.enums import BudgetMode, Scope, Tab
from projects.facts import ASKED, BASICS, EDITED, OFFERED, TIMES, label_of
from projects.models import Call, Proposal
from projects.sections.fields import CountField, MoneyField
from projects.services.call_files import LIMITS
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.lines import LinesField
from zhgg.kit.formfields.moments import MomentField
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.forms import BaseForm, VersionedFormMixin
from zhgg.kit.months import MonthField
from zhgg.kit.text import clean_line
from zhgg.kit.uploads.fields import UploadField
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

GUIDE_MAX = 20_000
UNITS_SHOWN, MOST_UNITS = 20, 200
_PREFIX = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*-?", re.ASCII)


class RatioField(WanField):
    """So many times as much, with two decimals at most."""

    whole_digits, decimal_places = 3, 2

    def __init__(self, *, most, **options):
        self.most = most
        super().__init__(suffix="倍", **options)

    def clean_typed(self, text):
        value = super().clean_typed(text)
        if value > self.most:
            raise ValidationError(f"最多 {self.most} 倍，请核对", code="max_value")
        return value


class CallForm(VersionedFormMixin, BaseForm):
    """A call, new or under change. `fixed` (`projects.rules.fixed_in`) names what is grey, and why."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    name = LineField(label=label_of("name"), min_length=4, max_length=100, span="two")
    kind = LineField(label=label_of("kind"), min_length=2, max_length=50, help_text="例如 技术创新与应用发展专项")
    number_prefix = LineField(
        label=label_of("number_prefix"),
        min_length=2,
        max_length=20,
        help_text="大写字母、数字和减号，例如 CSTB2027TIAD-；后面由系统编 6 位流水号",
    )
    opens_at = MomentField(label=label_of("opens_at"))
    closes_at = MomentField(label=label_of("closes_at"), help_text="到这一刻为止，负责人可以提交")
    review_closes_at = MomentField(label=label_of("review_closes_at"), help_text="到这一刻为止，二级单位和单位可以审核")
    tabs = forms.MultipleChoiceField(
        label=label_of("tabs"), choices=Tab.choices, widget=forms.CheckboxSelectMultiple, help_text="本批次要填写的页签"
    )
    required_attachments = forms.MultipleChoiceField(
        label=label_of("required_attachments"),
        choices=lambda: codes.table("attachment_type").choices(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="有合作单位、涉及伦理、有自筹经费等情形才需要的附件，系统自动判断，不必勾选",
    )
    budget_mode = forms.ChoiceField(
        label=label_of("budget_mode"), choices=BudgetMode.choices, widget=forms.RadioSelect, initial=BudgetMode.DETAILED
    )
    min_funding = MoneyField(label="申请经费下限", required=False)
    max_funding = MoneyField(label="申请经费上限", required=False)
    min_own_ratio = RatioField(
        label="自筹经费不少于财政经费的", most=100, required=False, help_text="0 表示不要求自筹经费"
    )
    max_months = CountField(label="实施周期上限", least=1, most=120, suffix="个月")
    earliest_start = MonthField(
        label=label_of("earliest_start"), required=False, help_text="例如 2027-01；空着表示不限"
    )
    partner_province = CodeField("province", label=label_of("partner_province"), required=False, empty_label="不要求")
    advised_age = CountField(
        label=label_of("advised_age"), least=18, most=100, required=False, suffix="岁", help_text="只作提醒，不限制提交"
    )
    advised_titles = forms.MultipleChoiceField(
        label=label_of("advised_titles"),
        choices=lambda: codes.table("title_level").choices(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="只作提醒，不限制提交；不勾选表示不作建议",
    )
    guide = TextField(label=label_of("guide"), max_length=GUIDE_MAX, rows=18, required=False, span="full")
    directions = LinesField(
        label=label_of("directions"), line_length=100, max_lines=200, rows=8, required=False, help_text="每行一个"
    )
    categories = LinesField(
        label=label_of("categories"), line_length=50, max_lines=50, rows=8, required=False, help_text="每行一个"
    )

    sections = [("基本信息", list(BASICS)), ("受理时间", list(TIMES)), ("申报要求", list(ASKED))]
    guide_fields = ("guide", *OFFERED)

    def __init__(self, data=None, *, call=None, fixed=None, typed=None):
        stored = call or Call(min_own_ratio=0)
        initial = {name: getattr(stored, name) for name in EDITED}
        initial |= {"version": call.version if call else 0, "form_key": uuid4()}
        # What was typed so far, shown again without a word about what is still missing.
        initial |= {name: self._typed(typed, name) for name in self.base_fields if typed is not None and name in typed}
        self.fixed = fixed or {}
        super().__init__(data, initial=initial, read_only_fields=self.fixed)
        for name, why in self.fixed.items():
            self.fields[name].help_text = why
        for name in self.guide_fields:
            self.fields[name].starred = True
        for name in ("tabs", "required_attachments", "advised_titles"):
            self.fields[name].span = "full"

    @staticmethod
    def _typed(data, name):
        many = name in ("tabs", "required_attachments", "advised_titles")
        return data.getlist(name) if many else data[name]

    @classmethod
    def after_conflict(cls, data, *, call, fixed):
        """The same input over the call as somebody else has saved it meanwhile."""
        data = data.copy()
        data["version"] = call.version
        return cls(data, call=call, fixed=fixed)

    def clean_number_prefix(self):
        """Capital letters, digits and single hyphens."""
        prefix = self.cleaned_data["number_prefix"].upper()
        if not _PREFIX.fullmatch(prefix):
            raise ValidationError("只能用大写字母、数字和减号，以字母或数字开头，例如 CSTB2027TIAD-")
        return prefix

    def clean_tabs(self):
        """In the order of the 申报书; the first one is always there."""
        chosen = self.cleaned_data["tabs"]
        if Tab.BASICS not in chosen:
            raise ValidationError(f"“{Tab.BASICS.label}”是每份申报书都要填写的，请勾选")
        return [tab.value for tab in Tab if tab in chosen]

    def clean(self):
        cleaned = super().clean()
        opens, closes, review = (cleaned.get(name) for name in TIMES)
        if "closes_at" not in self.fixed:
            if opens and closes and closes <= opens:
                self.add_error("closes_at", "申报截止应晚于开始受理，请核对")
            elif closes and review and review < closes:
                self.add_error("review_closes_at", "单位审核截止不能早于申报截止，请核对")
        lowest, highest = cleaned.get("min_funding"), cleaned.get("max_funding")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("max_funding", "上限应不小于下限，请核对")
        return cleaned

    def values(self):
        """Field → value of everything that may be changed here, as the services take it."""
        values = {name: self.cleaned_data[name] for name in EDITED if name not in self.fixed}
        numbers = {name: int(values[name]) if values[name] else None for name in ("max_months", "advised_age")}
        return values | numbers | {"min_own_ratio": values["min_own_ratio"] or 0}


class PublishForm(VersionedFormMixin, BaseForm):
    """【发布】: the version of the call that was looked at."""


class ReasonForm(VersionedFormMixin, BaseForm):
    """【结束受理】: why, which everybody concerned reads."""

    reason = TextField(
        label="原因",
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        rows=4,
        span="full",
        help_text="2 至 500 字，申报通知上会写明，有草稿的负责人会收到",
    )


class GuideFileForm(BaseForm):
    """A file for the guide page of a call."""

    file = UploadField(limits=LIMITS, label="文件")


class UnitsField(forms.ModelMultipleChoiceField):
    """Registered units, chosen from those that were found."""

    def label_from_instance(self, unit):
        return f"{unit.name}　{unit.uscc}"

    def clean(self, value):
        """The units; whatever is wrong with what was sent, none of it was offered."""
        try:
            return super().clean(value)
        except ValidationError:
            raise ValidationError("所选的单位不存在，请重新查找并勾选", code="invalid_choice") from None


class ExtensionForm(BaseForm):
    """【延期】 of the deadlines of `call`. Units are looked up by name and ticked; what was ticked stays."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    scope = forms.ChoiceField(
        label="延期范围",
        widget=forms.RadioSelect(attrs={"class": "radios--list"}),
        choices=[
            (Scope.ALL, "全部：本批次的截止时间整体推迟，也可以新建申报书"),
            (Scope.BEGUN, "已开始填写的申报书：只延长现有的申报书，不再受理新的"),
            (Scope.UNITS, "部分单位：延长这些单位的申报书，这些单位的人员也可以新建"),
            (Scope.PROPOSAL, "一份申报书"),
        ],
    )
    unit_query = LineField(
        label="查找单位",
        max_length=100,
        required=False,
        help_text="用于“部分单位”：输入名称的一部分或完整的统一社会信用代码，点【查找单位】，再勾选；可以多次查找",
    )
    units = UnitsField(
        Unit.objects.registered(),
        label="延期的单位",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    number = LineField(label="申报编号", max_length=40, required=False, help_text="用于“一份申报书”")
    submit_until = MomentField(label="申报截止延至", required=False, help_text="不改变的请留空")
    review_until = MomentField(label="单位审核截止延至", required=False, help_text="不改变的请留空；不能早于申报截止")
    reason = TextField(
        label="延期原因",
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        rows=4,
        span="full",
        help_text="2 至 500 字，相关的负责人和单位会看到",
    )

    def __init__(self, data=None, *, call, typed=None):
        """`data` is checked; `typed` is only shown again."""
        initial = {"form_key": uuid4(), "scope": Scope.ALL}
        shown = typed if typed is not None else data
        if typed is not None:
            initial |= {name: typed[name] for name in self.base_fields if name in typed and name != "units"}
            initial["units"] = [pk for pk in typed.getlist("units") if _is_number(pk)]
        self.call, self.proposal = call, None
        super().__init__(data, initial=initial)
        self._offer_units(shown)

    def _offer_units(self, shown):
        self.found, self.more_found, self.search = [], False, ""
        ticked = [pk for pk in shown.getlist("units") if _is_number(pk)][:MOST_UNITS] if shown is not None else []
        if shown is not None:
            try:
                self.search = clean_line(shown.get("unit_query", ""), max_length=100)
            except ValidationError:
                self.search = ""
        if self.search:
            found = list(Unit.objects.registered().named_like(self.search)[: UNITS_SHOWN + 1])
            self.found, self.more_found = found[:UNITS_SHOWN], len(found) > UNITS_SHOWN
        offered = {unit.pk: unit for unit in Unit.objects.registered().filter(pk__in=ticked).order_by("name")}
        offered |= {unit.pk: unit for unit in self.found}
        field = self.fields["units"]
        field.choices = [(unit.pk, field.label_from_instance(unit)) for unit in offered.values()]
        self.has_units = bool(offered)

    @property
    def search_answer(self):
        """What the search came to, as a sentence; "" without one."""
        if not self.search:
            return ""
        if not self.found:
            return f"没有查到名称含“{self.search}”的单位。"
        more = f"，只列出前 {UNITS_SHOWN} 个，没有要找的请输入更完整的名称" if self.more_found else ""
        return f"查到 {len(self.found)} 个单位{more}。请勾选要延期的单位。"

    def clean(self):
        cleaned = super().clean()
        scope = cleaned.get("scope")
        if scope == Scope.UNITS and "units" not in self.errors:
            if not cleaned.get("units"):
                self.add_error("unit_query", "请查找并勾选要延期的单位")
            elif len(cleaned["units"]) > MOST_UNITS:
                self.add_error("unit_query", f"一次最多 {MOST_UNITS} 个单位，请分次办理")
        if scope == Scope.PROPOSAL and "number" not in self.errors:
            self._find_proposal(cleaned.get("number"))
        times = {"submit_until", "review_until"}
        if not any(cleaned.get(name) for name in times) and not self.errors.keys() & times:
            self.add_error("submit_until", "请填写申报截止、单位审核截止中的至少一项")
        return cleaned

    def _find_proposal(self, number):
        if not number:
            self.add_error("number", "请填写申报编号")
            return
        self.proposal = Proposal.objects.filter(call=self.call, number=number.upper()).first()
        if self.proposal is None:
            self.add_error("number", "这个批次没有这份申报书，请核对申报编号")

    def target(self):
        """For whom, as `services.extensions.concerned` takes it."""
        scope = self.cleaned_data["scope"]
        units = [unit.pk for unit in self.cleaned_data["units"]] if scope == Scope.UNITS else []
        proposal = self.proposal if scope == Scope.PROPOSAL else None
        return {"scope": Scope(scope), "units": units, "proposal_id": proposal.pk if proposal else None}

    def values(self):
        """What `extend` takes."""
        names = ("form_key", "submit_until", "review_until", "reason")
        return self.target() | {name: self.cleaned_data[name] for name in names}


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) <= 18
