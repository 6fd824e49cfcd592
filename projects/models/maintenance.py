"""The maintenance switch (系统维护): when it begins, when it is expected to be over, and when it was."""

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Q


class Maintenance(models.Model):
    """One maintenance. It is announced from when it is set, and lasts from `begins_at` until somebody ends it.

    `ends_at` is what people are told; passing it ends nothing: only whoever works on the system knows that it is done.
    """

    begins_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("预计结束")
    message = models.CharField("说明", max_length=100)
    set_at = models.DateTimeField("设置时间")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设置人", null=True
    )
    set_by_name = models.CharField("设置人姓名", max_length=100)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by_name = models.CharField("结束人姓名", max_length=100, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "系统维护"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(begins_at__lt=F("ends_at")), name="maintenance_times_in_order"),
            models.UniqueConstraint(
                ExpressionWrapper(Q(ended_at=None), BooleanField()),
                condition=Q(ended_at=None),
                name="one_maintenance_at_a_time",
            ),
        ]

    def __str__(self):
        return self.message
