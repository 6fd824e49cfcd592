"""The audit trail: one function writes it, a trigger keeps it."""

import json
from dataclasses import dataclass

from django.db import connection

from accounts.models import AuditEvent
from zhgg.kit import request_context
from zhgg.kit.clock import database_now


def record(action, *, user=None, role="", unit_id=None, obj=None, label="", detail=None, ok=True):
    """Write one line: `user` did `action` to `obj` in `role`; returns the AuditEvent.

    Call it inside the transaction of the write that it records, so that both stand or neither does; a refusal is
    recorded after the refused transaction has ended. `obj` is a model instance, `label` names it (its `str` by
    default); `detail` is a small JSON dict and never holds a 证件号码, phone or bank number. Address and reference
    number come from the present request.
    """
    event = _event(request_context.current(), action, user, role, unit_id, obj, label, detail, ok)
    event.save(force_insert=True)
    return event


@dataclass(frozen=True)
class Line:
    """What one line of many says of its own, for `record_lines`."""

    object_id: int
    label: str
    unit_id: int | None
    detail: dict


def record_lines(action, model, lines, *, user, role):
    """One line for each of many rows of `model`, as `record` writes it, in one statement."""
    if not lines:
        return
    own = [
        {"unit_id": each.unit_id, "object_id": each.object_id, "object_label": each.label[:200], "detail": each.detail}
        for each in lines
    ]
    # One JSON text: thousands of texts take long to write into a statement as an array.
    select = """
        SELECT * FROM jsonb_to_recordset(%s::jsonb)
            AS line (unit_id bigint, object_id text, object_label text, detail jsonb)
    """
    record_selected(action, model, select, [json.dumps(own)], user=user, role=role)


def record_selected(action, model, select, parameters, *, user, role):
    """As `record_lines`, of what the database finds itself.

    `select` with its `parameters` yields for each line: id of the unit, id of the object as text, the words that name
    it (at most 200 letters), and its detail as jsonb. It is a constant of the caller, never made of what people sent.
    """
    context = request_context.current()
    statement = f"""
        INSERT INTO accounts_auditevent (
            at, action, user_id, actor_label, role, unit_id, object_type, object_id, object_label, detail, ok, address,
            request_id
        )
        SELECT %s, %s, %s, %s, %s, unit_id, %s, object_id, object_label, detail, true, %s::inet, %s
        FROM ({select}) AS line (unit_id, object_id, object_label, detail)
    """  # nosec B608: the select is a constant
    shared = [database_now(), action, user.pk, str(user)[:150], str(role), model._meta.label_lower]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*shared, context.address, context.request_id, *parameters])


def _event(context, action, user, role, unit_id, obj, label, detail, ok):
    if user is not None and not user.is_authenticated:
        user = None
    if obj is not None and not label:
        label = str(obj)
    return AuditEvent(
        action=action,
        user_id=user.pk if user is not None else None,
        actor_label=str(user)[:150] if user is not None else "",
        role=str(role),
        unit_id=unit_id,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=label[:200],
        detail=detail or {},
        ok=ok,
        address=context.address,
        request_id=context.request_id,
    )
