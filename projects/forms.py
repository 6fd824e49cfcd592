"""What comes in from the pages of 申报书, beside the tabs themselves (those are in `sections`)."""

from datetime import datetime, time

from django import forms
from django.utils import timezone

from orgs.enums import Role
from projects.services.decisions import CORRECTION_WORKING_DAYS
from projects.workflow import DECLINE, SEND_BACK
from zhgg.kit.calendar import CLOSING_HOUR, working_days_later
from zhgg.kit.formfields.days import DateField, tomorrow
from zhgg.kit.formfields.texts import TextField
from zhgg.kit.forms import BaseForm, VersionField
from zhgg.kit.uploads.fields import UploadField
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

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


class VersionForm(BaseForm):
    """The version of the tab that the PI's form was made from."""

    version = VersionField()


class DecisionForm(BaseForm):
    """One action on an 申报书: the last step that was seen, and what the action asks for.

    Only 科技局 sets a 补正截止, with its 退回.
    """

    seen_step = VersionField()
    reason = TextField(min_length=REASON_MIN, max_length=REASON_MAX, span="full", help_text="2 至 500 字，负责人会看到")
    correction_due = DateField(
        label="补正截止日期",
        min_day=tomorrow,
        help_text=f"负责人、二级单位和单位都须在当天 {CLOSING_HOUR}:00 前办理完毕",
    )

    def __init__(self, *args, action, actor, now, **kwargs):
        super().__init__(*args, **kwargs)
        if action.needs_reason:
            self.fields["reason"].label = REASON_LABELS[action.key]
        else:
            del self.fields["reason"]
        if action is SEND_BACK and actor.role == Role.BUREAU:
            due = working_days_later(now, CORRECTION_WORKING_DAYS)
            self.fields["correction_due"].initial = timezone.localtime(due).date()
        else:
            del self.fields["correction_due"]

    def clean_correction_due(self):
        """The close of business of the chosen day."""
        day = self.cleaned_data["correction_due"]
        return day and timezone.make_aware(datetime.combine(day, time(CLOSING_HOUR)))


class BatchForm(DecisionForm):
    """What the buttons of a batch ask for, in one form: `action` is the one that was pressed, None before."""

    seen_step = None

    def __init__(self, *args, action=None, actor, now, **kwargs):
        super().__init__(*args, action=SEND_BACK, actor=actor, now=now, **kwargs)
        reason, due = self.fields["reason"], self.fields.get("correction_due")
        reason.required = action is not None and action.needs_reason
        reason.help_text = "点【退回】时必填，2 至 500 字，各项共用，负责人会看到"
        if actor.role == Role.BUREAU:
            reason.label = "退回或不予受理的原因"
            reason.help_text = "点【退回】【不予受理】时必填，2 至 500 字，各项共用，负责人会看到"
        if due:
            due.required = action is SEND_BACK
            due.help_text = f"只用于【退回】：负责人、二级单位和单位都须在当天 {CLOSING_HOUR}:00 前办理完毕"

    def asked_by(self, action):
        """Of what was filled in, what this action asks for."""
        names = {"reason"} if action.needs_reason else set()
        names |= {"correction_due"} if action is SEND_BACK else set()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if name in names}
