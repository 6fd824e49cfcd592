"""What is held on one person, for themselves: the account, the roles that they were given, and what they did."""

from django.apps import apps

from accounts.models import AuditEvent
from accounts.own_data import Part, text, told
from orgs import codes
from orgs.enums import Role
from orgs.models import Grant


def _account(user):
    yield (
        told(user, "kind", "name", "phone", "email")
        | _document(user, "id")
        | told(user, "is_active", "date_joined", "last_login")
    )


def _document(holder, name):
    """证件类型 and 证件号码 in the columns that begin with `name`."""
    kind = codes.table("id_document_type").label(getattr(holder, f"{name}_type"))
    return {"证件类型": kind, "证件号码": text(getattr(holder, f"{name}_number"))}


def _grants(user):
    if not user.identity_digest:
        return
    held = Grant.objects.filter(holder_digest=user.identity_digest).select_related("unit", "department")
    for grant in held.order_by("pk"):
        yield (
            told(grant, "role", "unit", "department", "holder_name", "holder_mobile")
            | _document(grant, "holder_id")
            | told(grant, "started_at", "ended_at", "end_reason")
        )


def _doings(user):
    for event in AuditEvent.objects.filter(user=user).order_by("pk").iterator():
        # The name of the object may be somebody else's.
        yield (
            {"操作": event.action_label}
            | told(event, "at", "ok", "address", "request_id")
            | {
                "身份": Role(event.role).label if event.role in Role.values else event.role,
                "对象类型": _kind_of(event.object_type),
                "对象编号": event.object_id,
            }
        )


def _kind_of(label):
    try:
        return str(apps.get_model(label)._meta.verbose_name) if label else ""
    except (LookupError, ValueError):
        return label


ACCOUNT = Part("账号", (), _account)
PARTS = (Part("授权", (), _grants),)
DOINGS = Part("本人的操作记录", ("accounts.auditevent.user",), _doings)
"""Told last: it is by far the longest."""
