"""One line of a history of changes, as calls and announcements keep one."""

from django.conf import settings
from django.db import models


class Change(models.Model):
    """What was changed, when and by whom; never changed itself. What it is about has it as `changes`.

    Each table of its own says so with a trigger in its Meta.
    """

    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=100)
    what = models.CharField("办理", max_length=20)
    values = models.JSONField("内容", default=list, help_text="[[项目, 原值, 新值], …]")

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]
