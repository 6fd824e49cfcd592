"""Calls (申报批次): what may be applied for and until when, what was changed about it, its files, and 限项."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from projects.enums import BudgetMode, LimitRole, Tab
from projects.models.changes import Change
from projects.queries import CallQuerySet
from zhgg.kit.kept import Given, Kept
from zhgg.kit.partly import PartlyRead
from zhgg.kit.uploads.models import StoredFile


def all_tabs():
    """Every tab, in order: what a call asks for unless it says otherwise."""
    return list(Tab.values)


def usual_attachments():
    """What every 申报书 needs unless the call says otherwise: 科研诚信承诺书, 申报单位承诺与审查意见页."""
    return ["01", "05"]


class Call(PartlyRead):
    """An 申报批次: what may be applied for, and until when. Times are exclusive: at the stroke it is over."""

    name = models.CharField("批次名称", max_length=100)
    kind = models.CharField("计划类别", max_length=50)
    number_prefix = models.CharField("申报编号前缀", max_length=20)
    guide = models.TextField("申报指南", blank=True, help_text="可用 Markdown：标题、列表、表格、链接、粗体。")
    directions = ArrayField(models.CharField(max_length=100), verbose_name="指南方向", default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=50), verbose_name="项目类别", default=list, blank=True)
    tabs = ArrayField(
        models.CharField(max_length=12, choices=Tab.choices),
        verbose_name="申报书页签",
        default=all_tabs,
        help_text="本批次要填写的页签。",
    )
    required_attachments = ArrayField(
        models.CharField(max_length=2),
        verbose_name="必备附件",
        default=usual_attachments,
        blank=True,
        help_text="附件类型的代码。有合作单位、涉及伦理、有自筹经费等情形才需要的附件，系统自动判断。",
    )
    max_months = models.PositiveSmallIntegerField("实施周期上限（月）", default=36)
    earliest_start = models.CharField(
        "最早开始年月", max_length=7, blank=True, help_text="例如 2027-01；空着表示不限。"
    )
    budget_mode = models.CharField("预算方式", max_length=8, choices=BudgetMode.choices, default=BudgetMode.DETAILED)
    min_funding = models.DecimalField("申请经费下限（万元）", max_digits=10, decimal_places=2, null=True, blank=True)
    max_funding = models.DecimalField("申请经费上限（万元）", max_digits=10, decimal_places=2, null=True, blank=True)
    min_own_ratio = models.DecimalField(
        "自筹与财政经费之比下限",
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="例如 2 表示自筹经费不少于财政经费的 2 倍；0 表示不要求。",
    )
    partner_province = models.CharField(
        "须有合作单位所在的省市", max_length=6, blank=True, help_text="行政区划代码，例如川渝合作填 510000。"
    )
    advised_age = models.PositiveSmallIntegerField("负责人年龄建议不超过", null=True, blank=True)
    advised_titles = ArrayField(
        models.CharField(max_length=3),
        verbose_name="负责人职称建议",
        default=list,
        blank=True,
        help_text="职称级别代码。",
    )
    opens_at = models.DateTimeField("开始受理")
    closes_at = models.DateTimeField("申报截止")
    review_closes_at = models.DateTimeField("单位审核截止")
    published = models.BooleanField("已发布", default=False)
    accepted_count = models.PositiveIntegerField("已给出的受理编号", default=0, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    form_key = models.UUIDField("新建表单的编号", unique=True, null=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报批次"
        ordering = ["closes_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=models.F("closes_at")) & Q(closes_at__lte=models.F("review_closes_at")),
                name="call_times_in_order",
                violation_error_message="时间顺序应为：开始受理早于申报截止，申报截止不晚于单位审核截止。",
            ),
            models.CheckConstraint(
                condition=Q(min_funding=None) | Q(max_funding=None) | Q(min_funding__lte=models.F("max_funding")),
                name="call_funding_in_order",
                violation_error_message="申请经费的下限应不大于上限。",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The guide page of the call."""
        return reverse("call", args=[self.pk])

    @cached_property
    def own_limits(self):
        """The 限项 that count its 申报书. The locks of a 提交 ask for them first and its check again: they are read
        once."""
        return _LIMITS.rows(call=self.pk)


class CallChange(Change):
    """What was changed about a call, and by whom. Never changed itself."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="changes", verbose_name="申报批次")

    class Meta(Change.Meta):
        verbose_name = verbose_name_plural = "申报批次变更记录"
        triggers = [pgtrigger.Protect(name="call_change_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.call} {self.what}"


class CallFile(StoredFile):
    """A file of the guide page of a call, for everybody who sees the call."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="files", verbose_name="申报批次")
    # Those of Word and Excel are longer than what people upload elsewhere.
    content_type = models.CharField("类型", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "申报通知附件"
        ordering = ["pk"]

    def get_absolute_url(self):
        """Where the file is downloaded."""
        return reverse("call-file", args=[self.call_id, self.pk])


class Limit(models.Model):
    """A 限项: over the 申报书 of these calls together, how many one person may lead or join, or one unit may send.

    What counts is every 申报书 that was submitted and neither came back nor was declined.
    """

    name = models.CharField("名称", max_length=100)
    role = models.CharField("统计口径", max_length=6, choices=LimitRole.choices)
    number = models.PositiveSmallIntegerField("最多几项", validators=[MinValueValidator(1)])
    calls = models.ManyToManyField(Call, related_name="limits", verbose_name="一并统计的批次")

    class Meta:
        verbose_name = verbose_name_plural = "限项"
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="limit_leaves_one")]

    def __str__(self):
        return f"{self.name}（{self.get_role_display()}最多 {self.number} 项）"


_LIMITS = Kept(lambda: Limit.objects.filter(calls=Given("call")), by_key=True)
