"""The audit trail: one function writes it, a trigger keeps it."""

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


def record_each(action, objects, *, user, role, unit_id, detail):
    """One line for each of many objects to which the same was done, as `record` writes it."""
    context = request_context.current()
    events = [_event(context, action, user, role, unit_id, each, "", detail, True) for each in objects]
    # A column default is an expression, and with expressions Django cannot send thousands of rows as arrays.
    now = database_now()
    for event in events:
        event.at = now
    AuditEvent.objects.bulk_create(events)


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
