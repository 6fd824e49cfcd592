"""What comes in from the pages of 申报书, beside the tabs themselves (those are in `sections`)."""

from datetime import datetime, time

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone

from orgs import codes
from orgs.enums import Role
from projects.enums import LimitRole, Tab
from projects.models import Call, CallFile, Limit
from projects.services.call_files import LIMITS
from projects.services.decisions import CORRECTION_WORKING_DAYS
from projects.workflow import DECLINE, SEND_BACK
from zhgg.kit.calendar import CLOSING_HOUR, working_days_later
from zhgg.kit.formfields.days import DateField, tomorrow
from zhgg.kit.formfields.rows import RowSelect, RowsSelect
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.forms import BaseForm, VersionField
from zhgg.kit.text import clean_text
from zhgg.kit.uploads.fields import UploadField
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

OTHER = "A99"
"""其他（须填写）"""
REASON_LABELS = {SEND_BACK.key: "退回原因", DECLINE.key: "不予受理的原因"}


class ApplyForm(BaseForm):
    """【我要申报】: nothing but the number of the form, so that a double click makes one draft."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)


class CopyForm(ApplyForm):
    """【复制到新批次】: which of the open calls, and the number of the form, so that a double click makes one draft."""

    call = forms.ChoiceField(label="复制到", widget=forms.RadioSelect)

    def __init__(self, *args, calls, **options):
        super().__init__(*args, **options)
        self.fields["call"].choices = [(str(call.pk), _call_and_deadline(call)) for call in calls]


def _call_and_deadline(call):
    return f"{call.name}（{timezone.localtime(call.closes_at):%Y-%m-%d %H:%M} 截止）"


class AttachmentForm(BaseForm):
    """One file of a `projects.attachments.Kind`; several of these forms stand on one page. Cleans to a checked upload
    as `file`."""

    def __init__(self, *args, kind, **options):
        self.kind = kind
        super().__init__(*args, auto_id=f"id_{kind.code}_%s", **options)
        self.fields["file"] = UploadField(limits=kind.limits, label=kind.name)
        self.fields["file"].help_text += f"，最多 {kind.most} 个"


class CallFileForm(BaseForm):
    """A file for the guide page of a call, in the Django admin."""

    call = forms.ModelChoiceField(
        Call.objects.all(), label="申报批次", widget=RowSelect(CallFile._meta.get_field("call"), admin.site)
    )
    file = UploadField(limits=LIMITS, label="文件")

    def values(self):
        """What `add_call_file` takes."""
        return {"call_id": self.cleaned_data["call"].pk, "upload": self.cleaned_data["file"]}


class LimitForm(BaseForm):
    """A 限项, in the Django admin."""

    name = LineField(label="名称", max_length=100)
    role = forms.ChoiceField(label="统计口径", choices=LimitRole.choices)
    number = forms.IntegerField(label="最多几项", min_value=1, max_value=999)
    calls = forms.ModelMultipleChoiceField(
        Call.objects.all(),
        label="一并统计的批次",
        widget=RowsSelect(Limit._meta.get_field("calls"), admin.site),
        help_text="按批次名称或申报编号前缀查找，可以选择多个",
    )

    def values(self):
        """What `save_limit` takes."""
        return {"values": self.cleaned_data}


class VersionForm(BaseForm):
    """The version of the tab that the PI's form was made from."""

    version = VersionField()


class DecisionForm(BaseForm):
    """One action on an 申报书: the last step that was seen, and what the action asks for.

    Only 科技局 sets a 补正截止, with its 退回: a new form proposes one, counted from `now`.
    """

    seen_step = VersionField()
    reason = TextField(min_length=REASON_MIN, max_length=REASON_MAX, span="full", help_text="2 至 500 字，负责人会看到")
    correction_due = DateField(
        label="补正截止日期",
        min_day=tomorrow,
        help_text=f"负责人、二级单位和单位都须在当天 {CLOSING_HOUR}:00 前办理完毕",
    )

    def __init__(self, *args, action, actor, now=None, **kwargs):
        super().__init__(*args, **kwargs)
        if action.needs_reason:
            self.fields["reason"].label = REASON_LABELS[action.key]
        else:
            del self.fields["reason"]
        if action is SEND_BACK and actor.role == Role.BUREAU:
            if now:
                due = working_days_later(now, CORRECTION_WORKING_DAYS)
                self.fields["correction_due"].initial = timezone.localtime(due).date()
        else:
            del self.fields["correction_due"]

    @property
    def decision(self):
        """What `perform` takes of this form."""
        return self.cleaned_data

    def clean_correction_due(self):
        """The close of business of the chosen day."""
        day = self.cleaned_data["correction_due"]
        return day and timezone.make_aware(datetime.combine(day, time(CLOSING_HOUR)))


