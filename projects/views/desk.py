"""What lies on somebody's desk: the figures of the portal's two tiles, 我的待办, and the calls under way.

Each part is one query, asked once; a role asks only for the parts it has.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property

from orgs.actors import anybody
from orgs.enums import Role
from orgs.models import Unit
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from profiles.workflow import REVIEWERS
from projects.enums import State, Tab
from projects.models import Call, Proposal
from projects.progress import days_between, remark, return_heading, waiting
from projects.rules import CAPACITY_OF_ROLE, is_closed, may_edit
from projects.tables import UNTITLED
from zhgg.kit.kept import Given, Kept, count_rows
from zhgg.kit.remaining import Remaining, remaining
from zhgg.kit.remembered import Remembered

TODO_LENGTH = 8
LATE_DAYS = 5
"""From how many days on a waiting item is shown as late."""


@dataclass(frozen=True)
class Figure:
    """One number of a tile, with its words and the page behind it. `todo` paints it amber."""

    value: int | str
    words: str
    url: str
    todo: bool = False


@dataclass(frozen=True)
class Todo:
    """One line of 我的待办. `since` orders them; what has no date comes last."""

    icon: str
    title: str
    detail: str
    verb: str
    url: str
    since: datetime | None = None
    wait: str = ""
    late: bool = False


@dataclass(frozen=True)
class OpenCall:
    """A call under way: until when, and how many of the viewer's 申报书 stand where."""

    call: Call
    deadline: datetime
    deadline_words: str
    left: Remaining
    drafts: int
    reviewing: int
    reported: int


def _longest(waiting, order):
    """Those that wait longest in `order`, each with the number of all as `total`.

    Found and counted before they are looked up with what is shown of them: thousands may wait.
    """
    found = waiting.model.objects.filter(pk__in=waiting.order_by(*order).values("pk")[:TODO_LENGTH])
    total = waiting.order_by().values(how_many=count_rows())
    return found.annotate(total=Subquery(total)).order_by(*order)


def _reviews(role):
    waiting = ReviewRequest.objects.awaiting(anybody(role))
    return _longest(waiting, ("submitted_at", "pk")).select_related("person", "department")


def _decisions(role):
    # Under review, the last change is when it began to wait, and an index has that order. All that wait for 科技局 are
    # counted with everything else there is.
    waiting, order = Proposal.objects.awaiting(anybody(role)), ("updated_at", "pk")
    if role == Role.BUREAU:
        return waiting.filter(pk__in=waiting.order_by(*order).values("pk")[:TODO_LENGTH]).order_by(*order).for_list()
    return _longest(waiting, order).for_list()


def _returned(role):
    return Proposal.objects.own(anybody(role)).returned().for_list().order_by("state_since")[:TODO_LENGTH]


def _person(role):
    latest = ReviewRequest.objects.filter(person=OuterRef("pk")).exclude(state=ReviewState.REPLACED).order_by("-pk")
    return Person.objects.own(anybody(role)).annotate(
        request_state=Subquery(latest.values("state")[:1]),
        request_reason=Subquery(latest.values("reason")[:1]),
        decided_at=Subquery(latest.values("decided_at")[:1]),
    )


def _numbers(role):
    """`(call, state, number)` of the 申报书 of the place of somebody in this role, or of their own."""
    someone = anybody(role)
    mine = Proposal.objects.of_place(someone) if role in CAPACITY_OF_ROLE else Proposal.objects.own(someone)
    return mine.order_by().values_list("call_id", "state").annotate(number=Count("pk"))


_REVIEWS, _DECISIONS, _RETURNED = Kept(_reviews), Kept(_decisions), Kept(_returned)
_PERSON, _NUMBERS = Kept(_person, by_key=True), Kept(_numbers)
_UNIT = Kept(lambda role: Unit.objects.visible_to(anybody(role)).filter(pk=Given("unit_id")), by_key=True)

