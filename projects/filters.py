"""What 本单位的项目 and 全部项目 can be searched by (S22–S24)."""

from datetime import datetime, timedelta
from functools import cache, reduce
from operator import or_

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from orgs import codes
from orgs.actors import anybody
from orgs.enums import Role
from orgs.models import Department, Unit
from profiles.models import Person
from projects.enums import Age, Phase, Reached, Showing, State
from projects.figures import ELSEWHERE, NONE
from projects.models import Announcement, Call, Proposal
from zhgg.kit import names
from zhgg.kit.filters import ANY, ListFilter, PeriodFilter, TextFilter
from zhgg.kit.kept import Kept
from zhgg.kit.letters import part_lookup

MOST_NAMESAKES = 5_000
"""Up to so many PIs are looked up by their keys."""

OPEN_CALLS = "open"
"""The choice beside the 批次: all that are under way."""


def districts():
    """`[(code, words)]` of the 区县 of Chongqing, and one for all other units."""
    return [*codes.table("chongqing_district").choices(), (ELSEWHERE, "其他（市外、已撤销、未填写）")]


def tech_fields():
    """`[(code, words)]` of the 技术领域 at the highest level, and one for those without."""
    table = codes.table("tech_field")
    return [*((code, table.name(code)) for code, row in table.rows.items() if not row["parent"]), (NONE, "未填写")]


def word_lookups(text):
    """How a unit's word is looked for, by any part of 项目名称 or 申报编号. Numbers have none but these characters."""
    title = f"title__{part_lookup(text)}"
    return (title, "number__icontains") if text.isascii() else (title,)


def with_word(lookups, word):
    """The Q of what is found by any of these lookups."""
    return reduce(or_, (Q(**{lookup: word}) for lookup in lookups))


class MomentFilter(django_filters.Filter):
    """By a day (2026-11-22) or an hour (2026-11-22 13) in local time."""

    field_class = forms.CharField

    def __init__(self, *args, **options):
        super().__init__(*args, **options, validators=[_ends])

    def filter(self, qs, value):
        if not value:
            return qs
        first, end = _ends(value)
        return qs.filter(**{f"{self.field_name}__gte": first, f"{self.field_name}__lt": end})


