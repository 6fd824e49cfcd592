"""Calls (申报批次), 申报书 and their history."""

import json

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django_fsm import FSMField, transition

from orgs.models import Department, Unit
from profiles.models import Person
from projects.enums import BudgetMode, DeadlineTask, LimitRole, Paper, PaperState, Scope, State, Tab
from projects.fingerprint import digest_of
from projects.queries import AttachmentQuerySet, CallQuerySet, ExtensionQuerySet, ProposalQuerySet
from zhgg.kit.fields import EncryptedTextField, SealedModel
from zhgg.kit.uploads.labels import LABEL_BYTES
from zhgg.kit.uploads.models import StoredFile


def all_tabs():
    """Every tab, in order: what a call asks for unless it says otherwise."""
    return list(Tab.values)


def usual_attachments():
    """What every 申报书 needs unless the call says otherwise: 科研诚信承诺书, 申报单位承诺与审查意见页."""
    return ["01", "05"]


class Call(models.Model):
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


class CallChange(models.Model):
    """What was changed about a call, and by whom. Never changed itself."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="changes", verbose_name="申报批次")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=100)
    what = models.CharField("办理", max_length=20)
    values = models.JSONField("内容", default=list, help_text="[[项目, 原值, 新值], …]")

    class Meta:
        verbose_name = verbose_name_plural = "申报批次变更记录"
        ordering = ["-at", "-pk"]
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


class Proposal(models.Model):
    """An 申报书. `unit` and `department` follow the PI's approved record while it was never submitted; afterwards they
    are those of the last submission.

    `state` is changed by `projects.services.decisions.perform` alone.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="proposals", verbose_name="申报批次")
    # Those without an index of their own have one below that begins with them: each index costs every batch.
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
            models.Index(fields=["call", "title_key"], name="proposal_by_title", condition=~Q(title_key="")),
            # icontains compiles to UPPER(title) LIKE UPPER(…).
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="proposal_by_title_part"),
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


class Section(SealedModel):
    """What the PI has filled into one tab, as last saved. `version` tells two open editors of the same tab apart.

    The content is encrypted as a whole: it names people with their 证件号码 and phone numbers.
    """

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="sections", db_index=False, verbose_name="申报书"
    )
    tab = models.CharField("页签", max_length=12, choices=Tab.choices)
    content = EncryptedTextField("内容")
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报书页签"
        constraints = [models.UniqueConstraint(fields=["proposal", "tab"], name="one_section_a_tab")]

    def __str__(self):
        return f"{self.proposal_id} {self.get_tab_display()}"

    @property
    def data(self):
        """What the tab's form stored: a new dict with every call; assign it whole to change it."""
        return json.loads(self.content or "{}")

    @data.setter
    def data(self, value):
        self.content = json.dumps(value, ensure_ascii=False)