_PUBLISHED = Remembered(lambda: list(Call.objects.filter(published=True, review_closes_at__gt=Now())))


class Desk:
    """The portal of one actor at one moment."""

    def __init__(self, actor, now):
        self.actor, self.now = actor, now

    # Parts, one query each ----------------------------------------------------------------------------------------

    @cached_property
    def _reviews(self):
        """The requests that wait longest, each carrying the number of all that wait."""
        return _REVIEWS.rows(self.actor.role, **self.actor.given)

    @cached_property
    def _decisions(self):
        """The 申报书 that wait longest, each carrying the number of all that wait."""
        return _DECISIONS.rows(self.actor.role, **self.actor.given)

    @cached_property
    def _returned(self):
        return _RETURNED.rows(self.actor.role, **self.actor.given)

    @cached_property
    def _person(self):
        return _PERSON.first(self.actor.role, **self.actor.given)

    @cached_property
    def _missing(self):
        """Labels of what the unit has not filled in."""
        return _UNIT.first(self.actor.role, **self.actor.given).missing()

    @cached_property
    def _counts(self):
        """`{(call, state): number}` of the 申报书 of the viewer's place, or of their own."""
        if self.actor.role == Role.BUREAU:
            return Proposal.objects.of_all()
        rows = _NUMBERS.rows(self.actor.role, **self.actor.given)
        return {(call, state): number for call, state, number in rows}

    @cached_property
    def _calls(self):
        """For reviewers a call is under way until 单位审核截止, for everybody else until 申报截止."""
        ends = "review_closes_at" if self.actor.role in REVIEWERS else "closes_at"
        return [call for call in _PUBLISHED() if call.opens_at <= self.now < getattr(call, ends)]

    # What the page shows ------------------------------------------------------------------------------------------

    @property
    def _has_place(self):
        return self.actor.role in CAPACITY_OF_ROLE

    def _in_state(self, *states):
        return sum(number for (_, state), number in self._counts.items() if state in states)

    @property
    def _waits(self):
        """How many 申报书 wait for the viewer's decision."""
        if self.actor.role == Role.BUREAU:
            return self._in_state(State.BUREAU)
        return total(self._decisions) if self._has_place else 0

    @cached_property
    def calls(self):
        """正在受理, the next deadline first."""
        rows = []
        for call in self._calls:
            applying = self.now < call.closes_at
            deadline = call.closes_at if applying else call.review_closes_at
            numbers = Counter({state: number for (pk, state), number in self._counts.items() if pk == call.pk})
            rows.append(
                OpenCall(
                    call=call,
                    deadline=deadline,
                    deadline_words="申报截止" if applying else "单位审核截止",
                    left=remaining(deadline, self.now),
                    drafts=numbers[State.DRAFT],
                    reviewing=numbers[State.DEPARTMENT] + numbers[State.UNIT],
                    reported=numbers[State.BUREAU] + numbers[State.ACCEPTED] + numbers[State.DECLINED],
                )
            )
        return sorted(rows, key=lambda row: (row.deadline, row.call.pk))

    @property
    def name(self):
        """Whom the portal greets: the unit for a 法人用户, otherwise the person."""
        return self.actor.unit_name if self.actor.role == Role.LEGAL else self.actor.name

    @property
    def place(self):
        """For whom somebody acts, beside the role."""
        return "" if self.actor.role == Role.LEGAL else f"{self.actor.unit_name}{self.actor.department_name}"

    @property
    def nearest_words(self):
        """What the viewer still has in the call whose deadline comes next."""
        row = self.calls[0]
        if self.actor.role in REVIEWERS and self.now >= row.call.closes_at:
            return f"{self.whose}还有 {row.reviewing} 项未报送"
        if self.actor.role == Role.BUREAU:
            return ""
        whose = "您" if self.actor.role == Role.PERSON else self.whose
        return f"{whose}还有 {row.drafts} 项未提交" if row.drafts else ""

    @property
    def nearest_url(self):
        """Where the box with the nearest deadline leads."""
        return self.calls[0].call.get_absolute_url()

    @property
    def shows_numbers(self):
        """Whether 正在受理 shows how many stand where."""
        return self.actor.role != Role.BUREAU

    @property
    def whose(self):
        """Whose the numbers of 正在受理 are."""
        return {Role.MANAGER: "本二级单位", Role.PERSON: "我的"}.get(self.actor.role, "本单位")

    @property
    def centre_url(self):
        """Where the tile 用户中心 leads."""
        return reverse("unit" if self.actor.role == Role.LEGAL else "person")

    @property
    def projects_url(self):
        """Where the tile 项目管理系统 leads."""
        return reverse("proposals" if self._has_place else "my-proposals")

    @property
    def centre_words(self):
        """What can be done in 用户中心."""
        return {
            Role.LEGAL: "维护单位信息，审核人员信息",
            Role.AGENT: "维护个人信息和单位信息，审核人员信息",
            Role.MANAGER: "维护个人信息，审核本二级单位的人员信息",
        }.get(self.actor.role, "维护个人信息，提交单位审核")

    @property
    def projects_words(self):
        """What can be done in 项目管理系统."""
        return {
            Role.BUREAU: "查看全部项目，受理、退回申报书",
            Role.MANAGER: "查看本二级单位的项目，审核申报书，提交至单位",
            Role.PERSON: "填写申报书，提交审核，查看办理进度",
        }.get(self.actor.role, "查看本单位的项目，审核申报书，提交至科技局")

    @cached_property
    def centre_figures(self):
        """The figures of 用户中心; none for 科技局, which has nothing there."""
        figures = []
        if self.actor.role in REVIEWERS:
            waits = total(self._reviews)
            figures.append(Figure(waits, "个人信息待审核", reverse("reviews"), todo=waits > 0))
        if self.actor.acts_for_unit:
            missing = len(self._missing)
            figures.append(
                Figure(f"缺 {missing} 项", "单位信息", reverse("unit-edit"), todo=True)
                if missing
                else Figure("已填全", "单位信息", reverse("unit"))
            )
        if self.actor.is_person:
            state = self._person_state
            todo = state in (NOT_SUBMITTED, ReviewState.REJECTED.label)
            figures.append(Figure(state, "个人信息", reverse("person"), todo=todo))
        return figures

    @property
    def _person_state(self):
        if self._person is None or self._person.request_state is None:
            return ReviewState.APPROVED.label if self._person and self._person.is_approved else NOT_SUBMITTED
        return ReviewState(self._person.request_state).label

    @cached_property
    def project_figures(self):
        """The figures of 项目管理系统."""
        listed = reverse("proposals")
        waits = self._waits
        if self.actor.role == Role.BUREAU:
            return [
                Figure(waits, "待受理", f"{listed}?state={State.BUREAU}", todo=waits > 0),
                Figure(self._in_state(State.ACCEPTED), "已受理", f"{listed}?state={State.ACCEPTED}"),
                Figure(self._in_state(State.DECLINED), "不予受理", f"{listed}?state={State.DECLINED}"),
            ]
        if self.actor.role == Role.MANAGER:
            return [
                Figure(waits, "部门审核待处理", f"{listed}?state={State.DEPARTMENT}", todo=waits > 0),
                Figure(self._in_state(State.UNIT), "单位审核中", f"{listed}?state={State.UNIT}"),
                Figure(self._in_state(State.DRAFT), "未提交", f"{listed}?state={State.DRAFT}"),
            ]
        if self.actor.acts_for_unit:
            return [
                Figure(waits, "单位审核待处理", f"{listed}?state={State.UNIT}", todo=waits > 0),
                Figure(self._in_state(State.BUREAU), "科技局审核中", f"{listed}?state={State.BUREAU}"),
                Figure(self._in_state(State.DRAFT), "未提交", f"{listed}?state={State.DRAFT}"),
            ]
        mine, drafts = reverse("my-proposals"), self._in_state(State.DRAFT)
        return [
            Figure(drafts, "未提交", mine, todo=drafts > 0),
            Figure(self._in_state(State.DEPARTMENT, State.UNIT, State.BUREAU), "审核中", mine),
            Figure(self._in_state(State.ACCEPTED), "已受理", mine),
        ]

    @cached_property
    def todos(self):
        """我的待办: at most eight, the longest waiting first."""
        dated = [*self._decisions_to_take(), *self._reviews_to_take(), *self._own()]
        dated.sort(key=lambda todo: todo.since)
        return [*dated, *self._undated()][:TODO_LENGTH]

    @cached_property
    def todo_total(self):
        """How many wait in all, those not shown included."""
        waits = self._waits
        waits += total(self._reviews) if self.actor.role in REVIEWERS else 0
        return waits + len(self._own()) + len(self._undated())

    @property
    def more_url(self):
        """Where the rest of the to-dos is, when there are more than are shown."""
        if self.todo_total <= TODO_LENGTH:
            return ""
        if self._has_place and self._decisions:
            return reverse("proposals")
        return reverse("reviews") if self.actor.role in REVIEWERS and self._reviews else reverse("my-proposals")

    def _decisions_to_take(self):
        if not self._has_place:
            return []
        return [
            self._dated(
                row.state_since,
                wait=remark(row, self.now, closed=is_closed(row, self.now)),
                icon="file-check",
                title=row.title or UNTITLED,
                detail=f"申报书审核 · {row.pi.name} · {row.call.name}",
                verb="处理",
                url=row.get_absolute_url(),
            )
            for row in self._decisions
        ]

    def _reviews_to_take(self):
        if self.actor.role not in REVIEWERS:
            return []
        return [
            self._dated(
                row.submitted_at,
                wait=waiting(row.submitted_at, self.now),
                icon="user-check",
                title=f"{row.person.name}的个人信息",
                detail=f"个人信息审核 · {row.department}" if row.department_id else "个人信息审核",
                verb="审核",
                url=row.get_absolute_url(),
            )
            for row in self._reviews
        ]

    def _own(self):
        """What of the viewer's own came back to them."""
        if not self.actor.is_person:
            return []
        items = [
            self._dated(
                row.state_since,
                icon="undo-2",
                title=row.title or UNTITLED,
                detail=f"{return_heading(row)}：{row.return_reason}",
                verb="编辑",
                url=reverse("proposal-edit", args=[row.pk, Tab.BASICS]),
            )
            for row in self._returned
            if may_edit(self.actor, row, self.now)
        ]
        person = self._person
        if person and person.request_state == ReviewState.REJECTED:
            items.append(
                self._dated(
                    person.decided_at,
                    icon="user-x",
                    title="您的个人信息审核不通过",
                    detail=f"驳回原因：{person.request_reason}",
                    verb="去修改",
                    url=reverse("person-edit"),
                )
            )
        return items

    def _undated(self):
        items = []
        if self.actor.is_person and self._person_state == NOT_SUBMITTED:
            words = "个人信息 · 审核通过后才能申报项目"
            items.append(Todo("user-pen", "填写个人信息，提交单位审核", words, "去补全", reverse("person-edit")))
        if self.actor.acts_for_unit and self._missing:
            words = "单位信息 · 补全后，本单位的申报书才能提交"
            title = f"补全单位信息：{'、'.join(self._missing)}"
            items.append(Todo("building-2", title, words, "去补全", reverse("unit-edit")))
        return items

    def _dated(self, since, *, wait="", **rest):
        late = bool(wait) and days_between(since, self.now) >= LATE_DAYS
        return Todo(since=since, wait=wait, late=late, **rest)


NOT_SUBMITTED = "未提交"


def total(rows):
    """The number of all rows, which each of the rows asked for carries."""
    return rows[0].total if rows else 0
