"""Plays what is said to have happened days ago through the real services, then sets the clocks of its rows back.

Services stamp rows with the database's present time, and rightly so. The timeline notes when each event began and how
long ago it is said to have been; at the end every time stamp that falls into an event is moved by that much.
Submissions, history and audit are append-only for everybody; the demo's own rows, in the transaction that makes them,
are the one exception, because "waiting for five days" cannot be shown otherwise.
"""

from datetime import timedelta

import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from zhgg.kit.clock import database_now

AGED = (
    "accounts.User",
    "accounts.AuditEvent",
    "accounts.IdentityConflict",
    "accounts.Notice",
    "accounts.PrivacyConfirmation",
    "orgs.Unit",
    "orgs.Department",
    "orgs.Grant",
    "profiles.Person",
    "profiles.ProofDocument",
    "profiles.ReviewRequest",
    "projects.Announcement",
    "projects.AnnouncementChange",
    "projects.Call",
    "projects.CallChange",
    "projects.Extension",
    "projects.Proposal",
    "projects.Section",
    "projects.Attachment",
    "projects.Submission",
    "projects.Step",
)
OPENING, OFFICE_HOURS = timedelta(hours=9), timedelta(hours=8.5)
APPEND_ONLY = (
    "accounts.AuditEvent:append_only",
    "accounts.PrivacyConfirmation:privacy_confirmation_is_kept",
    "projects.AnnouncementChange:announcement_change_is_kept",
    "projects.CallChange:call_change_is_kept",
    "projects.Extension:extension_is_kept",
    "projects.Step:step_is_append_only",
    "projects.Submission:submission_is_frozen",
)


class Timeline:
    """Events with their age in days."""

    def __init__(self):
        self._events = []

    def add(self, days, act, *args):
        """Have `act(*args)` happen `days` days ago. Of two at the same moment, the one added first comes first."""
        self._events.append((days, act, args))

    def play(self):
        """Let everything happen, oldest first, and age what it wrote. Call it once, inside a transaction."""
        moments = []
        for days, act, args in sorted(self._events, key=lambda event: -event[0]):
            moments.append((database_now(), days))
            act(*args)
        end = database_now()
        _age(moments, end)


def _age(moments, end):
    """Move every time stamp of an event back; each event ends where the next begins."""
    begins = [begin for begin, _ in moments]
    rows = [
        (begin, until, begin - _office_time(end, days))
        for (begin, days), until in zip(moments, [*begins[1:], end], strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE demo_moment (begins timestamptz, ends timestamptz, shift interval) ON COMMIT DROP"
        )
        cursor.executemany("INSERT INTO demo_moment VALUES (%s, %s, %s)", rows)
        with pgtrigger.ignore(*APPEND_ONLY):
            for label in AGED:
                cursor.execute(_update(apps.get_model(label)))  # nosec B608: names of columns


def _office_time(end, days):
    """`days` before `end`, moved into the office hours of its day, in the same order. Today is left alone."""
    moment, today = timezone.localtime(end - timedelta(days=days)), timezone.localtime(end).date()
    if moment.date() == today:
        return moment
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + OPENING + (moment - midnight) * (OFFICE_HOURS / timedelta(days=1))


def _update(model):
    """One UPDATE that moves every time stamp of the model's rows; those outside all events (deadlines) stay."""
    columns = [field.column for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)]
    table = connection.ops.quote_name(model._meta.db_table)
    moved = ", ".join(
        f'"{column}" = "{column}" - coalesce((SELECT shift FROM demo_moment'
        f' WHERE {table}."{column}" >= begins AND {table}."{column}" < ends LIMIT 1), interval \'0\')'  # nosec B608: names only
        for column in columns
    )
    return f"UPDATE {table} SET {moved}"  # nosec B608: names only
