"""What the system holds on one person, for themselves (PIPL Art. 45): how parts are told, and those of this app.

Each app says in its `own_data` what its own tables hold; projects.own_data puts them together. What is told is in full,
the person's own 证件号码 included, and what concerns other people is left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.enums import Kind
from accounts.models import IdentityConflict, KeptForm, Notice, PrivacyConfirmation, User
from zhgg.kit.crypto import Undecipherable
from zhgg.kit.fields import to_show


@dataclass(frozen=True)
class Part:
    """One part: its heading, which columns (`app.model.field`) tie its rows to the person, and how it is read.

    `read(user)` yields one dict a row, from Chinese labels to texts, numbers, and dicts and lists of these.
    """

    label: str
    holds: tuple[str, ...]
    read: Callable[[User], Iterable[dict]]


def told(obj, *names):
    """`{label: text}` of fields of a row; choices in words, an empty text for nothing."""
    row = {}
    for name in names:
        field = obj._meta.get_field(name)
        show = getattr(obj, f"get_{name}_display", None)
        row[str(field.verbose_name)] = text(show() if show else to_show(obj, name))
    return row


def text(value):
    """A value as it is told: times to the second in local time, 是 and 否, "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _login(user):
    yield told(user, "issuer", "subject") | {"已核验证件号码": "有" if user.identity_digest else "没有"}
    for conflict in IdentityConflict.objects.filter(account=user).order_by("pk"):
        # Whose name the refused login brought is that person's.
        yield {"账号核实": conflict.get_reason_display()} | told(
            conflict, "at", "state", "outcome", "outcome_reason", "settled_at"
        )


def _confirmations(user):
    for confirmation in PrivacyConfirmation.objects.filter(user=user).order_by("pk"):
        yield told(confirmation, "version", "at")


def _messages(user):
    for notice in Notice.objects.filter(recipient=user).order_by("pk").iterator():
        yield told(notice, "created_at", "subject", "body", "read_at")


def _kept_forms(user):
    for form in KeptForm.objects.filter(user=user).order_by("pk"):
        row = told(form, "path", "kept_at", "kept_until", "had_files")
        try:
            yield row | {"内容": form.content}
        except Undecipherable:
            yield row


PARTS = (
    Part("登录身份", ("accounts.identityconflict.account",), _login),
    Part("个人信息保护告知的确认", ("accounts.privacyconfirmation.user",), _confirmations),
    Part("消息", ("accounts.notice.recipient",), _messages),
    Part("超时后保留的表单", ("accounts.keptform.user",), _kept_forms),
)


def has_own_data(user):
    """Whether the user is a person who may ask for it: 个人用户. A 法人单位 is none, and staff ask the bureau."""
    return user.kind == Kind.PERSON
