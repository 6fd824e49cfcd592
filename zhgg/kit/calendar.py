"""Working days: Monday to Friday, and what the State Council announces for each year in `holidays.csv`.

The table says which days are off (`off`) and which Saturdays and Sundays are worked instead (`work`, 调休), with the
notice each line comes from. A year is announced in the autumn before it: add its lines then. A year that the table does
not know has weekends and nothing else, and `manage.py check --deploy` says so (kit.W002).
"""

import csv
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

CLOSING_HOUR = 17
TABLE = Path(__file__).with_name("holidays.csv")


@lru_cache(maxsize=1)
def announced():
    """`{day: whether it is worked}` for every day that the table names."""
    days = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
            while day <= last:
                days[day] = {"off": False, "work": True}[row["kind"]]
                day += timedelta(days=1)
    return days


def knows(year):
    """Whether the table has the holidays of the year."""
    return any(day.year == year for day in announced())


def is_working_day(day):
    """Whether the bureau works on this date."""
    return announced().get(day, day.weekday() < 5)


def working_days_later(moment, days):
    """17:00 local time on the `days`-th working day after `moment`."""
    day = timezone.localtime(moment)
    while days:
        day += timedelta(days=1)
        if is_working_day(day.date()):
            days -= 1
    return day.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)
