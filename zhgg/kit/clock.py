"""The one clock that decides: the database's."""

from django.db import connection


def database_now():
    """The database's present time, aware, to the microsecond.

    `clock_timestamp()`, not `now()`: the latter stands still for the whole transaction, so a submission that waited for
    a lock across the deadline would be taken for on time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
