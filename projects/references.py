"""The 申报书 in the 部门审核 of a 二级单位 (S13)."""

from urllib.parse import urlencode

from django.urls import reverse

from orgs.usage import Number, Use, earliest_of, number_of
from projects.enums import State
from projects.models import Proposal


def uses(department):
    """What keeps the 二级单位 from being deleted."""
    count = Proposal.objects.filter(state=State.DEPARTMENT, department=department).count()
    return [
        Use(
            count,
            f"有 {count:,} 份申报书正在它的部门审核",
            advice="请二级单位管理人员先处理这些申报书",
            url=f"{reverse('proposals')}?state={State.DEPARTMENT}&department={department.pk}",
            label="查看部门审核的申报书",
        )
    ]


def figures_of_unit(unit):
    """What 科技局 sees of a unit: the 申报书 that were submitted, and where they stand."""
    counts = Proposal.objects.filter(unit=unit).exclude(state=State.DRAFT).state_counts()
    address = reverse("proposals")
    return [
        Number(
            f"申报书：{state.label}", counts[state], f"{address}?{urlencode({'unit': unit.name, 'state': state.value})}"
        )
        for state in State
        if counts.get(state)
    ]


def figures_of_person(person):
    """What 科技局 sees of a person: the 申报书 that they submitted as PI."""
    submitted = Proposal.objects.filter(pi=person).exclude(state=State.DRAFT).count()
    return [Number("申报书（项目负责人）", submitted, f"{reverse('proposals')}?{urlencode({'pi': person.name})}")]


def count_waiting():
    """How many 申报书 wait for each 二级单位."""
    return number_of(Proposal.objects.filter(state=State.DEPARTMENT), "department")


def oldest_waiting():
    """Since when the oldest of them waits."""
    return earliest_of(Proposal.objects.filter(state=State.DEPARTMENT), "department", "state_since")
