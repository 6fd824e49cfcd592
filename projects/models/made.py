"""A PDF that the worker makes."""

from django.db import models
from django.db.models import Q

from projects.enums import PaperState
from zhgg.kit.uploads.labels import LABEL_BYTES
from zhgg.kit.uploads.models import StoredFile

READY_HAS_FILE = Q(state=PaperState.READY, storage_name__isnull=False, uploaded_at__isnull=False) | (
    ~Q(state=PaperState.READY) & Q(storage_name=None)
)
"""The condition that each table of them has as a constraint."""


class MadePdf(StoredFile):
    """A PDF that is asked for, being made, or made (`services.made_pdfs`). What is not made yet has no file."""

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
        abstract = True
