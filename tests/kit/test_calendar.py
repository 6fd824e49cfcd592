"""Working days, against the notices of the State Council."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from zhgg.kit.calendar import announced, is_working_day, knows, working_days_later
from zhgg.kit.checks import holidays_are_known


def at(day, hour=10):
    return timezone.make_aware(datetime.fromisoformat(f"{day}T{hour:02}:00:00"))


@pytest.mark.parametrize(
    ("moment", "days", "due"),
    [
        ("2026-11-23", 3, "2026-11-26"),  # Monday → Thursday
        ("2026-11-18", 3, "2026-11-23"),  # over a weekend
        ("2026-11-21", 3, "2026-11-25"),  # from a Saturday
        ("2026-02-12", 3, "2026-02-24"),  # 春节, with the Saturday worked before it
        ("2026-02-24", 5, "2026-03-02"),  # with the Saturday worked after it
        ("2026-09-30", 1, "2026-10-08"),  # 国庆节
        ("2026-12-31", 1, "2027-01-01"),  # a year that is not announced yet knows weekends alone
    ],
)
def test_so_many_working_days_later_is_17_00_on_that_day(moment, days, due):
    assert working_days_later(at(moment), days) == at(due, 17)


def test_holidays_are_off_and_shifted_weekends_are_worked():
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert not is_working_day(date(2026, 10, 11))
    assert is_working_day(date(2026, 10, 12))


def test_the_table_has_each_announced_year_whole():
    off = sum(1 for day, worked in announced().items() if day.year == 2026 and not worked)
    worked = [day for day, worked in announced().items() if day.year == 2026 and worked]
    assert off == 33
    assert [str(day) for day in worked] == [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ]
    # Nobody announces that a Saturday is worked which was none to begin with.
    assert all(day.weekday() >= 5 for day in worked)
    assert knows(2026)
    assert not knows(1999)


@pytest.mark.parametrize(
    ("today", "unknown"), [(date(2026, 12, 17), []), (date(2026, 12, 18), ["2027"]), (date(2028, 1, 1), ["2028"])]
)
def test_a_year_that_is_not_announced_is_said_before_the_site_goes_out(monkeypatch, today, unknown):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: today)

    problems = holidays_are_known(None)

    assert [problem.id for problem in problems] == ["kit.W002"] * len(unknown)
    assert all(year in problem.msg for problem, year in zip(problems, unknown, strict=True))
