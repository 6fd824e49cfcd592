"""Points in time are read as the driver reads them, and never by a regular expression."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection
from psycopg.types.datetime import TimestamptzLoader

pytestmark = pytest.mark.django_db


def read(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::timestamptz", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2026-11-22 10:13:14+00", datetime(2026, 11, 22, 10, 13, 14, tzinfo=UTC)),
        ("2026-11-22 10:13:14.5+00", datetime(2026, 11, 22, 10, 13, 14, 500_000, tzinfo=UTC)),
        ("2026-11-22 10:13:14.012345+00", datetime(2026, 11, 22, 10, 13, 14, 12_345, tzinfo=UTC)),
        ("2026-11-22 10:13:14.00001+08", datetime(2026, 11, 22, 2, 13, 14, 10, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_point_in_time_without_the_driver(monkeypatch, written, found):
    monkeypatch.delattr(TimestamptzLoader, "load")

    assert read(written) == found
    assert read(written).tzinfo is UTC


def test_nothing_is_nothing():
    assert read(None) is None


@pytest.mark.parametrize("written", ["0044-03-15 00:00:00+00 BC", "10000-01-01 00:00:00+00", "infinity"])
def test_what_python_has_no_date_for_is_refused_as_ever(written):
    with pytest.raises(DataError):
        read(written)


def test_a_session_in_another_zone_is_read_by_the_driver():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Shanghai'")
    beijing = timezone(timedelta(hours=8))

    # Django takes whatever a connection says for UTC.
    assert read("2026-11-22 10:13:14+08") == datetime(2026, 11, 22, 10, 13, 14, tzinfo=beijing).replace(tzinfo=UTC)
