"""What comes in from 科技局's page of the maintenance switch."""

from django.utils import timezone

from projects.models import Maintenance
from zhgg.kit.formfields.moments import MomentField
from zhgg.kit.formfields.texts import LineField
from zhgg.kit.forms import BaseForm, VersionedFormMixin

DEFAULT_MESSAGE = "系统升级维护"


class MaintenanceForm(VersionedFormMixin, BaseForm):
    """A maintenance to be set, or the one that is set (`current`); one that has begun keeps its beginning."""

    begins_at = MomentField(label="开始", required=False, help_text="空着表示现在开始")
    ends_at = MomentField(label="预计结束", help_text="到时不会自动结束，要点【结束维护】")
    message = LineField(
        label="说明", min_length=2, max_length=100, span="full", help_text="每个人都会看到，例如 系统升级维护"
    )

    def __init__(self, data=None, *, current=None, begun=False):
        stored = current or Maintenance(message=DEFAULT_MESSAGE)
        initial = {name: getattr(stored, name) for name in ("begins_at", "ends_at", "message")}
        initial["version"] = current.version if current else 0
        super().__init__(data, initial=initial, read_only_fields=("begins_at",) if begun else ())
        if begun:
            self.fields["begins_at"].help_text = "已经开始"

    def clean_message(self):
        """Without a full stop: the sentence goes on behind it."""
        return self.cleaned_data["message"].rstrip("。.")

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("begins_at"), cleaned.get("ends_at")
        if ends and ends <= max(begins or timezone.now(), timezone.now()):
            self.add_error("ends_at", "预计结束应晚于现在和开始的时间，请核对")
        return cleaned

    def values(self):
        """As the services take them."""
        return {name: self.cleaned_data[name] for name in ("begins_at", "ends_at", "message")}
