"""Reminding units of 二级单位 at which people wait although nobody there can decide."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils import timezone

from accounts.enums import Kind
from accounts.models import User
from accounts.notices import notify
from orgs import usage
from orgs.models import Department, Grant, Reminder
from zhgg.kit.calendar import working_days_later
from zhgg.kit.clock import database_now

WORKING_DAYS = 3


@dataclass(frozen=True)
class Idle:
    """A 二级单位 at which something waits `since` then, and nobody is there who could decide.

    `manager` is the name of somebody who has the grant and has never logged in, "" where nobody has it.
    """

    department: Department
    since: datetime
    manager: str
    last_number: int
    last_sent_at: datetime | None

    def __str__(self):
        return f"{self.department.unit}“{self.department}”：{self.what_waits}，自 {self.day} 起无人审核"

    @property
    def figures(self):
        """What waits there."""
        return usage.figures(self.department)

    @property
    def what_waits(self):
        """个人信息 2 份，申报书 1 份"""
        return "，".join(f"{label} {number:,} 份" for label, number in self.figures.waiting)

    @property
    def day(self):
        """Since when, as pages show days."""
        return f"{timezone.localtime(self.since):%Y-%m-%d}"

    def is_due(self, now):
        """Whether the unit is to be reminded: three working days after `since`, and after the reminder before."""
        return all(now >= working_days_later(at, WORKING_DAYS) for at in (self.since, self.last_sent_at) if at)


def remind_of_idle_departments(*, dry_run=False):
    """Remind each unit of its 二级单位 where something has waited for three working days without a manager.

    Without a manager is a 二级单位 whose manager has ended or has never logged in; the three days begin with what is
    later, the oldest submission or the end of the last manager who could decide. Told are the unit's legal account and
    its 授权人. Returns the Idle whose units were told (with `dry_run`: would be). Any number of calls, also at once,
    remind of one 二级单位 once in three working days.
    """
    now = database_now()
    # A suspended unit can name no manager.
    due = [idle for idle in idle_departments() if idle.is_due(now) and not idle.department.unit.is_suspended]
    return due if dry_run else [idle for idle in due if _remind(idle, now)]


def idle_departments():
    """Every Idle, longest waiting first."""
    managers = Grant.objects.managers().with_login().filter(department=OuterRef("pk"))
    active = managers.current().filter(has_login=True)
    last_end = managers.filter(has_login=True).order_by().values("department").annotate(end=Max("ended_at"))
    last_reminder = Reminder.objects.filter(department=OuterRef("pk")).order_by("-number")
    rows = usage.with_waiting_since(usage.with_figures(Department.objects.current()))
    rows = rows.filter(~Exists(active), waiting_since__isnull=False).annotate(
        without_since=Subquery(last_end.values("end")),
        manager_name=Subquery(managers.current().values("holder_name")[:1]),
        last_number=Subquery(last_reminder.values("number")[:1]),
        last_sent_at=Subquery(last_reminder.values("sent_at")[:1]),
    )
    found = [
        Idle(
            row,
            max(row.waiting_since, row.without_since or row.waiting_since),
            row.manager_name or "",
            row.last_number or 0,
            row.last_sent_at,
        )
        for row in rows.select_related("unit")
    ]
    return sorted(found, key=lambda idle: (idle.since, idle.department.pk))


def _remind(idle, now):
    """Tell the unit, unless another worker has just done so; whether this one did."""
    department, unit = idle.department, idle.department.unit
    try:
        with transaction.atomic():
            Reminder.objects.create(
                department=department,
                number=idle.last_number + 1,
                sent_at=now,
                waiting=idle.figures.waiting_total,
                waiting_since=idle.since,
            )
            agents = Grant.objects.current().agents().filter(unit=unit).values("holder_digest")
            notify(
                [
                    *User.objects.filter(kind=Kind.LEGAL, uscc=unit.uscc, is_active=True),
                    *User.objects.known_by(agents).filter(is_active=True),
                ],
                subject=f"“{department}”有 {idle.figures.waiting_total:,} 份待审核，没有人能办理",
                body=(
                    f"{_why(idle)}自 {idle.day} 起，{idle.what_waits}等待审核，已超过 {WORKING_DAYS} 个工作日。"
                    "请设置一名管理人员；设置后，等待审核的都由新的管理人员办理。"
                ),
                url=department.get_absolute_url(),
            )
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "one_reminder_number_a_department":
            raise
        return False
    return True


def _why(idle):
    if idle.manager:
        return f"二级单位“{idle.department}”的管理人员{idle.manager}尚未登录过。"
    return f"二级单位“{idle.department}”没有管理人员。"
