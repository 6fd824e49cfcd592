"""What 本单位的项目 and 全部项目 can be searched by (S22–S24)."""

from functools import cache

import django_filters
from django.db.models import Exists, OuterRef, Q, Subquery

from orgs.enums import Role
from orgs.models import Department
from profiles.models import Person
from projects.enums import Phase, State
from projects.models import Call, Proposal
from zhgg.kit import names
from zhgg.kit.filters import ANY, ListFilter, PeriodFilter, TextFilter
from zhgg.kit.forms import BaseForm


class ProposalFilter(ListFilter):
    """The search conditions of a list of 申报书, over what `actor` has in it.

    二级单位 is for the unit to choose, 申报单位 for 科技局 to type; choices are those that occur in the list.
    """

    q = TextFilter(label="项目名称或编号", method="by_title_or_number", max_length=100)
    pi = TextFilter(label="负责人", method="by_pi", max_length=100)
    unit = TextFilter(label="申报单位", field_name="unit__name", lookup_expr="icontains", max_length=100)
    call = django_filters.ChoiceFilter(label="申报批次", field_name="call_id", empty_label=ANY)
    department = django_filters.ChoiceFilter(label="二级单位（部门）", field_name="department_id", empty_label=ANY)
    state = django_filters.ChoiceFilter(label="状态", empty_label=ANY)
    updated = PeriodFilter(label="更新时间", field_name="updated_at")

    class Meta:
        model = Proposal
        fields: list[str] = []
        form = BaseForm

    def __init__(self, data, *, actor, states):
        place = Proposal.objects.of_place(actor)
        super().__init__(data, queryset=place)
        if actor.role != Role.BUREAU:
            del self.filters["unit"]
        if actor.acts_for_unit:
            self._choose(
                "department", _occurring(Department.objects.filter(unit_id=actor.unit_id), place, "department")
            )
        else:
            del self.filters["department"]
        self._choose("call", _occurring(Call.objects.order_by("-closes_at", "-pk"), place, "call"))
        self.filters["state"].extra["choices"] = [(state.value, State(state).label) for state in states]

    def _choose(self, name, rows):
        # Read once, and only where the conditions are drawn or name one: the field would ask again for every use.
        self.filters[name].extra["choices"] = cache(
            lambda: [(str(pk), label) for pk, label in rows.values_list("pk", "name")]
        )

    def by_title_or_number(self, rows, _, text):
        return rows.filter(Q(title__icontains=text) | Q(number__icontains=text))

    def by_pi(self, rows, _, text):
        # Looked up for each row of the list: a join reads all people of the city for the few of one unit.
        name = Person.objects.filter(pk=OuterRef("pi")).values("name")
        return rows.alias(pi_name=Subquery(name)).filter(pi_name__icontains=names.normalise(text))


def _occurring(choices, place, field):
    return choices.filter(Exists(place.filter(**{field: OuterRef("pk")})))


class CallFilter(ListFilter):
    """The search conditions of 科技局's list of 申报批次."""

    q = TextFilter(label="批次名称", field_name="name", lookup_expr="icontains", max_length=100)
    state = django_filters.ChoiceFilter(label="状态", choices=Phase.choices, empty_label=ANY, method="by_phase")

    class Meta:
        model = Call
        fields: list[str] = []
        form = BaseForm

    def by_phase(self, rows, _, phase):
        return rows.in_phase(phase)
