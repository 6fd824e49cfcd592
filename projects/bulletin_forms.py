"""What comes in from 科技局's pages of 通知公告."""

from uuid import uuid4

from django import forms
from django.utils import timezone

from projects.bulletin import EDITED, label_of
from projects.enums import Audience
from projects.models import Announcement
from zhgg.kit.formfields.moments import MomentField
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.forms import BaseForm, VersionedFormMixin

BODY_MAX = 20_000


class AnnouncementForm(VersionedFormMixin, BaseForm):
    """An announcement, new or under change. `typed` is only shown again, without a word about what is missing."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    title = LineField(label=label_of("title"), min_length=4, max_length=100, span="full")
    audience = forms.MultipleChoiceField(
        label=label_of("audience"), choices=Audience.choices, widget=forms.CheckboxSelectMultiple
    )
    shows_from = MomentField(label=label_of("shows_from"), help_text="早于发布时间的，从发布时开始")
    shows_until = MomentField(
        label=label_of("shows_until"), required=False, help_text="到这一刻为止；空着表示一直展示，直到收回"
    )
    pinned = forms.BooleanField(label="置顶：排在其他公告前面", required=False)
    body = TextField(label=label_of("body"), max_length=BODY_MAX, rows=16, span="full")

    def __init__(self, data=None, *, announcement=None, typed=None):
        stored = announcement or Announcement(shows_from=timezone.now())
        initial = {name: getattr(stored, name) for name in EDITED}
        initial |= {"version": announcement.version if announcement else 0, "form_key": uuid4()}
        if typed is not None:
            initial |= {name: self._typed(typed, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self.fields["audience"].span = self.fields["pinned"].span = "full"

    @staticmethod
    def _typed(data, name):
        return data.getlist(name) if name == "audience" else data.get(name, "")

    @classmethod
    def after_conflict(cls, data, *, announcement):
        """The same input over the announcement as somebody else has saved it meanwhile."""
        data = data.copy()
        data["version"] = announcement.version
        return cls(data, announcement=announcement)

    def clean_audience(self):
        """In one order; beside everybody nobody needs to be named."""
        chosen = self.cleaned_data["audience"]
        return [Audience.ALL.value] if Audience.ALL in chosen else [each for each in Audience.values if each in chosen]

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("shows_from"), cleaned.get("shows_until")
        if begins and ends and ends <= begins:
            self.add_error("shows_until", "展示截止应晚于开始展示，请核对")
        return cleaned

    def values(self):
        """Field → value, as the services take it."""
        return {name: self.cleaned_data[name] for name in EDITED}


class SeenForm(VersionedFormMixin, BaseForm):
    """【发布】 and 【收回】: the version that was looked at."""
