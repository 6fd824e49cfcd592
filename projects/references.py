"""The 申报书 in the 部门审核 of a 二级单位 (S13)."""

from django.db.models import Count
from django.urls import reverse

from orgs.usage import Use
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
            url=f"{reverse('proposals')}?state={State.DEPARTMENT}",
            label="查看部门审核的申报书",
        )
    ]


def count_waiting(ids):
    """`{id: number}` of the 申报书 that wait for many 二级单位."""
    waiting = Proposal.objects.filter(state=State.DEPARTMENT, department__in=ids)
    return dict(waiting.order_by().values_list("department").annotate(number=Count("pk")))
