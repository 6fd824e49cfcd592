"""The particulars of a line of the audit trail in Chinese. Apps above add the words of theirs in `AppConfig.ready()`.

What nobody has words for (numbers of rows, digests) is for machines: it stays in the line and is not shown.
"""

from django.core.exceptions import FieldDoesNotExist

from accounts import reveal
from accounts.enums import AuditAction
from accounts.models import IdentityConflict
from orgs.enums import GrantRole
from orgs.models import Unit

LONGEST = 200
_words = {}


def register(words):
    """Add `{name of the particular: function}`; the function makes of its value what is shown, "" for nothing."""
    _words.update(words)


def in_words(event):
    """What is shown of a line beside action and object, in the order in which the words were registered."""
    detail = dict(event.detail)
    if event.action == AuditAction.LOGIN_REFUSED:
        # For technicians, in English.
        detail.pop("reason", None)
    parts = (word(detail[name]) for name, word in _words.items() if detail.get(name) not in (None, "", [], False))
    return "，".join(filter(None, parts))[:LONGEST]


def choice(choices, sentence="{}"):
    """A function for a particular that holds one of these TextChoices."""
    return lambda value: sentence.format(choices(value).label) if value in choices.values else ""


def changed(names, *models):
    """修改：联系人、邮政编码: these fields of any of the models."""
    return f"修改：{'、'.join(filter(None, (_label(name, models) for name in names)))}"


def _label(name, models):
    for model in models:
        try:
            return model._meta.get_field(name).verbose_name
        except FieldDoesNotExist:
            continue
    return ""


register(
    {
        "entrance": "入口：{}".format,
        "outcome": choice(IdentityConflict.Outcome),
        "role": choice(GrantRole),
        "former_name": "原名称：{}".format,
        "fields": lambda names: changed(names, Unit),
        "superuser": lambda _: "管理员",
        "groups": lambda names: f"组：{'、'.join(names)}",
        "full": lambda _: "含完整号码",
        "rows": "{:,} 行".format,
        "conditions": lambda conditions: f"条件：{'；'.join(conditions)}",
        "page": "第 {:,} 页".format,
        "field": reveal.label_of,
        "reason": "原因：{}".format,
    }
)
