"""申报书 and the history of its states; 延期 and reminders, which concern its deadlines."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django_fsm import FSMField, transition

from orgs.models import Department, Unit
from profiles.models import Person
from projects.enums import DeadlineTask, Scope, State, Tab
from projects.models.calls import Call
from projects.queries import ExtensionQuerySet, ProposalQuerySet
from zhgg.kit.letters import Letters
from zhgg.kit.partly import PartlyRead


class Proposal(PartlyRead):
    """An 申报书. `unit` and `department` follow the PI's approved record while it was never submitted; afterwards they
    are those of the last submission.

    `state` is changed by `projects.services.decisions.perform` alone.
    """

    # Those without an index of their own have one below that begins with them: each index costs every batch.
    call = models.ForeignKey(Call, models.PROTECT, related_name="proposals", db_index=False, verbose_name="申报批次")
    pi = models.ForeignKey(Person, models.PROTECT, related_name="proposals", db_index=False, verbose_name="负责人")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="proposals", db_index=False, verbose_name="申报单位")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="proposals",
        db_index=False,
        verbose_name="二级单位",
        null=True,
        blank=True,
    )
    number = models.CharField("申报编号", max_length=40, unique=True)
    title = models.CharField("项目名称", max_length=60, blank=True)
    title_key = models.CharField("用于比较的项目名称", max_length=200, blank=True, editable=False)
    category = models.CharField("项目类别", max_length=50, blank=True)
    tech_field = models.CharField("技术领域", max_length=8, blank=True)
    funding = models.DecimalField("申请经费（万元）", max_digits=10, decimal_places=2, null=True, blank=True)
    state = FSMField("状态", max_length=10, choices=State.choices, default=State.DRAFT, protected=True)
    state_since = models.DateTimeField("进入本状态时间")
    step_count = models.PositiveIntegerField("最近一步的序号", default=0)
    last_action = models.CharField("最近一步的办理", max_length=20, blank=True)
    submission_count = models.PositiveIntegerField("提交次数", default=0)
    submitted_at = models.DateTimeField("最近提交时间", null=True, blank=True)
    returned_from = models.CharField("退回的环节", max_length=10, choices=State.choices, blank=True)
    return_reason = models.CharField("退回原因", max_length=500, blank=True)
    return_tabs = ArrayField(
        models.CharField(max_length=12, choices=Tab.choices), verbose_name="须修改的页签", default=list, blank=True
    )
    correction_due = models.DateTimeField("补正截止", null=True, blank=True)
    submit_until = models.DateTimeField("申报截止延至", null=True, blank=True, editable=False)
    review_until = models.DateTimeField("单位审核截止延至", null=True, blank=True, editable=False)
    accepted_number = models.CharField("受理编号", max_length=40, unique=True, null=True, blank=True, editable=False)
    form_key = models.UUIDField("新建表单的编号", unique=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("最近更新时间")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报书"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.DEPARTMENT) | Q(department__isnull=False),
                name="department_review_has_department",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(submission_count__gte=1), name="submitted_proposal_was_submitted"
            ),
        ]
        indexes = [
            # What the numbers over a list are counted by is in its index: thousands are counted for each page.
            models.Index(
                fields=["unit", "state", "-updated_at", "-id"],
                include=["call", "pi", "correction_due", "review_until"],
                name="proposal_of_unit",
            ),
            models.Index(
                fields=["department", "state", "-updated_at", "-id"],
                include=["call", "pi", "correction_due", "review_until"],
                name="proposal_of_department",
            ),
            models.Index(fields=["pi", "-updated_at", "-id"], name="proposal_of_pi"),
            # Not wider: 科技局 counts all there are for each page, and looks for words more rarely.
            models.Index(fields=["state", "-updated_at", "-id"], include=["call"], name="proposal_of_bureau"),
            # Whatever 申报看板 counts, so that counting all there are reads no row.
            models.Index(
                fields=["call", "state"],
                include=["unit", "tech_field", "state_since", "submitted_at"],
                name="proposal_of_call",
            ),
            models.Index(fields=["call", "title_key"], name="proposal_by_title", condition=~Q(title_key="")),
            # For titles that read alike; for words in them, most of which are shorter than a trigram.
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="proposal_by_title_part"),
            GinIndex(Letters("title"), name="proposal_by_letters"),
        ]

    def __str__(self):
        return self.title or self.number

    def get_absolute_url(self):
        """The page of the 申报书: tabs, progress, and the decision bar for whoever may decide."""
        return reverse("proposal", args=[self.pk])

    @transition(field=state, source=State.DRAFT, target=State.DEPARTMENT)
    def submit_to_department(self):
        """提交, in a unit with 二级单位"""

    @transition(field=state, source=State.DRAFT, target=State.UNIT)
    def submit_to_unit(self):
        """提交, where no 二级单位 stands before the unit"""

    @transition(field=state, source=[State.DEPARTMENT, State.UNIT], target=State.DRAFT)
    def withdraw(self):
        """撤回"""

    @transition(field=state, source=State.DEPARTMENT, target=State.UNIT)
    def pass_to_unit(self):
        """项目申报审核（单位）"""

    @transition(field=state, source=State.UNIT, target=State.BUREAU)
    def pass_to_bureau(self):
        """提交至科技局"""

    @transition(field=state, source=[State.DEPARTMENT, State.UNIT, State.BUREAU], target=State.DRAFT)
    def send_back(self):
        """退回"""

    @transition(field=state, source=State.BUREAU, target=State.ACCEPTED)
    def accept(self):
        """受理"""

    @transition(field=state, source=State.BUREAU, target=State.DECLINED)
    def decline(self):
        """不予受理"""


class Step(models.Model):
    """One line of the history of an 申报书. Written by `perform` alone, never changed."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps", db_index=False, verbose_name="申报书")
    number = models.PositiveIntegerField("序号")
    at = models.DateTimeField("时间")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")
    user_name = models.CharField("办理人姓名", max_length=100)
    capacity = models.CharField("身份", max_length=10)
    place = models.CharField("单位（二级单位）", max_length=170, blank=True)
    action = models.CharField("办理", max_length=20)
    source = models.CharField("办理前状态", max_length=10, choices=State.choices)
    target = models.CharField("办理后状态", max_length=10, choices=State.choices)
    reason = models.CharField("原因", max_length=500, blank=True)
    tabs = ArrayField(
        models.CharField(max_length=12, choices=Tab.choices), verbose_name="须修改的页签", default=list, blank=True
    )
    submission_number = models.PositiveIntegerField("第几次提交")

    class Meta:
        verbose_name = verbose_name_plural = "申报书办理记录"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_step_a_number")]
        triggers = [
            pgtrigger.Protect(name="step_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return f"{self.proposal_id} 第 {self.number} 步 {self.action}"


class Extension(models.Model):
    """A 延期: until when 科技局 lets some 申报书 of a call be submitted or reviewed, and why. Never changed.

    One for everybody moves the times of the call itself. Any other is written onto the 申报书 that it is for
    (`submit_until`, `review_until`); one for units also lets their people begin new ones.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="extensions", verbose_name="申报批次")
    scope = models.CharField("延期范围", max_length=8, choices=Scope.choices)
    units = models.ManyToManyField(Unit, related_name="+", verbose_name="单位", blank=True)
    proposal = models.ForeignKey(
        "Proposal", models.PROTECT, related_name="extensions", verbose_name="申报书", null=True, blank=True
    )
    submit_until = models.DateTimeField("申报截止延至", null=True, blank=True)
    review_until = models.DateTimeField("单位审核截止延至", null=True, blank=True)
    reason = models.CharField("延期原因", max_length=500)
    count = models.PositiveIntegerField("延期的申报书", default=0)
    form_key = models.UUIDField("表单的编号", unique=True, null=True, editable=False)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=100)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(submit_until__isnull=False) | Q(review_until__isnull=False), name="extension_has_time"
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.PROPOSAL, proposal__isnull=False)
                | (~Q(scope=Scope.PROPOSAL) & Q(proposal=None)),
                name="extension_names_its_proposal",
            ),
        ]
        triggers = [pgtrigger.Protect(name="extension_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.call} {self.get_scope_display()}"


class DeadlineReminder(models.Model):
    """Somebody was told, `hours` before `due`, of the `count` 申报书 that they had still to submit or to review."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="收件人")
    task = models.CharField("提醒事项", max_length=6, choices=DeadlineTask.choices)
    due = models.DateTimeField("截止时间")
    hours = models.PositiveSmallIntegerField("提前小时数")
    count = models.PositiveIntegerField("申报书份数")
    sent_at = models.DateTimeField("发送时间")

    class Meta:
        verbose_name = verbose_name_plural = "截止前提醒"
        constraints = [
            # Two workers at once write the same line: one of them sends nothing.
            models.UniqueConstraint(fields=["due", "recipient", "task", "hours"], name="one_reminder_a_deadline")
        ]

    def __str__(self):
        return f"{self.recipient_id} {self.get_task_display()} {self.due} {self.hours}"
