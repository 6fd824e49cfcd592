"""Points in time as they come from PostgreSQL. The driver takes each of them apart with a regular expression, which for
the hundred of a list is as much work as to make its rows of them."""

from datetime import UTC, datetime

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import BaseTzLoader, get_adapters_template


class TimestampLoader(BaseTzLoader):
    """Reads a timestamptz as Django's own does."""

    timezone = UTC

    def load(self, data):
        written = bytes(data)
        if written.endswith(b"+00"):
            try:
                return datetime.fromisoformat(written.decode())
            except ValueError:
                # Before the year 1, or beyond 9999: theirs to refuse.
                pass
        return super().load(data)


def register():
    """Have it read by connections that are made from now on. They are all in UTC (`settings.DATABASES`)."""
    get_adapters_template(settings.USE_TZ, UTC).register_loader("timestamptz", TimestampLoader)
