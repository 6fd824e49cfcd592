"""The line of the audit trail that each export leaves."""

from accounts import audit
from accounts.enums import AuditAction
from accounts.throttles import EXPORT


def note_export(*, actor, name, detail):
    """Write the line of an export of the list called `name`; to be called before anything is read for it.

    Raises TooOften, and writes nothing then, when the account or its address has had too many of all lists together,
    those with full numbers included.
    """
    EXPORT.spend(actor.user_id)
    audit.record(AuditAction.EXPORT, user=actor.user, role=actor.role, unit_id=actor.unit_id, label=name, detail=detail)
