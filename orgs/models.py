"""Units (法人单位), their 二级单位 and the grants by which people act for them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.urls import reverse

from orgs import codes
from orgs.enums import GrantRole
from orgs.queries import DepartmentImportQuerySet, DepartmentQuerySet, GrantQuerySet, UnitQuerySet
from zhgg.kit.fields import EncryptedTextField, SealedModel, to_show
from zhgg.kit.identifiers.id_documents import RESIDENT_ID
from zhgg.kit.partly import PartlyRead


class Unit(SealedModel):
    """A 法人单位. Its identity is the 统一社会信用代码 that 渝快办 verified: a 法人用户 login with that code is it."""

    uscc = models.CharField("统一社会信用代码", max_length=18)
    name = models.CharField("单位名称", max_length=100)
    province = models.CharField("单位所在省市", max_length=6, blank=True)
    district = models.CharField("单位所在区县", max_length=6, blank=True)
    address = models.CharField("通信地址", max_length=200, blank=True)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    registered_on = models.DateField("注册时间", null=True, blank=True)
    registered_capital = models.DecimalField("注册资本", max_digits=18, decimal_places=6, null=True, blank=True)
    paid_in_capital = models.DecimalField("实收资本", max_digits=18, decimal_places=6, null=True, blank=True)
    registration_type = models.CharField("登记注册类型", max_length=3, blank=True)
    nature = models.CharField("单位性质", max_length=2, blank=True)
    legal_rep_name = models.CharField("法定代表人", max_length=100, blank=True)
    legal_rep_id_type = models.CharField("法定代表人证件类型", max_length=2, blank=True)
    legal_rep_id_number = EncryptedTextField("法定代表人证件号码", blank=True)
    new_area = models.CharField("单位所在新区", max_length=4, blank=True)
    industry = models.CharField("行业门类", max_length=3, blank=True)
    contact_name = models.CharField("单位联系人姓名", max_length=50, blank=True)
    contact_mobile = models.CharField("单位联系人手机", max_length=11, blank=True)
    contact_phone = models.CharField("单位联系人办公电话", max_length=25, blank=True)
    email = models.EmailField("E-mail", max_length=100, blank=True)
    keywords = ArrayField(models.CharField(max_length=20), verbose_name="研究领域关键词", default=list, blank=True)
    bank_name = models.CharField("开户银行", max_length=100, blank=True)
    bank_account = EncryptedTextField("银行账号", blank=True)
    bank_code = models.CharField("银行行号", max_length=12, blank=True)
    stated = ArrayField(
        models.CharField(max_length=32),
        verbose_name="渝快办带出的字段",
        default=list,
        blank=True,
        help_text="渝快办登录时给出值的字段；页面上为灰色，单位不能修改。",
    )
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("首次登录时间", auto_now_add=True)
    updated_at = models.DateTimeField("最近更新时间", auto_now=True)
    # Words, not a reference: 渝快办 updates units too, and a person's role then is what mattered.
    updated_by = models.CharField("更新人", max_length=150, blank=True, editable=False)
    suspended_at = models.DateTimeField("停用时间", null=True, blank=True, editable=False)
    suspended_reason = models.CharField("停用原因", max_length=500, blank=True, editable=False)

    objects = UnitQuerySet.as_manager()

    # S5: what the guide stars, and 单位联系人姓名.
    REQUIRED = (
        "contact_name",
        "contact_mobile",
        "contact_phone",
        "email",
        "bank_name",
        "bank_account",
        "bank_code",
    )

    class Meta:
        verbose_name = verbose_name_plural = "法人单位"
        constraints = [
            models.UniqueConstraint(fields=["uscc"], name="unit_uscc_unique"),
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_reason="")
                | (Q(suspended_at__isnull=False) & ~Q(suspended_reason="")),
                name="suspension_has_reason",
            ),
        ]
        indexes = [
            # 工作单位 is searched for by any part of its name: three characters or more are in the first, fewer are
            # looked for in the second, which is all that the answer shows.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="unit_by_part_of_name"),
            models.Index(fields=["name", "id"], include=["uscc"], name="unit_by_name"),
            models.Index(fields=["name", "id"], condition=Q(suspended_at__isnull=False), name="unit_suspended"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The page on which the unit's own people read its 单位信息."""
        return reverse("unit")

    @property
    def scope(self):
        """单位地域: 重庆市内 or 重庆市外, derived from the province."""
        return codes.scope_of(self.province)

    @property
    def bank_holder(self):
        """户名: always the unit's own name (S5)."""
        return self.name

    @property
    def is_suspended(self):
        """Whether 科技局 has suspended the unit (停用): its people read, and nobody submits or decides."""
        return self.suspended_at is not None

    def missing_fields(self):
        """Names of the required fields that are still empty, in the order of the form."""
        return [name for name in self.REQUIRED if not to_show(self, name)]

    def missing(self):
        """Labels of the required fields that are still empty, in the order of the form."""
        return self.labels(self.missing_fields())

    @classmethod
    def labels(cls, names):
        """What pages call the fields of these names."""
        return [cls._meta.get_field(name).verbose_name for name in names]


