"""申报看板 in numbers: the one place that counts. Each number is that of a list, and says which (`query`)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Left, TruncDate, TruncHour
from django.utils import timezone
from django.utils.functional import cached_property

from orgs import codes
from orgs.models import Unit
from projects.enums import Age, Reached, State
from projects.queries import AGE_DAYS, WAITING

TOP_UNITS, NAMED_LATE = 20, 10
LAST_HOURS = 48
"""So many hours before 申报截止 are counted one by one."""
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


class Figures:
    """Numbers of `rows`, the 申报书 of the viewer's list in some calls; `now` is the moment of counting.

    What they share is counted once; no method takes more than a grouped query and one for names.
    """

    def __init__(self, rows, now):
        self.rows = rows.order_by()
        self.now = now
        self.zone = timezone.get_current_timezone()

    @cached_property
    def _sums(self):
        """`[(call, state, 技术领域, number, number up to each age but the last)]`: one look for three figures."""
        today = timezone.localdate(self.now)
        # As conditions of counts and not as a column to group by, which the planner would sort for.
        younger = {
            age.name: Count("pk", filter=Q(state_since__gte=midnight(today - timedelta(days=latest))))
            for age, (_, latest) in AGE_DAYS.items()
            if latest is not None
        }
        counted = self.rows.values_list("call_id", "state", Left("tech_field", 2))
        return list(counted.annotate(number=Count("pk"), **younger))

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

    def by_field(self):
        """`[Number]` a 技术领域 at the highest level, most first."""
        table, counted = codes.table("tech_field"), Counter()
        for _, _, code, number, *_ in self._sums:
            counted[code] += number
        empty = counted.pop("", 0)
        found = [Number(table.name(code), number, {"field": code}) for code, number in _most_first(counted)]
        return found + ([Number("未填写", empty, {"field": NONE})] if empty else [])

    def by_day(self):
        """`{id of the call: {day: number}}` of the present submissions, by the local day."""
        day = TruncDate("submitted_at", tzinfo=self.zone)
        counted = self._submitted().values_list("call_id", day).annotate(number=Count("pk"))
        days = defaultdict(dict)
        for call, at, number in counted:
            days[call][at] = number
        return dict(days)

    def by_hour(self, until):
        """`{beginning of the hour: number}` of the submissions in the LAST_HOURS before `until`."""
        hour = TruncHour("submitted_at", tzinfo=self.zone)
        rows = self._submitted().filter(submitted_at__gte=first_hour(until), submitted_at__lt=until)
        return dict(rows.values_list(hour).annotate(number=Count("pk")))

    def by_district(self):
        """`[Number]` a 区县 of the unit, most first; all others together and last."""
        counted = Counter()
        known = codes.table("chongqing_district")
        for code, number in self.rows.values_list("unit__district").annotate(number=Count("pk")):
            counted[code if known.current(code) else ELSEWHERE] += number
        elsewhere = counted.pop(ELSEWHERE, 0)
        found = [Number(known.name(code), number, {"district": code}) for code, number in _most_first(counted)]
        return found + (
            [Number("其他（市外、已撤销、未填写）", elsewhere, {"district": ELSEWHERE})] if elsewhere else []
        )

    @cached_property
    def _units(self):
        """`{unit: (number, late at 部门审核, late at 单位审核, since when)}`: one look at the rows for two figures."""
        late = Q(state_since__lt=midnight(timezone.localdate(self.now) - timedelta(days=AGE_DAYS[Age.LATE][0] - 1)))
        at_department, at_unit = Q(late, state=State.DEPARTMENT), Q(late, state=State.UNIT)
        counted = self.rows.values_list("unit_id").annotate(
            number=Count("pk"),
            at_department=Count("pk", filter=at_department),
            at_unit=Count("pk", filter=at_unit),
            since=Min("state_since", filter=at_department | at_unit),
        )
        return {unit: row for unit, *row in counted}

    def by_unit(self):
        """`([Number] of the TOP_UNITS, how many units there are)`."""
        first = sorted((-row[0], pk) for pk, row in self._units.items())[:TOP_UNITS]
        units = Unit.objects.only("name", "uscc").in_bulk([pk for _, pk in first])
        return [Number(units[pk].name, -number, {"unit": units[pk].uscc}) for number, pk in first], len(self._units)

    def by_department(self):
        """`[Number]` a 二级单位 of the unit, most first."""
        counted = self.rows.values_list("department_id", "department__name").annotate(number=Count("pk"))
        rows = sorted(counted, key=lambda row: (row[0] is None, -row[2], row[1]))
        return [Number(name or "未选二级单位", number, {"department": pk} if pk else None) for pk, name, number in rows]

    def late(self):
        """`([Late], how many units there are)`: units with what waits for them or their 二级单位 longer than all ages
        have a name for, longest first, NAMED_LATE at most."""
        late = sorted((row[3], pk) for pk, row in self._units.items() if row[3])
        named = late[:NAMED_LATE]
        shown = Unit.objects.only("name", "uscc", "district", "contact_name", "contact_phone")
        units = shown.in_bulk([pk for _, pk in named])
        return [
            Late(units[pk], since, {State.DEPARTMENT: self._units[pk][1], State.UNIT: self._units[pk][2]})
            for since, pk in named
        ], len(late)

    def _submitted(self):
        return self.rows.exclude(state=State.DRAFT)


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


def _most_first(counted):
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
