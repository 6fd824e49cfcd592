"""Who refers to a 二级单位: those whose approved record or open request names it (S13)."""

from collections import Counter

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When

from orgs.usage import Use
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest


def uses(department):
    """What keeps the 二级单位 from being deleted."""
    count = people(department).count()
    return [
        Use(
            count,
            f"有 {count:,} 人的个人信息填写了这个二级单位",
            advice="请这些人员在【维护个人信息】中改选其他二级单位；审核通过后，关联人员会减少",
            url=f"{department.get_absolute_url()}#people",
            label=f"查看 {count:,} 人",
        )
    ]


def people(department):
    """These people by name. `in_force` tells those whose approved record names it from those who ask for it."""
    asking = ReviewRequest.objects.filter(person=OuterRef("pk"), department=department, state=ReviewState.PENDING)
    found = Person.objects.filter(Q(department=department) | Exists(asking))
    in_force = Case(When(department=department, then=Value(True)), default=Value(False))
    return found.annotate(in_force=in_force).only("name").order_by("name", "pk")


def count_people(ids):
    """`{id: number}` of the people of many 二级单位, each person once."""
    approved = Person.objects.filter(department__in=ids).values_list("department").annotate(number=Count("pk"))
    asking = ReviewRequest.objects.filter(department__in=ids, state=ReviewState.PENDING)
    newcomers = asking.exclude(person__department=F("department"))
    counts = Counter(dict(approved))
    counts.update(dict(newcomers.values_list("department").annotate(number=Count("pk"))))
    return counts


def count_waiting(ids):
    """`{id: number}` of the 个人信息 that wait for many 二级单位."""
    waiting = ReviewRequest.objects.filter(reviewing_department__in=ids, state=ReviewState.PENDING)
    return dict(waiting.values_list("reviewing_department").annotate(number=Count("pk")))
