"""Audit lines of what an Actor does."""

from accounts import audit


def record(action, *, actor, obj=None, unit_id=None, detail=None, ok=True):
    """Write one audit line for the actor, inside the transaction of the write that it records."""
    audit.record(action, user=actor.user, role=actor.role, unit_id=unit_id, obj=obj, detail=detail, ok=ok)