class Submission(SealedModel):
    """What was submitted, frozen: reviewers read this, the PI goes on editing the sections.

    `data` maps each tab to what its form stored, 附件 to what `projects.services.attachments.freeze` says of the files,
    and `projects.snapshot.FRAME` to what was true of the PI and the unit.
    Encrypted as a whole, as in `Section`. `digest` follows `data`; the 校验码 on paper is its beginning.
    """

    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="submissions", db_index=False, verbose_name="申报书"
    )
    number = models.PositiveIntegerField("第几次提交")
    content = EncryptedTextField("内容")
    digest = models.CharField("内容摘要", max_length=64)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申报单位")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="二级单位", null=True)
    submitted_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报书提交"
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_submission_a_number")]
        triggers = [
            pgtrigger.Protect(name="submission_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return f"{self.proposal_id} 第 {self.number} 次提交"

    @property
    def data(self):
        """The frozen content, a new dict with every call."""
        return json.loads(self.content or "{}")

    @data.setter
    def data(self, value):
        self.content = json.dumps(value, ensure_ascii=False)
        self.digest = digest_of(value)


class Printout(StoredFile):
    """A PDF of an 申报书: asked for, being made, or made. There is one row for each `paper` (and, of submissions, each
    `number`); making it again replaces the file.

    `fingerprint` is the digest of what the file prints, so that a change in content, state or layout shows. What is
    not made yet has no file.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="printouts", verbose_name="申报书")
    paper = models.CharField("文件", max_length=12, choices=Paper.choices)
    number = models.PositiveIntegerField("第几次提交", default=0)
    state = models.CharField("状态", max_length=8, choices=PaperState.choices, default=PaperState.WAITING)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    fingerprint = models.CharField("所印内容的摘要", max_length=64, blank=True)
    asked_at = models.DateTimeField("要求时间")
    asked_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="要求的人", blank=True)
    storage_name = models.CharField("存储名", max_length=32, unique=True, null=True, editable=False)  # noqa: DJ001
    label = models.CharField("文件名", max_length=LABEL_BYTES, blank=True)
    content_type = models.CharField("类型", max_length=30, blank=True)
    size = models.PositiveIntegerField("大小（字节）", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    uploaded_at = models.DateTimeField("生成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报书 PDF"
        constraints = [
            models.UniqueConstraint(fields=["proposal", "paper", "number"], name="one_printout_a_paper"),
            models.CheckConstraint(
                condition=Q(state=PaperState.READY, storage_name__isnull=False, uploaded_at__isnull=False)
                | (~Q(state=PaperState.READY) & Q(storage_name=None)),
                name="ready_printout_has_file",
            ),
        ]

    def __str__(self):
        return f"{self.proposal_id} {self.get_paper_display()} {self.number or ''}".strip()


class Attachment(StoredFile):
    """A file of an 申报书 (附件). `kind` is a code of attachment_type.

    It is in the draft, or named by the submissions `first_submission` to `last_submission`, or both: what is taken out
    of the draft stays as long as a submission names it, and one that none names is deleted with its file.
    """

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="attachments", verbose_name="申报书")
    kind = models.CharField("附件类型", max_length=2)
    position = models.PositiveSmallIntegerField("序号")
    in_draft = models.BooleanField("在草稿中", default=True)
    first_submission = models.PositiveIntegerField("从第几次提交", null=True, blank=True)
    last_submission = models.PositiveIntegerField("到第几次提交", null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报书附件"
        constraints = [
            models.CheckConstraint(
                condition=Q(in_draft=True) | Q(last_submission__isnull=False), name="attachment_belongs_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(first_submission=None, last_submission=None)
                | Q(
                    first_submission__isnull=False,
                    last_submission__isnull=False,
                    first_submission__gte=1,
                    last_submission__gte=models.F("first_submission"),
                ),
                name="attachment_submissions_in_order",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="attachment_file_is_fixed",
                fields=["proposal", "kind", "storage_name", "label", "content_type", "size", "sha256"],
            ),
            pgtrigger.Protect(
                name="submitted_attachment_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__last_submission__isnull=False),
            ),
        ]

    def get_absolute_url(self):
        """Where the file is downloaded."""
        return reverse("attachment", args=[self.proposal_id, self.pk])


class Participant(models.Model):
    """Somebody named by the last submission of an 申报书, for the 限项: the PI or a member, by the keyed digest of the
    证件号码. Written with each submission, in its transaction."""

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="participants", db_index=False, verbose_name="申报书"
    )
    digest = models.CharField("证件号码摘要", max_length=64)
    leads = models.BooleanField("负责人")

    class Meta:
        verbose_name = verbose_name_plural = "申报书参与人"
        constraints = [models.UniqueConstraint(fields=["proposal", "digest"], name="one_part_a_person")]
        indexes = [models.Index(fields=["digest"], name="participant_by_person")]

    def __str__(self):
        return f"{self.proposal_id} {'负责人' if self.leads else '成员'}"


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
