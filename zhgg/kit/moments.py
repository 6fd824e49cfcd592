"""Days and points in time as pages show them."""

from datetime import datetime

from django.utils import timezone


def local(value):
    """A point in time in local time. The site has one time zone, which Django would look up anew each time."""
    return value.astimezone(timezone.get_default_timezone())


def moment(value):
    """A point in time as tables show it: 2026-11-22 10:13, in local time. Nothing for None."""
    if not value:
        return ""
    if not isinstance(value, datetime):
        return value.isoformat()
    return (local(value) if value.tzinfo else value).isoformat(" ", "minutes")[:16]


def day(value):
    """The day of a date or of a point in time: 2026-11-22. Nothing for None."""
    return moment(value)[:10]
