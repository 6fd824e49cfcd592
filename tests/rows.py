"""What the database holds, table by table: for tests that say what is not changed."""

from django.db import connection

NOT_BUSINESS = {"accounts_auditevent", "accounts_throttlecount", "django_session"}
"""Tables that a page may write though nothing is changed: who looked, how often, and until when the login lasts."""


def tables():
    """Names of all other tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall() if name not in NOT_BUSINESS]


def picture():
    """`{table: (number of rows, digest of all that stands in them)}`."""
    parts = [
        f"SELECT '{name}', count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {name} t"
        for name in tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (number, digest) for name, number, digest in cursor.fetchall()}


def changed(before):
    """Names of the tables that are not as they were in `before`, a `picture()`."""
    now = picture()
    return sorted(name for name in now if now[name] != before[name])


def containing(word):
    """`{table: number of rows in which the word stands somewhere}`, of those that have any."""
    parts = [f"SELECT '{name}', count(*) FROM {name} t WHERE t::text LIKE %s" for name in tables()]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [f"%{word}%"] * len(parts))
        return {name: number for name, number in cursor.fetchall() if number}
