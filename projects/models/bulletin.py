"""Announcements (通知公告) of 科技局, and what was changed about them."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from projects.enums import Audience
from projects.models.changes import Change
from projects.queries import AnnouncementQuerySet


class Announcement(models.Model):
    """A 公告: what it says, to whom, and from when until when (exclusive; None: until it is taken back).

    `published` is what 【发布】 and 【收回】 set; it is shown within its window alone.
    """

    title = models.CharField("标题", max_length=100)
    audience = ArrayField(models.CharField(max_length=8, choices=Audience.choices), verbose_name="谁能看到")
    pinned = models.BooleanField("置顶", default=False)
    shows_from = models.DateTimeField("开始展示")
    shows_until = models.DateTimeField("展示截止", null=True, blank=True)
    body = models.TextField("正文")
    published = models.BooleanField("已发布", default=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    form_key = models.UUIDField("新建表单的编号", unique=True, null=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知公告"
        ordering = ["-pinned", "-shows_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shows_until=None) | Q(shows_from__lt=F("shows_until")), name="announcement_times_in_order"
            ),
            models.CheckConstraint(condition=~Q(audience=[]), name="announcement_has_audience"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        """The page for those whom it is for."""
        return reverse("announcement", args=[self.pk])


class AnnouncementChange(Change):
    """What was changed about an announcement, and by whom. Never changed itself."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="changes", verbose_name="通知公告")

    class Meta(Change.Meta):
        verbose_name = verbose_name_plural = "通知公告变更记录"
        triggers = [
            pgtrigger.Protect(name="announcement_change_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self):
        return f"{self.announcement} {self.what}"
