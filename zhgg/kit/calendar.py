"""Working days, without public holidays: those are announced year by year and shift a due date by hand."""

from datetime import timedelta

from django.utils import timezone

CLOSING_HOUR = 17


def working_days_later(moment, days):
    """17:00 local time on the `days`-th working day (Monday to Friday) after `moment`."""
    day = timezone.localtime(moment)
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)
