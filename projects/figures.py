"""申报看板 in numbers: the one place that counts. Each number is that of a list, and says which (`query`)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, DateTimeField, Func, Min, Q, Value
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.functional import cached_property

from orgs import codes
from orgs.models import Unit
from projects.enums import Age, Reached, State
from projects.queries import AGE_DAYS, WAITING
from zhgg.kit import counts

TOP_UNITS, NAMED_LATE = 20, 10
SECONDS = 120
"""For so long the large numbers of 申报看板 stand: to count 1,000,000 in four ways takes about a second."""
LAST_HOURS = 48
"""So many hours before 申报截止 are counted one by one."""
FIELD_DIGITS = 2
"""So many digits of the code are the highest level of 技术领域."""
ELSEWHERE, NONE = "other", "none"


@dataclass(frozen=True)
class Number:
    """How many 申报书, under what words. `query` are the conditions of the list that holds them; None where the viewer
    has no such list."""

    label: str
    value: int
    query: dict | None = field(default_factory=dict)


@dataclass(frozen=True)
class Late:
    """A unit with 申报书 that wait too long for it or its 二级单位, and since when."""

    unit: Unit
    since: datetime
    by_state: dict


class _OfUnit(NamedTuple):
    """What is counted of a unit; the last three are about what is late there."""

    district: str
    number: int
    at_department: int
    at_unit: int
    since: datetime | None


class Figures:
    """Numbers of `rows`, the 申报书 of the viewer's list in some calls; `now` is the moment of counting.

    What they share is counted once; no method takes more than a grouped query and one for names. What 科技局 counts
    is in the index proposal_of_call, so that no row of the table is looked at.
    """

    def __init__(self, rows, now, name=""):
        """`name`, where all there are is counted: under it large numbers stand for some seconds (`kit.counts`)."""
        self.rows = rows.order_by()
        self.now = now
        self.name = name

    def _counted(self, part, count, number):
        return counts.counted(f"{self.name}/{part}", count, number, seconds=SECONDS) if self.name else count()

    @cached_property
    def _sums(self):
        """`[(call, state, beginning of the day of the present submission, number, number up to each age but the
        last)]`: one look for three figures."""
        today = timezone.localdate(self.now)
        # As conditions of counts and not as a column to group by, which the planner would sort for.
        younger = {
            age.name: Count("state", filter=Q(state_since__gte=midnight(today - timedelta(days=latest))))
            for age, (_, latest) in AGE_DAYS.items()
            if latest is not None
        }
        counted = self.rows.values_list("call_id", "state", _beginning_of_day("submitted_at"))
        counted = counted.annotate(number=Count("*"), **younger)
        return self._counted("sums", lambda: list(counted), lambda found: sum(row[3] for row in found))

    def by_call_and_state(self):
        """`{(id of the call, state): number}`."""
        found = Counter()
        for call, state, _, number, *_ in self._sums:
            found[call, state] += number
        return found

    def ages(self):
        """`{(state, Age): number}` of what waits for somebody."""
        found = Counter()
        for _, state, _, number, *younger in self._sums:
            if state in WAITING:
                before = 0
                for age, upto in zip(AGE_DAYS, [*younger, number], strict=True):
                    found[state, age] += upto - before
                    before = upto
        return found

    def by_day(self):
        """`{id of the call: {day: number}}` of the present submissions, by the local day."""
        days = defaultdict(Counter)
        for call, state, begins, number, *_ in self._sums:
            if state != State.DRAFT:
                days[call][timezone.localdate(begins)] += number
        return dict(days)

    def by_field(self):
        """`[Number]` a 技术领域 at the highest level, most first."""
        table, counted = codes.table("tech_field"), Counter()
        # Shortened here: cutting 100,000 texts takes the database as long as counting them.
        rows = self.rows.values_list("tech_field").annotate(number=Count("*"))
        for code, number in self._counted("fields", lambda: dict(rows), _added_up).items():
            counted[code[:FIELD_DIGITS]] += number
        empty = counted.pop("", 0)
        found = [Number(table.name(code), number, {"field": code}) for code, number in _most_first(counted)]
        return found + ([Number("未填写", empty, {"field": NONE})] if empty else [])

    def by_hour(self, until):
        """`{beginning of the hour: number}` of the submissions in the LAST_HOURS before `until`."""
        hour = TruncHour("submitted_at", tzinfo=timezone.get_current_timezone())
        rows = self.rows.exclude(state=State.DRAFT).filter(submitted_at__gte=first_hour(until), submitted_at__lt=until)
        rows = rows.values_list(hour).annotate(number=Count("*"))
        return self._counted(f"hours/{until.isoformat()}", lambda: dict(rows), _added_up)

    def by_district(self):
        """`[Number]` a 区县 of the unit, most first; all others together and last."""
        counted = Counter()
        known = codes.table("chongqing_district")
        for row in self._units.values():
            counted[row.district if known.current(row.district) else ELSEWHERE] += row.number
        elsewhere = counted.pop(ELSEWHERE, 0)
        found = [Number(known.name(code), number, {"district": code}) for code, number in _most_first(counted)]
        return found + (
            [Number("其他（市外、已撤销、未填写）", elsewhere, {"district": ELSEWHERE})] if elsewhere else []
        )

    @cached_property
    def _units(self):
        """`{id of the unit: _OfUnit}`: one look for three figures."""
        late = Q(state_since__lt=midnight(timezone.localdate(self.now) - timedelta(days=AGE_DAYS[Age.LATE][0] - 1)))
        counted = self.rows.values_list("unit_id", "unit__district").annotate(
            number=Count("*"),
            at_department=Count("state", filter=Q(late, state=State.DEPARTMENT)),
            at_unit=Count("state", filter=Q(late, state=State.UNIT)),
            since=Min("state_since", filter=Q(late, state__in=[State.DEPARTMENT, State.UNIT])),
        )
        found = self._counted("units", lambda: list(counted), lambda rows: sum(row[2] for row in rows))
        return {unit: _OfUnit(*row) for unit, *row in found}

    def by_unit(self):
        """`([Number] of the TOP_UNITS, how many units there are)`."""
        first = sorted((-row.number, pk) for pk, row in self._units.items())[:TOP_UNITS]
        units = Unit.objects.only("name", "uscc").in_bulk([pk for _, pk in first])
        return [Number(units[pk].name, -number, {"unit": units[pk].uscc}) for number, pk in first], len(self._units)

    def by_department(self):
        """`[Number]` a 二级单位 of the unit, most first."""
        counted = self.rows.values_list("department_id", "department__name").annotate(number=Count("*"))
        rows = sorted(counted, key=lambda row: (row[0] is None, -row[2], row[1]))
        return [Number(name or "未选二级单位", number, {"department": pk} if pk else None) for pk, name, number in rows]

    def late(self):
        """`([Late], how many units there are)`: units with what waits for them or their 二级单位 longer than all ages
        have a name for, longest first, NAMED_LATE at most."""
        late = sorted((row.since, pk) for pk, row in self._units.items() if row.since)
        named = late[:NAMED_LATE]
        shown = Unit.objects.only("name", "uscc", "district", "contact_name", "contact_phone")
        units = shown.in_bulk([pk for _, pk in named])
        return [
            Late(units[pk], row.since, {State.DEPARTMENT: row.at_department, State.UNIT: row.at_unit})
            for pk, row in ((pk, self._units[pk]) for _, pk in named)
        ], len(late)


def standing(counts):
    """`[Number]` of each state, from `{state: number}`."""
    return [Number(state.label, counts.get(state, 0), {"state": state.value}) for state in State]


def funnel(counts):
    """`[Number]` of the levels that were reached, whatever became of the 申报书 there, from `{state: number}`."""
    beyond = [State.ACCEPTED, State.DECLINED]

    def reached(*states):
        return sum(counts.get(state, 0) for state in states)

    return [
        Number("已创建", sum(counts.values()), None),
        Number(
            "已提交", reached(State.DEPARTMENT, State.UNIT, State.BUREAU, *beyond), {"reached": Reached.SUBMITTED.value}
        ),
        Number("已到单位审核", reached(State.UNIT, State.BUREAU, *beyond), {"reached": Reached.UNIT.value}),
        Number("已到科技局", reached(State.BUREAU, *beyond), {"reached": Reached.BUREAU.value}),
        Number("已受理", reached(State.ACCEPTED), {"state": State.ACCEPTED.value}),
    ]


def first_hour(until):
    """Where the LAST_HOURS before `until` begin, on the full hour."""
    hour = timezone.localtime(until - timedelta(hours=LAST_HOURS))
    return hour.replace(minute=0, second=0, microsecond=0)


def days_of(first, last):
    """Every day from the local day of one moment to that of another, both included."""
    day, end = timezone.localtime(first).date(), timezone.localtime(last).date()
    return [day + timedelta(days=number) for number in range((end - day).days + 1)]


def midnight(day):
    """The beginning of a local day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _beginning_of_day(field):
    """The beginning of the local day, each day having 24 hours: Chongqing has known no summer time since 1991.

    TruncDate looks each moment up in the table of the time zone, which takes longer than all the counting.
    """
    day, some_day = Value(timedelta(days=1)), Value(midnight(date(2000, 1, 1)))
    return Func(day, field, some_day, function="date_bin", output_field=DateTimeField())


def _added_up(counted):
    return sum(counted.values())


def _most_first(counted):
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
