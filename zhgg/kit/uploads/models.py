"""The row of a stored file."""

from django.conf import settings
from django.db import models

from zhgg.kit.uploads.labels import LABEL_BYTES


class StoredFile(models.Model):
    """A file in UPLOAD_ROOT. Make one with the columns of `storage.stored`, and serve it with `serving.serve`.

    The row is made after the file, and the file is removed after the row: whatever breaks in between leaves a file
    without a row, which `orphans.remove_orphans` finds, and never a row without a file.
    """

    storage_name = models.CharField("存储名", max_length=32, unique=True, editable=False)
    label = models.CharField("文件名", max_length=LABEL_BYTES)
    content_type = models.CharField("类型", max_length=30)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人", null=True, blank=True
    )
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        abstract = True

    def __str__(self):
        return self.label
