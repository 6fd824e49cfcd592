"""Who refers to a 二级单位: those whose approved record or open request names it (S13)."""

from urllib.parse import urlencode

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse

from orgs.usage import Number, Use, earliest_of, number_of
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


def figures_of_unit(unit):
    """What 科技局 sees of a unit: its people, and those who wait for its review."""
    listed = f"{reverse('bureau-people')}?{urlencode({'unit': unit.uscc})}"
    waiting = ReviewRequest.objects.filter(unit=unit, state=ReviewState.PENDING).count()
    return [Number("人员", Person.objects.filter(unit=unit).count(), listed), Number("待审核的个人信息", waiting)]


def count_people():
    """How many people refer to each 二级单位, everybody once."""
    asking = ReviewRequest.objects.filter(state=ReviewState.PENDING).exclude(person__department=F("department"))
    return number_of(Person.objects.all(), "department") + number_of(asking, "department")


def count_waiting():
    """How many 个人信息 wait for each 二级单位."""
    return number_of(ReviewRequest.objects.filter(state=ReviewState.PENDING), "reviewing_department")


def oldest_waiting():
    """Since when the oldest of them waits."""
    pending = ReviewRequest.objects.filter(state=ReviewState.PENDING)
    return earliest_of(pending, "reviewing_department", "submitted_at")
