"""The PDF of all that the system holds on a person, for that person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.enums import PaperState
from zhgg.kit.uploads.labels import LABEL_BYTES
from zhgg.kit.uploads.models import StoredFile


class DataCopy(StoredFile):
    """A person's own data as PDF: asked for, being made, or made. One a person; it is removed after a day.

    What is not made yet has no file.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="本人")
    state = models.CharField("状态", max_length=8, choices=PaperState.choices, default=PaperState.WAITING)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    asked_at = models.DateTimeField("要求时间")
    storage_name = models.CharField("存储名", max_length=32, unique=True, null=True, editable=False)  # noqa: DJ001
    label = models.CharField("文件名", max_length=LABEL_BYTES, blank=True)
    content_type = models.CharField("类型", max_length=30, blank=True)
    size = models.PositiveIntegerField("大小（字节）", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    uploaded_at = models.DateTimeField("生成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "我的数据 PDF"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PaperState.READY, storage_name__isnull=False, uploaded_at__isnull=False)
                | (~Q(state=PaperState.READY) & Q(storage_name=None)),
                name="ready_copy_has_file",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="copy_by_time")]

    def __str__(self):
        return f"{self.user_id} {self.get_state_display()}"

    def get_absolute_url(self):
        """The page on which the person waits for it."""
        return reverse("own-data")