def _ends(text):
    for form, length in (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%d %H", timedelta(hours=1))):
        try:
            first = timezone.make_aware(datetime.strptime(text, form))
            return first, first + length
        except (ValueError, OverflowError):
            continue
    raise forms.ValidationError("应为 2026-11-22 或 2026-11-22 13 的格式", code="invalid")


class ProposalFilter(ListFilter):
    """The search conditions of a list of 申报书, over what `actor` has in it.

    二级单位 is for the unit to choose, 科技局 types names of units and 二级单位, one 关键词 for the rest. Choices of
    批次 and 二级单位 are those in the list. The hidden conditions come with the links of 申报看板, and stand in words
    above the list.
    """

    q = TextFilter(label="项目名称或编号", method="by_title_or_number", max_length=100)
    pi = TextFilter(label="负责人", method="by_pi", max_length=100)
    unit = TextFilter(label="申报单位", method="by_unit", max_length=100)
    district = django_filters.ChoiceFilter(label="区县", method="by_district", empty_label=ANY, choices=districts)
    department_name = TextFilter(label="二级单位", method="by_department_name", max_length=60)
    call = django_filters.ChoiceFilter(label="申报批次", method="by_call", empty_label=ANY)
    department = django_filters.ChoiceFilter(label="二级单位（部门）", field_name="department_id", empty_label=ANY)
    state = django_filters.ChoiceFilter(label="状态", empty_label=ANY)
    updated = PeriodFilter(label="更新时间", field_name="updated_at")
    field = django_filters.ChoiceFilter(
        label="技术领域", method="by_field", choices=tech_fields, widget=forms.HiddenInput
    )
    age = django_filters.ChoiceFilter(label="已等待", method="by_age", choices=Age.choices, widget=forms.HiddenInput)
    reached = django_filters.ChoiceFilter(
        label="已到环节", method="by_level", choices=Reached.choices, widget=forms.HiddenInput
    )
    submitted = MomentFilter(label="提交时间", field_name="submitted_at", widget=forms.HiddenInput)

    class Meta:
        model = Proposal
        fields: list[str] = []

    def __init__(self, data, *, actor, states):
        super().__init__(data, rows=lambda: Proposal.objects.of_place(actor))
        self._offer_what_occurs("call", _CALLS, actor, (OPEN_CALLS, "正在进行的批次"))
        self.offer("state", [(state.value, state.label) for state in states])

    def _offer_what_occurs(self, name, kept, actor, *others):
        # Read once, and only where the conditions are drawn or name one: the field would ask again for every use.
        choices = cache(lambda: [*((str(pk), label) for pk, label in kept.rows(actor.role, **actor.given)), *others])
        self.offer(name, choices)

    def by_title_or_number(self, rows, _, text):
        return rows.filter(with_word(word_lookups(text), text))

    def by_keyword(self, rows, _, text):
        """By any part of 项目名称, or the beginning of the PI's name, of 申报编号 or of 受理编号."""
        named = Person.objects.filter(name__startswith=names.normalise(text)).order_by().values_list("pk", flat=True)
        # By their keys, each of the conditions is looked up in an index of its own. Whom a tenth of the city is called
        # like, nobody looks for.
        few = list(named[: MOST_NAMESAKES + 1])
        found = Q(title__has_part=text) | Q(pi__in=few if len(few) <= MOST_NAMESAKES else named)
        if text.isascii():
            # Numbers have no other characters.
            number = text.upper()
            found |= Q(number__startswith=number) | Q(accepted_number__startswith=number)
        return rows.filter(found)

    def by_pi(self, rows, _, text):
        # Looked up for each row of the list: a join reads all people of the city for the few of one unit.
        name = Person.objects.filter(pk=OuterRef("pi")).values("name")
        return rows.alias(pi_name=Subquery(name)).filter(pi_name__icontains=names.normalise(text))

    def by_unit(self, rows, _, text):
        """By part of the name, or by the whole 统一社会信用代码."""
        return rows.filter(unit__in=Unit.objects.named_like(text).order_by().values("pk"))

    def by_district(self, rows, _, code):
        if code == ELSEWHERE:
            return rows.exclude(unit__district__in=dict(districts()))
        return rows.filter(unit__district=code)

    def by_department_name(self, rows, _, text):
        return rows.filter(department__name__icontains=text)

    def by_call(self, rows, _, value):
        if value == OPEN_CALLS:
            return rows.filter(call__in=list(Call.objects.going_on().values_list("pk", flat=True)))
        return rows.filter(call_id=value)

    def by_field(self, rows, _, code):
        return rows.filter(tech_field="") if code == NONE else rows.filter(tech_field__startswith=code)

    def by_age(self, rows, _, age):
        return rows.aged(age, timezone.localdate())

    def by_level(self, rows, _, level):
        return rows.filter(state__in=REACHED[level])

    def in_words(self, name, value):
        if name == "submitted":
            return f"提交时间为 {value}{' 时' if ' ' in value else ''}"
        return super().in_words(name, value)


class ProposalFilterOfManager(ProposalFilter):
    """What a manager of a 二级单位 can search by."""

    unit = district = department_name = department = None


class ProposalFilterOfUnit(ProposalFilter):
    """What a unit can search by."""

    unit = district = department_name = None

    def __init__(self, data, *, actor, states):
        super().__init__(data, actor=actor, states=states)
        self._offer_what_occurs("department", _DEPARTMENTS, actor)


class ProposalFilterOfBureau(ProposalFilter):
    """What 科技局 can search by."""

    q = TextFilter(label="项目名称、负责人或编号", method="by_keyword", max_length=100)
    pi = department = None


PROPOSAL_FILTERS = {
    Role.LEGAL: ProposalFilterOfUnit,
    Role.AGENT: ProposalFilterOfUnit,
    Role.MANAGER: ProposalFilterOfManager,
    Role.BUREAU: ProposalFilterOfBureau,
}
"""The conditions of each role that has a list of 申报书."""


REACHED = {
    Reached.SUBMITTED: (State.DEPARTMENT, State.UNIT, State.BUREAU, State.ACCEPTED, State.DECLINED),
    Reached.UNIT: (State.UNIT, State.BUREAU, State.ACCEPTED, State.DECLINED),
    Reached.BUREAU: (State.BUREAU, State.ACCEPTED, State.DECLINED),
}
"""The states of what has come so far."""


def _occurring(choices, someone, field):
    place = Proposal.objects.of_place(someone)
    return choices.filter(Exists(place.filter(**{field: OuterRef("pk")}))).values_list("pk", "name")


def _calls(role):
    return _occurring(Call.objects.order_by("-closes_at", "-pk"), anybody(role), "call")


def _departments(role):
    someone = anybody(role)
    return _occurring(Department.objects.filter(unit_id=someone.unit_id), someone, "department")


_CALLS, _DEPARTMENTS = Kept(_calls), Kept(_departments)


class CallFilter(ListFilter):
    """The search conditions of 科技局's list of 申报批次."""

    q = TextFilter(label="批次名称", field_name="name", lookup_expr="icontains", max_length=100)
    state = django_filters.ChoiceFilter(label="状态", choices=Phase.choices, empty_label=ANY, method="by_phase")

    class Meta:
        model = Call
        fields: list[str] = []

    def by_phase(self, rows, _, phase):
        return rows.in_phase(phase)


class AnnouncementFilter(ListFilter):
    """The search conditions of 科技局's list of 通知公告."""

    q = TextFilter(label="标题", field_name="title", lookup_expr="icontains", max_length=100)
    state = django_filters.ChoiceFilter(label="状态", choices=Showing.choices, empty_label=ANY, method="by_showing")

    class Meta:
        model = Announcement
        fields: list[str] = []

    def by_showing(self, rows, _, showing):
        return rows.showing(showing)