class ReasonedForm(DecisionForm):
    """A decision that needs a reason, with the templates of the code table (退回原因) to tick.

    `cleaned_data["reason"]` is the whole: what was ticked, then what was typed. `inserted` names those that the script
    has put into the typed text already, where they may have been edited. `tabs` are those that the ticked ones point
    to; a 不予受理 points to none.
    """

    templates = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    inserted = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    field_order = ["templates"]

    def __init__(self, *args, action, **kwargs):
        super().__init__(*args, action=action, **kwargs)
        self.asks_reason, self.points_to_tabs = True, action is SEND_BACK
        choices = _templates()
        templates, reason = self.fields["templates"], self.fields["reason"]
        templates.label = f"常用{REASON_LABELS[action.key]}"
        templates.help_text = "可多选，勾选的会写进下面的原因，可以修改"
        templates.span = "full"
        templates.choices = self.fields["inserted"].choices = [(code, row["name"]) for code, row in choices.items()]
        # Whether something was ticked or typed is asked of both together.
        reason.required, reason.starred, reason.min_length = False, True, 0

    def clean(self):
        cleaned = super().clean()
        if not self.asks_reason or self.errors.keys() & {"reason", "templates", "inserted"}:
            return cleaned
        ticked, written = cleaned.get("templates", []), cleaned.get("inserted", [])
        rows = _templates()
        front = [rows[code]["name"] for code in rows if code in ticked and code not in written and code != OTHER]
        typed = cleaned["reason"]
        if OTHER in ticked and not typed:
            self.add_error("reason", "勾选了“其他”，请填写原因")
            return cleaned
        whole = "\n".join(part for part in ("；".join(front), typed) if part)
        try:
            whole = clean_text(whole, min_length=REASON_MIN, max_length=REASON_MAX) if whole else ""
        except ValidationError as error:
            self.add_error("reason", error)
            return cleaned
        if not whole:
            self.add_error("reason", "请填写原因，或勾选上面的常用原因")
        return cleaned | {"reason": whole, "tabs": _tabs(ticked) if self.points_to_tabs else []}

    @property
    def decision(self):
        """What `perform` takes of this form."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("templates", "inserted")}


def _templates():
    """`{code: row}` of the 退回原因 for 申报书."""
    table = codes.table("return_reason")
    return {code: row for code, row in table.rows.items() if row["scope"] == "proposal" and table.current(code)}


def _tabs(ticked):
    wanted = {_templates()[code]["target_tab"] for code in ticked}
    return [tab.value for number, tab in enumerate(Tab, start=1) if str(number) in wanted]


def decision_form(data=None, *, action, **options):
    """The form that the action asks for."""
    return (ReasonedForm if action.needs_reason else DecisionForm)(data, action=action, **options)


class BatchForm(ReasonedForm):
    """What the buttons of a batch ask for, in one form: `action` is the one that was pressed, None before."""

    seen_step = None

    def __init__(self, *args, action=None, actor, **kwargs):
        super().__init__(*args, action=SEND_BACK, actor=actor, **kwargs)
        self.asks_reason, self.points_to_tabs = action is not None and action.needs_reason, action is SEND_BACK
        reason, due = self.fields["reason"], self.fields.get("correction_due")
        reason.starred = False
        reason.help_text = "点【退回】时必填，2 至 500 字，各项共用，负责人会看到"
        if actor.role == Role.BUREAU:
            reason.label = "退回或不予受理的原因"
            reason.help_text = "点【退回】【不予受理】时必填，2 至 500 字，各项共用，负责人会看到"
            self.fields["templates"].label = "常用原因"
        if due:
            due.required = action is SEND_BACK
            due.help_text = f"只用于【退回】：负责人、二级单位和单位都须在当天 {CLOSING_HOUR}:00 前办理完毕"

    def asked_by(self, action):
        """Of what was filled in, what this action asks for."""
        names = {"reason", "tabs"} if action.needs_reason else set()
        names |= {"correction_due"} if action is SEND_BACK else set()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if name in names}