class Department(PartlyRead):
    """A 二级单位 of a unit. Deleting one ends the row; history keeps the name."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="departments", verbose_name="单位")
    name = models.CharField("二级单位（部门）名称", max_length=60)
    name_key = models.CharField("用于比较的名称", max_length=200, editable=False)
    created_at = models.DateTimeField("新增时间", auto_now_add=True)
    ended_at = models.DateTimeField("删除时间", null=True, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "二级单位"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name_key"], condition=Q(ended_at=None), name="department_name_unique_in_unit"
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The page on which the unit looks at its 二级单位."""
        return reverse("department", args=[self.pk])


class Reminder(models.Model):
    """The unit was told that nobody decides what waits at a 二级单位. The reminders of one are numbered from 1."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="reminders", verbose_name="二级单位")
    number = models.PositiveIntegerField("第几次")
    sent_at = models.DateTimeField("提醒时间")
    waiting = models.PositiveIntegerField("待办")
    waiting_since = models.DateTimeField("无人审核起")

    class Meta:
        verbose_name = verbose_name_plural = "二级单位提醒"
        constraints = [
            # Two workers at once see the same last reminder and write the same number: one of them sends nothing.
            models.UniqueConstraint(fields=["department", "number"], name="one_reminder_number_a_department")
        ]

    def __str__(self):
        return f"{self.department} {self.number}"


class Grant(SealedModel):
    """The right of one person to act for a unit (法人单位授权人) or a 二级单位 (二级单位管理人员), from begin to end.

    Never overwritten: who acted for a unit last March can be answered. The person is known by the keyed digest of the
    证件号码, and need not have logged in yet.
    """

    role = models.CharField("角色", max_length=7, choices=GrantRole.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name="单位")
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="grants", verbose_name="二级单位", null=True, blank=True
    )
    holder_name = models.CharField("姓名", max_length=100)
    holder_mobile = models.CharField("手机号码", max_length=11)
    # A number of 18 places is a 居民身份证's here, also where it stands on a 港澳台居民居住证: they are of one kind.
    holder_id_type = models.CharField("证件类型", max_length=2, default=RESIDENT_ID)
    holder_id_number = EncryptedTextField("证件号码")
    holder_digest = models.CharField("证件号码摘要", max_length=64, editable=False)
    started_at = models.DateTimeField("授权时间")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="授权操作人", null=True, blank=True
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="结束操作人", null=True, blank=True
    )
    end_reason = models.CharField("结束原因", max_length=500, blank=True, help_text="科技局结束授权时填写。")

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(role=GrantRole.AGENT, ended_at=None), name="one_agent_a_unit"
            ),
            models.UniqueConstraint(
                fields=["department"],
                condition=Q(role=GrantRole.MANAGER, ended_at=None),
                name="one_manager_a_department",
            ),
            models.UniqueConstraint(
                fields=["holder_digest"], condition=Q(ended_at=None), name="one_unit_role_a_person"
            ),
            models.CheckConstraint(
                condition=Q(role=GrantRole.AGENT, department=None)
                | Q(role=GrantRole.MANAGER, department__isnull=False),
                name="manager_has_department",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")), name="grant_ends_after_start"
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.holder_name}"


class DepartmentImport(SealedModel):
    """An uploaded list of 二级单位 between preview and 【确认导入】. Gone after an hour, its rows when confirmed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    file_name = models.CharField("文件名", max_length=200)
    # JSON, encrypted: it holds 证件号码.
    rows = EncryptedTextField("内容", blank=True)
    row_count = models.PositiveIntegerField("行数")
    uploaded_at = models.DateTimeField("上传时间", db_default=Now())
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = DepartmentImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "二级单位导入"
        indexes = [models.Index(fields=["uploaded_at"], name="import_by_time")]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        """Its preview; after it was confirmed, the result."""
        return reverse("department-import-preview", args=[self.pk])


class CodeEntry(models.Model):
    """One line of a code table. `columns` are those of its file beside code and name.

    A line is never removed, so that what was filled in stays readable; its dates say when it may be chosen.
    """

    table = models.CharField("码表", max_length=32, choices=codes.titles)
    code = models.CharField("代码", max_length=16)
    name = models.CharField("名称", max_length=200)
    columns = models.JSONField("其他列", default=dict, blank=True)
    position = models.PositiveIntegerField("次序")
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    by_hand = models.BooleanField("人工维护", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "码表"
        ordering = ["table", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["table", "code"], name="one_line_a_code"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
                name="code_begins_before_it_ends",
            ),
        ]

    def __str__(self):
        return f"{self.get_table_display()} {self.code} {self.name}"


class CodeVersion(models.Model):
    """One row: the number that every change of a code table raises. Locked while one is changed."""

    number = models.PositiveBigIntegerField("版本", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "码表版本"

    def __str__(self):
        return str(self.number)
