"""申报看板: the numbers of `projects.figures` as charts and tables, for the page and for Excel alike."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from orgs import codes
from orgs.enums import Role
from projects.enums import Age, State
from projects.figures import LAST_HOURS, Figures, days_of, first_hour, funnel, midnight, standing
from projects.filters import OPEN_CALLS
from projects.models import Call, Proposal
from projects.progress import days_between
from projects.queries import WAITING
from zhgg.kit.charts import LINES, Bar, Cell, ColumnChart, Line, LineChart, Stack, Table
from zhgg.kit.masking import mask_phone

ALL = "all"
DRAWN = 10
"""So many 区县 and units are drawn; the table has more."""


@dataclass(frozen=True)
class Scope:
    """Which 批次 the page is about: `key` in its address, `query` in those of the lists."""

    key: str
    label: str
    calls: list
    query: dict

    @property
    def call(self):
        """The only call, or None."""
        return self.calls[0] if len(self.calls) == 1 and self.key not in (ALL, OPEN_CALLS) else None


@dataclass(frozen=True)
class Figure:
    """One panel of the page and one sheet of the workbook. `kind` says what draws `chart`, `wide` that it takes both
    columns."""

    title: str
    kind: str
    chart: object
    table: Table
    note: str = ""
    wide: bool = False


def scopes(actor, now):
    """The Scopes that the actor can choose from: what is under way, everything, each call by itself."""
    calls = Call.objects.visible_to(actor).filter(published=True, opens_at__lte=now).order_by("-closes_at", "-pk")
    if actor.role != Role.BUREAU:
        calls = calls.filter(Exists(Proposal.objects.of_place(actor).filter(call=OuterRef("pk"))))
    calls = list(calls.only("name", "opens_at", "closes_at", "review_closes_at"))
    going_on = [call for call in calls if call.review_closes_at > now]
    found = [Scope(OPEN_CALLS, "正在进行的批次", going_on, {"call": OPEN_CALLS})] if going_on else []
    found.append(Scope(ALL, "全部批次", calls, {}))
    return found + [Scope(str(call.pk), call.name, [call], {"call": str(call.pk)}) for call in calls]


class Dashboard:
    """The figures of the actor's 申报书 in a Scope."""

    def __init__(self, actor, scope, now):
        self.actor, self.scope, self.now = actor, scope, now
        rows = Proposal.objects.of_place(actor)
        if scope.key != ALL:
            rows = rows.filter(call__in=[call.pk for call in scope.calls])
        self.numbers = Figures(rows, now, f"figures/{scope.key}" if self.is_bureau else "")

    @property
    def is_bureau(self):
        """Whether the viewer sees all units."""
        return self.actor.role == Role.BUREAU

    @cached_property
    def counts(self):
        """`{state: number}`. What is 未提交 科技局 only counts: its list does not hold it."""
        counts = dict.fromkeys(State, 0)
        for (_, state), number in self.numbers.by_call_and_state().items():
            counts[state] += number
        if self.is_bureau:
            calls = {call.pk for call in self.scope.calls}
            counts[State.DRAFT] = sum(
                number
                for (call, state), number in Proposal.objects.of_all().items()
                if state == State.DRAFT and (self.scope.key == ALL or call in calls)
            )
        return counts

    @property
    def total(self):
        """All of them, 未提交 included."""
        return sum(self.counts.values())

    @cached_property
    def ages(self):
        """`{(state, Age): number}`."""
        return self.numbers.ages()

    @cached_property
    def waiting_states(self):
        """The states in which something can wait here, of what the viewer sees."""
        return [state for state in WAITING if state != State.DEPARTMENT or self.counts[state] or self.is_bureau]

    def address(self, **query):
        """The list that a number counts."""
        return f"{reverse('proposals')}?{urlencode({**self.scope.query, **query})}"

    def standing(self):
        """`[(Number, address)]` of each state."""
        return [(number, self._link(number)) for number in self._standing()]

    def figures(self):
        """`[Figure]`, in the order of the page: in pairs, and what has no neighbour is wide."""
        found = [self._funnel(), self._ages()]
        beside = self._last_hours() if self.is_bureau else [self._departments()] if self.actor.acts_for_unit else []
        found += [replace(self._over_time(), wide=not beside), *beside]
        if self.is_bureau:
            found += [self._districts(), self._fields(), self._units(), self._late()]
        return found

    # Where they stand ------------------------------------------------------------------------------------------------

    def _funnel(self):
        numbers = funnel(self.counts)
        share = [f"{100 * number.value / self.total:.1f}%" if self.total else "" for number in numbers]
        bars = [
            Bar(number.label, number.value, self._link(number), note)
            for number, note in zip(numbers, ["", *share[1:]], strict=True)
        ]
        rows = [[number.label, self._cell(number)] for number in (*numbers, *self._standing())]
        bars[-1] = replace(bars[-1], done=True)
        table = Table("各环节到达数和现在停在哪里", ["环节", "申报书"], rows)
        return Figure("各环节到达数", "bars", bars, table, "占已创建的比例")

    def _ages(self):
        stacks, rows = [], []
        for state in self.waiting_states:
            values = [self.ages.get((state, age), 0) for age in Age]
            stacks.append(Stack(state.label, values))
            cells = [
                Cell(value, self.address(state=state.value, age=age.value))
                for age, value in zip(Age, values, strict=True)
            ]
            rows.append([state.label, *cells, Cell(sum(values), self.address(state=state.value))])
        table = Table("在谁那里、等了多久", ["在谁那里", *(age.label for age in Age), "合计"], rows)
        return Figure("在谁那里、等了多久", "stacks", stacks, table, "按到达本环节的天数")

    # When they came --------------------------------------------------------------------------------------------------

    def _over_time(self):
        by_day = self.numbers.by_day()
        shown = sorted(self.scope.calls, key=lambda call: -sum(by_day.get(call.pk, {}).values()))[:LINES]
        begins = min((call.opens_at for call in shown), default=self.now)
        ends = max((call.review_closes_at for call in shown), default=self.now)
        days = days_of(begins, max(begins, ends))
        lines = [self._line(call, by_day.get(call.pk, {}), days) for call in shown]
        marks = []
        if self.scope.call:
            marks = [
                (f"{words} {timezone.localtime(at):%m-%d %H:%M}", _position(at, days))
                for words, at in (("申报截止", shown[0].closes_at), ("单位审核截止", shown[0].review_closes_at))
            ]
        elif begins <= self.now <= ends:
            marks = [(f"今天 {timezone.localtime(self.now):%m-%d}", _position(self.now, days))]
        ticks = [f"{days[place * (len(days) - 1) // 4]:%m-%d}" for place in range(5)]
        chart = LineChart("累计提交数", lines, ticks, marks)
        more = len(self.scope.calls) > len(shown)
        note = f"提交最多的 {len(shown)} 个批次" if more else "按最近一次提交的日期"
        return Figure("累计提交", "lines", chart, self._days_table(by_day), note)

    def _line(self, call, by_day, days):
        """From the first day to today, or to the last submission before it."""
        points, total = [(0, 0)], 0
        last = min(timezone.localdate(self.now), days[-1])
        for place, day in enumerate(days):
            total += by_day.get(day, 0)
            if day <= last:
                points.append((min((place + 1) / len(days), _position(self.now, days)), total))
        return Line(call.name, points, sum(by_day.values()))

    def _days_table(self, by_day):
        together = {}
        for days in by_day.values():
            for day, number in days.items():
                together[day] = together.get(day, 0) + number
        rows, total = [], 0
        for day, number in sorted(together.items()):
            total += number
            rows.append([f"{day}", Cell(number, self.address(submitted=f"{day}")), Cell(total)])
        return Table("每日提交数", ["日期", "当日提交", "累计"], rows)

    def _last_hours(self):
        """The hours before 申报截止, once they have begun."""
        call = self.scope.call
        if call is None or self.now < first_hour(call.closes_at):
            return []
        by_hour = self.numbers.by_hour(call.closes_at)
        begins = first_hour(call.closes_at)
        number = -((begins - call.closes_at) // timedelta(hours=1))
        hours = [timezone.localtime(begins + timedelta(hours=place)) for place in range(number)]
        values = [by_hour.get(hour, 0) for hour in hours]
        ticks = [f"{hours[place * (len(hours) - 1) // 4]:%m-%d %H 时}" for place in range(5)]
        rows = [
            [f"{hour:%Y-%m-%d %H} 时", Cell(value, self.address(submitted=f"{hour:%Y-%m-%d %H}"))]
            for hour, value in zip(hours, values, strict=True)
        ]
        title = f"申报截止前 {LAST_HOURS} 小时"
        table = Table(f"{title}每小时提交数", ["时间", "提交"], rows)
        chart = ColumnChart(f"{title}每小时提交数", values, ticks)
        return [Figure(title, "columns" if any(values) else "empty", chart, table, "每小时提交数")]

    # Whose they are --------------------------------------------------------------------------------------------------

    def _districts(self):
        numbers = self.numbers.by_district()
        note = f"前 {DRAWN} 位，共 {len(numbers)} 个" if len(numbers) > DRAWN else "按申报单位所在区县"
        return self._listed("区县提交数", "区县", numbers, note, drawn=DRAWN)

    def _units(self):
        numbers, units = self.numbers.by_unit()
        submitted = self.total - self.counts[State.DRAFT]
        note = f"前 {DRAWN} 位，共 {units:,} 家" if units > DRAWN else f"共 {units} 家"
        figure = self._listed("单位提交数", "申报单位", numbers, note, drawn=DRAWN)
        if units > len(numbers):
            rest = submitted - sum(number.value for number in numbers)
            figure.table.rows.append([f"其余 {units - len(numbers):,} 家", Cell(rest)])
        return replace(figure, wide=True)

    def _fields(self):
        return self._listed("技术领域", "技术领域", self.numbers.by_field(), "按一级领域")

    def _departments(self):
        return self._listed("二级单位", "二级单位", self.numbers.by_department(), "含未提交")

    def _listed(self, title, head, numbers, note, drawn=None):
        bars = [Bar(number.label, number.value, self._link(number)) for number in numbers[:drawn]]
        table = Table(title, [head, "申报书"], [[number.label, self._cell(number)] for number in numbers])
        return Figure(title, "bars", bars, table, note)

    def _late(self):
        late, units = self.numbers.late()
        rows = [
            [
                each.unit.name,
                codes.table("china_division").name(each.unit.district),
                *(
                    Cell(number, self.address(state=state.value, age=Age.LATE.value, unit=each.unit.uscc))
                    for state, number in each.by_state.items()
                ),
                f"{days_between(each.since, self.now)} 天",
                each.unit.contact_name,
                mask_phone(each.unit.contact_phone),
            ]
            for each in late
        ]
        heads = ["申报单位", "区县", "部门审核", "单位审核", "最长等待", "单位联系人", "办公电话"]
        note = f"等待超过 10 天，共 {units:,} 家" + (f"，列出等得最久的 {len(late)} 家" if units > len(late) else "")
        return Figure(
            "部门、单位审核超时", "table", None, Table("部门、单位审核超时的单位", heads, rows), note, wide=True
        )

    def _standing(self):
        draft, *others = standing(self.counts)
        return [replace(draft, query=None) if self.is_bureau else draft, *others]

    def _link(self, number):
        return "" if number.query is None else self.address(**number.query)

    def _cell(self, number):
        return Cell(number.value, self._link(number))


def _position(moment, days):
    begins, ends = midnight(days[0]), midnight(days[-1] + timedelta(days=1))
    return min(max((moment - begins) / (ends - begins), 0), 1)
