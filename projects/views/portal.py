"""The portal: the two entries with their figures, what waits for the viewer, and the open calls."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orgs.enums import Role
from projects.views.desk import Desk

GREETINGS = ((5, "夜深了"), (12, "上午好"), (14, "中午好"), (18, "下午好"), (24, "晚上好"))
WEEKDAYS = "一二三四五六日"


@require_safe
def portal(request):
    """The first page after the login. Somebody without any role reads what to do about it."""
    actor = request.actor
    now = timezone.now()
    context = {"greeting": greeting(now), "today": today(now)}
    if actor.role == Role.NONE:
        return render(request, "projects/no_role.html", context)
    return render(request, "projects/portal.html", {**context, "desk": Desk(actor, now)})


def greeting(now):
    """上午好 and its like, by the local hour."""
    hour = timezone.localtime(now).hour
    return next(words for until, words in GREETINGS if hour < until)


def today(now):
    """2026 年 11 月 22 日 星期日"""
    day = timezone.localtime(now)
    return f"{day.year} 年 {day.month} 月 {day.day} 日 星期{WEEKDAYS[day.weekday()]}"
