"""Accounts, login attempts, the audit trail and messages to users."""

from datetime import timedelta
from importlib import import_module

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from accounts.enums import AuditAction, Kind, audit_action_choices
from accounts.managers import UserManager
from zhgg.kit.fields import EncryptedTextField, SealedModel


class User(SealedModel, AbstractBaseUser, PermissionsMixin):
    """An account. One from 渝快办 *is* (issuer, subject); one of the bureau's staff is its username.

    `identity_digest` and `uscc` are what 渝快办 stated at the latest login: rights hang on them, and a login in which
    渝快办 states none grants nothing. `known_as` remembers the first number ever stated: it keeps one 证件号码 (or
    信用代码) on one account, and shows when an account comes back with another number.
    """

    kind = models.CharField("类别", max_length=6, choices=Kind.choices)
    issuer = models.CharField("认证方", max_length=255, blank=True, editable=False)
    subject = models.CharField("认证方账号", max_length=255, blank=True, editable=False)
    username = models.CharField(
        "登录名", max_length=64, unique=True, error_messages={"unique": "已有这个登录名的账号，请换一个"}
    )
    name = models.CharField("姓名", max_length=100, blank=True)
    phone = models.CharField("手机号码", max_length=32, blank=True)
    email = models.EmailField("E-mail", max_length=254, blank=True)
    id_type = models.CharField("证件类型", max_length=2, blank=True)
    id_number = EncryptedTextField("证件号码", blank=True)
    identity_digest = models.CharField("已核验证件号码的摘要", max_length=64, blank=True, editable=False)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    known_as = models.CharField("首次核验号码的摘要", max_length=64, blank=True, editable=False)
    is_staff = models.BooleanField("可进入管理后台", default=False)
    is_active = models.BooleanField("启用", default=True, help_text="停用后立即不能登录，已登录的也立即失效。")
    date_joined = models.DateTimeField("首次登录时间", db_default=Now(), editable=False)
    # The last of the PrivacyConfirmation rows, here because every request reads this row anyway.
    privacy_version = models.PositiveSmallIntegerField(
        "已确认的个人信息保护告知", default=0, db_default=0, editable=False
    )

    objects = UserManager()

    # How many messages were unread when the session came with the account; None where nobody counted them then.
    unread = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=~Q(subject=""), name="one_account_a_subject"
            ),
            models.UniqueConstraint(fields=["known_as"], condition=~Q(known_as=""), name="one_account_a_number"),
            models.UniqueConstraint(
                fields=["identity_digest"], condition=~Q(identity_digest=""), name="one_account_an_identity"
            ),
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="one_account_a_uscc"),
            models.CheckConstraint(
                condition=Q(identity_digest="") | Q(kind=Kind.PERSON, identity_digest=F("known_as")),
                name="identity_is_the_known_one",
            ),
            models.CheckConstraint(condition=Q(uscc="") | Q(kind=Kind.LEGAL), name="uscc_for_legal_accounts"),
            models.CheckConstraint(
                condition=Q(kind=Kind.STAFF, issuer="", subject="")
                | (~Q(kind=Kind.STAFF) & ~Q(issuer="") & ~Q(subject="")),
                name="subject_unless_staff",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.STAFF) | Q(is_staff=False, is_superuser=False), name="admin_rights_for_staff_only"
            ),
            # "!" marks an unusable password (django.contrib.auth.hashers).
            models.CheckConstraint(
                condition=Q(kind=Kind.STAFF) | Q(password__startswith="!"), name="passwords_for_staff_only"
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        """The name; Django's admin asks for it."""
        return str(self)

    def get_short_name(self):
        """The name; Django's admin asks for it."""
        return str(self)


class Session(AbstractBaseSession):
    """A session of Django's that also knows whose it is, so that the account can be read along with it.

    Who is logged in is what `session_data` says, signed; `user` only says which row to read. It is empty while nobody
    is logged in.
    """

    # No check by the database, as accounts are never deleted: it would have every login wait for who locks an account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="账号",
        null=True,
    )

    class Meta(AbstractBaseSession.Meta):
        # The table of django.contrib.sessions, which therefore is not among our apps.
        db_table = "django_session"
        verbose_name = verbose_name_plural = "会话"

    @classmethod
    def get_session_store_class(cls):
        """Django asks for it."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class LoginAttempt(models.Model):
    """A login that began and has not come back from 渝快办 yet. Taken once, within ten minutes, by the same browser.

    Kept in rows and not in the session: several tabs finish independently, each is used up atomically, and nothing of
    it survives into the session after the login.
    """

    state_digest = models.CharField("state 摘要", max_length=64, unique=True)
    browser_digest = models.CharField("浏览器摘要", max_length=64)
    entrance = models.CharField("入口", max_length=6, choices=Kind.choices)
    nonce = models.CharField(max_length=64)
    code_verifier = models.CharField(max_length=128)
    next = models.CharField("登录后打开", max_length=2000, blank=True)
    started_at = models.DateTimeField("开始时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "进行中的登录"
        indexes = [models.Index(fields=["started_at"], name="attempt_by_start")]

    def __str__(self):
        return f"{self.get_entrance_display()} {self.started_at:%Y-%m-%d %H:%M}"


class PrivacyConfirmation(models.Model):
    """An account confirmed a version of the 个人信息保护告知 (`accounts.privacy`). Never changed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name="账号"
    )
    version = models.PositiveSmallIntegerField("版本")
    at = models.DateTimeField("确认时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "个人信息保护告知的确认"
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="one_confirmation_a_version")]
        triggers = [
            pgtrigger.Protect(name="privacy_confirmation_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self):
        return f"第 {self.version} 版"


class AuditEvent(models.Model):
    """One line of the audit trail: who, when, in which role, what, of what, with what result. Never changed."""

    at = models.DateTimeField("时间", db_default=Now())
    action = models.CharField("操作", max_length=32, choices=audit_action_choices)
    # Accounts are never deleted (PROTECT sees to it); the database's own check costs a batch a quarter of its lines.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="账号",
        null=True,
        blank=True,
    )
    actor_label = models.CharField("操作人", max_length=150, blank=True)
    role = models.CharField("身份", max_length=16, blank=True)
    # A plain number: units live in an app above this one.
    unit_id = models.BigIntegerField("单位编号", null=True, blank=True)
    object_type = models.CharField("对象类型", max_length=64, blank=True)
    object_id = models.CharField("对象编号", max_length=64, blank=True)
    object_label = models.CharField("对象", max_length=200, blank=True)
    detail = models.JSONField("说明", default=dict, blank=True)
    ok = models.BooleanField("成功", default=True)
    address = models.GenericIPAddressField("地址", null=True, blank=True)
    request_id = models.CharField("编号", max_length=16, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["user", "-at"], name="audit_by_user"),
            models.Index(fields=["action", "-at"], name="audit_by_action"),
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_by_object"),
            models.Index(fields=["unit_id", "-at"], name="audit_by_unit"),
            models.Index(fields=["request_id"], name="audit_by_request"),
            models.Index(fields=["object_label"], opclasses=["text_pattern_ops"], name="audit_by_label"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.action_label} {self.actor_label} {self.object_label}".strip()

    @property
    def action_label(self):
        """The Chinese name of the action; the raw word for one that no longer exists."""
        return AuditAction(self.action).label if self.action in AuditAction.values else self.action


class AuditSeal(models.Model):
    """A block of the audit trail and its digest, which goes on from that of the block before (`accounts.sealing`).

    It holds every line above the block before, up to `last_id`. Never changed.
    """

    number = models.PositiveBigIntegerField("区块", primary_key=True)
    first_id = models.BigIntegerField("第一条")
    last_id = models.BigIntegerField("最后一条", unique=True)
    count = models.PositiveIntegerField("条数")
    previous = models.CharField("前一区块的摘要", max_length=64)
    digest = models.CharField("摘要", max_length=64)
    sealed_at = models.DateTimeField("封存时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"
        ordering = ["-number"]
        triggers = [pgtrigger.Protect(name="seal_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.number}（{self.first_id}–{self.last_id}）"


class IdentityConflict(models.Model):
    """A login that was refused because of whose number it brought. 科技局 settles it: binds anew, or refuses for good.

    `account` is the one that holds the number, or that came back with another one; `digest` is of the number brought.
    """

    class Reason(models.TextChoices):
        TAKEN = "taken", "号码已属于另一账号"
        CHANGED = "changed", "账号的号码与首次登录时不同"

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        CLOSED = "closed", "已处理"

    class Outcome(models.TextChoices):
        BOUND = "bound", "重新绑定"
        REFUSED = "refused", "不予绑定"

    at = models.DateTimeField("时间", db_default=Now())
    reason = models.CharField("原因", max_length=7, choices=Reason.choices)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="涉及的账号")
    issuer = models.CharField("认证方", max_length=255)
    subject = models.CharField("认证方账号", max_length=255)
    name = models.CharField("姓名", max_length=100, blank=True)
    digest = models.CharField("号码摘要", max_length=64)
    state = models.CharField("状态", max_length=6, choices=State.choices, default=State.OPEN)
    outcome = models.CharField("结果", max_length=7, choices=Outcome.choices, blank=True)
    outcome_reason = models.CharField("依据", max_length=500, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="处理人", null=True, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "身份冲突"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["state", "-at"], name="conflict_by_state")]
        constraints = [
            # The same refused login repeated is one open conflict, not a hundred.
            models.UniqueConstraint(
                fields=["account", "issuer", "subject", "digest"], condition=Q(state="open"), name="one_open_conflict"
            ),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", settled_at=None)
                | (Q(state="closed", settled_at__isnull=False) & ~Q(outcome="") & ~Q(outcome_reason="")),
                name="closed_conflict_has_outcome",
            ),
        ]

    def __str__(self):
        return f"{self.get_reason_display()}：{self.name}"


class ThrottleCount(models.Model):
    """How often something was done that `accounts.throttles` counts, until `ends_at`, after which it begins anew.

    The table is UNLOGGED: a count is worth no write to the log, and after a crash all begin anew.
    """

    key = models.CharField("计数", max_length=100, primary_key=True)
    count = models.PositiveIntegerField("次数")
    ends_at = models.DateTimeField("重新计数的时间")

    class Meta:
        verbose_name = verbose_name_plural = "频次"
        indexes = [models.Index(fields=["ends_at"], name="throttle_by_end")]

    def __str__(self):
        return f"{self.key}：{self.count}"


class KeptForm(SealedModel):
    """What somebody sent with a form after their session had ended, or while the site was under maintenance. It waits
    until `kept_until` for the same user, is shown in the form at `path` then, and is never acted upon by itself.

    `content` is the JSON list of (name, values) as posted, without the CSRF token; files are not kept, `had_files`
    says that there were some.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="账号")
    path = models.CharField("页面", max_length=200)
    content = EncryptedTextField("内容")
    had_files = models.BooleanField("带有文件", default=False)
    kept_at = models.DateTimeField("时间", db_default=Now())
    kept_until = models.DateTimeField("保留到", db_default=Now() + timedelta(hours=1))

    class Meta:
        verbose_name = verbose_name_plural = "超时后提交的内容"
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="one_kept_form_a_path")]
        indexes = [models.Index(fields=["kept_until"], name="kept_form_by_end")]

    def __str__(self):
        return f"{self.path} {self.kept_at:%Y-%m-%d %H:%M}"


class Notice(models.Model):
    """A message to one user, shown under 消息 and sent by e-mail where the user has an address."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", db_index=False, verbose_name="收件人"
    )
    subject = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=500, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    # Of messages that a job writes: which one. A job that is run again tells nobody twice.
    job = models.BigIntegerField("后台任务", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notice_by_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "recipient"], condition=Q(job__isnull=False), name="one_notice_a_job"
            )
        ]

    def __str__(self):
        return self.subject

    def get_absolute_url(self):
        """Where the message leads; the list of messages when it leads nowhere."""
        return self.url or reverse("messages")
