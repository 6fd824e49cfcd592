"""The PDF of all that the system holds on a person, for that person."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from projects.models.made import READY_HAS_FILE, MadePdf


class DataCopy(MadePdf):
    """A person's own data as PDF. One a person; it is removed after a day."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="本人")

    class Meta:
        verbose_name = verbose_name_plural = "我的数据 PDF"
        constraints = [
            models.CheckConstraint(condition=READY_HAS_FILE, name="ready_copy_has_file"),
        ]
        indexes = [models.Index(fields=["asked_at"], name="copy_by_time")]

    def __str__(self):
        return f"{self.user_id} {self.get_state_display()}"

    def get_absolute_url(self):
        """The page on which the person waits for it."""
        return reverse("own-data")
