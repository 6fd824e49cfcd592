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
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

REASON_LABELS = {SEND_BACK.key: "退回原因", DECLINE.key: "不予受理的原因"}


class ApplyForm(BaseForm):
    """【我要申报】: nothing but the number of the form, so that a double click makes one draft."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)


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
        return timezone.make_aware(datetime.combine(self.cleaned_data["correction_due"], time(CLOSING_HOUR)))
