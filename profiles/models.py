"""People (个人信息) and the requests by which the reviewed fields of their record are approved."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django_fsm import FSMField, transition

from orgs.models import Department, Unit
from profiles.enums import ProofKind, ReviewState
from profiles.queries import PersonQuerySet, ProofDocumentQuerySet, ReviewRequestQuerySet
from zhgg.kit.crypto import digest
from zhgg.kit.fields import EncryptedTextField, SealedModel
from zhgg.kit.uploads.models import StoredFile

TAIL_LENGTH = 4
"""How many of its last places a 证件号码 or 手机号码 can be found by."""


def id_digests(number):
    """The digests by which a 证件号码 is found: as a whole, and by its last places."""
    return {"id_digest": digest("id_number", number), "id_tail": digest("id_number_tail", number[-TAIL_LENGTH:])}


def mobile_digests(number):
    """The digests by which a 手机号码 is found, likewise."""
    return {"mobile_digest": digest("mobile", number), "mobile_tail": digest("mobile_tail", number[-TAIL_LENGTH:])}


class ReviewedFields(SealedModel):
    """The six fields that need review (S20), 证件号码 with its type and 工作单位 with 二级单位.

    证件号码, 工作单位, 最高学历, 最高学位, 职称, 职务.
    """

    id_type = models.CharField("证件类型", max_length=2, blank=True)
    id_number = EncryptedTextField("证件号码", blank=True)
    id_digest = models.CharField("证件号码摘要", max_length=64, blank=True, editable=False)
    # What inherits it has an index that begins with it.
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="%(class)s_set",
        db_index=False,
        verbose_name="工作单位",
        null=True,
        blank=True,
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="%(class)s_set", verbose_name="二级单位（部门）", null=True, blank=True
    )
    education = models.CharField("最高学历", max_length=3, blank=True)
    degree = models.CharField("最高学位", max_length=3, blank=True)
    title_level = models.CharField("职称", max_length=3, blank=True)
    position = models.CharField("职务", max_length=50, blank=True)

    REVIEWED = ("id_type", "id_number", "unit", "department", "education", "degree", "title_level", "position")

    class Meta:
        abstract = True


class Person(ReviewedFields):
    """The 个人信息 of one 个人用户. The inherited six fields hold the approved record, empty until the first approval.

    Everything else is in force once saved.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="person", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=100)
    sex = models.CharField("性别", max_length=1, blank=True)
    nationality = models.CharField("国籍/地区", max_length=3, blank=True)
    ethnicity = models.CharField("民族", max_length=2, blank=True)
    political_status = models.CharField("政治面貌", max_length=2, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    major = models.CharField("专业", max_length=50, blank=True)
    mobile = models.CharField("手机", max_length=11, blank=True)
    mobile_digest = models.CharField("手机摘要", max_length=64, blank=True, editable=False)
    mobile_tail = models.CharField("手机后四位摘要", max_length=64, blank=True, editable=False)
    office_phone = models.CharField("办公电话", max_length=25, blank=True)
    email = models.EmailField("Email", max_length=100, blank=True)
    qq = models.CharField("QQ", max_length=12, blank=True)
    wechat = models.CharField("微信", max_length=20, blank=True)
    approved_at = models.DateTimeField("审核通过时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("首次登录时间", auto_now_add=True)
    updated_at = models.DateTimeField("最近更新时间", auto_now=True)

    # In force once saved; what is in ReviewedFields.REVIEWED goes through a request.
    UNREVIEWED = (
        *("sex", "nationality", "ethnicity", "political_status", "birth_date", "major"),
        *("mobile", "office_phone", "email", "qq", "wechat"),
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人信息"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(unit__isnull=False), name="approved_person_has_unit"
            )
        ]
        indexes = [
            models.Index(fields=["unit"], name="person_of_unit"),
            models.Index(fields=["name"], opclasses=["text_pattern_ops"], name="person_by_name"),
            models.Index(fields=["id_digest"], name="person_by_id_number"),
            models.Index(fields=["mobile_digest"], name="person_by_mobile"),
            models.Index(fields=["mobile_tail"], name="person_by_mobile_tail"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The page on which a person reads their own record."""
        return reverse("person")

    @property
    def is_approved(self):
        """Whether an approved record is in force."""
        return self.approved_at is not None


class ProofDocument(StoredFile):
    """A certificate that a person attaches (佐证材料).

    What is current goes with every request that the person makes, and stays with it for good: the file of a request is
    never changed or removed, it is only no longer current.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="documents", verbose_name="个人")
    kind = models.CharField("种类", max_length=10, choices=ProofKind.choices)
    taken_off_at = models.DateTimeField(
        "移除时间", null=True, blank=True, help_text="不再随之后的提交送审；此前的提交仍附有它。"
    )

    objects = ProofDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"

    def get_absolute_url(self):
        """Where the file is downloaded."""
        return reverse("document", args=[self.pk])


class ReviewRequest(ReviewedFields):
    """One submission of the reviewed fields: what the person wants them to be, who reviews it, and the decision.

    `unit` with `reviewing_department` is the route, fixed when the request is made: with a department that one reviews,
    without it the unit does.
    """

    # Found by request_by_person.
    person = models.ForeignKey(Person, models.PROTECT, related_name="requests", db_index=False, verbose_name="个人")
    # Follows the person's name: a reviewer's list of thousands is searched by it without a look at each person.
    person_name = models.CharField("姓名", max_length=100, editable=False)
    id_tail = models.CharField("证件号码后四位摘要", max_length=64, blank=True, editable=False)
    state = FSMField("状态", max_length=8, choices=ReviewState.choices, default=ReviewState.PENDING, protected=True)
    reviewing_department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name="审核的二级单位", null=True, blank=True
    )
    listed = models.BooleanField(
        "在审核列表中", default=True, help_text="同一人在同一审核方只列出最近一次提交；较早的留作记录。"
    )
    submitted_at = models.DateTimeField("提交时间")
    updated_at = models.DateTimeField("最近更新时间")
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    # Nobody looks for what somebody has decided but in the audit trail, and accounts are never deleted.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name="审核人",
        null=True,
        blank=True,
    )
    decider_name = models.CharField("审核人姓名", max_length=100, blank=True)
    decider_role = models.CharField("审核人角色", max_length=20, blank=True)
    reason = models.CharField("驳回原因", max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(
        "改回时间", null=True, blank=True, help_text="本人改回已生效的内容，不再请求审核（待审核或审核不通过之后）。"
    )

    documents = models.ManyToManyField(ProofDocument, related_name="requests", verbose_name="佐证材料", blank=True)

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人信息审核"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=ReviewState.PENDING), name="one_open_request_a_person"
            ),
            models.CheckConstraint(condition=Q(unit__isnull=False), name="request_has_unit"),
            models.CheckConstraint(
                condition=~Q(state__in=[ReviewState.APPROVED, ReviewState.REJECTED]) | Q(decided_at__isnull=False),
                name="decision_has_time",
            ),
            models.CheckConstraint(condition=~Q(state=ReviewState.REJECTED) | ~Q(reason=""), name="refusal_has_reason"),
        ]
        indexes = [
            # A reviewer's whole list, with all that it is searched, sorted and counted by.
            models.Index(
                fields=["unit", "reviewing_department", "state", "-updated_at", "-id"],
                include=["person", "person_name", "department", "submitted_at", "listed"],
                name="request_of_reviewer",
            ),
            models.Index(fields=["person", "-id"], name="request_by_person"),
            models.Index(fields=["id_digest"], name="request_by_id_number"),
            models.Index(fields=["id_tail"], name="request_by_id_tail"),
        ]

    def __str__(self):
        return f"{self.person.name} {self.get_state_display()}"

    def get_absolute_url(self):
        """The review page."""
        return reverse("review", args=[self.pk])

    @transition(field=state, source=ReviewState.PENDING, target=ReviewState.APPROVED)
    def approve(self):
        """审核通过"""

    @transition(field=state, source=ReviewState.PENDING, target=ReviewState.REJECTED)
    def reject(self):
        """审核不通过"""

    @transition(field=state, source=ReviewState.PENDING, target=ReviewState.REPLACED)
    def replace(self):
        """The person saved again while this request waited."""
