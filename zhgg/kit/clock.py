"""The one clock that decides: the database's."""

from django.db import connection
from django.db.models import DateTimeField, Func


def database_now():
    """The database's present time, aware, to the microsecond.

    `clock_timestamp()`, not `now()`: the latter stands still for the whole transaction, so a submission that waited for
    a lock across the deadline would be taken for on time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


class ClockNow(Func):
    """The same as a column of a query that is asked anyway: the time at which its row was read."""

    template = "clock_timestamp()"
    output_field = DateTimeField()
