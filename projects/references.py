"""The 申报书 in the 部门审核 of a 二级单位 (S13)."""

from django.urls import reverse

from orgs.usage import Use, earliest_of, number_of
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


def count_waiting():
    """How many 申报书 wait for each 二级单位."""
    return number_of(Proposal.objects.filter(state=State.DEPARTMENT), "department")


def oldest_waiting():
    """Since when the oldest of them waits."""
    return earliest_of(Proposal.objects.filter(state=State.DEPARTMENT), "department", "state_since")
