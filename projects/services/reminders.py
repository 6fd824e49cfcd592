"""Reminding people of deadlines (B9): PIs of what they have begun and not submitted, reviewers of what waits."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.notices import notify_many
from projects.enums import DeadlineTask, State
from projects.models import DeadlineReminder, Proposal
from projects.notices import NAMED, managers_of, reviewers_of
from projects.rules import deadline, review_deadline
from zhgg.kit.clock import database_now

HOURS = (72, 24, 2)
"""How long before a deadline people are reminded of it."""
COLUMNS = ("call__closes_at", "call__review_closes_at", "submit_until", "review_until", "correction_due")
"""What a deadline may come from."""


@dataclass(frozen=True)
class Due:
    """One message: `hours` before `due` somebody is told of all that they have still to do by then."""

    recipient: User
    task: str
    due: datetime
    hours: int
    rows: list

    @property
    def key(self):
        """What is told once and never again."""
        return self.recipient.pk, self.task, self.due, self.hours

    def __str__(self):
        return f"{self.recipient}：{self.subject}"

    @property
    def subject(self):
        """还有 3 份申报书没有提交，2026-11-25 17:00 截止"""
        what = "没有提交" if self.task == DeadlineTask.SUBMIT else "等您审核"
        return f"还有 {len(self.rows):,} 份申报书{what}，{timezone.localtime(self.due):%Y-%m-%d %H:%M} 截止"

    @property
    def body(self):
        """What follows from the deadline, and the 申报书 by name."""
        named = "\n".join(f"“{row}”（{row.number}）" for row in self.rows[:NAMED])
        rest = f"\n等 {len(self.rows):,} 份。" if len(self.rows) > NAMED else ""
        verb = "提交" if self.task == DeadlineTask.SUBMIT else "办理"
        return f"截止后不能再{verb}，请在此前{verb}：\n{named}{rest}"

    @property
    def url(self):
        """Where it is done."""
        if self.task == DeadlineTask.REVIEW:
            return reverse("proposals")
        return self.rows[0].get_absolute_url() if len(self.rows) == 1 else reverse("my-proposals")


def remind_of_deadlines(*, dry_run=False):
    """Tell everybody of the deadlines that are 72, 24 or 2 hours away; the Due told (with `dry_run`: that would be).

    One message a person and deadline, about what was there to do at that hour and still is. After a pause of the
    worker only the nearest hour is told. Any number of calls, also at once, tell everything once: of two workers the
    database lets one write it down, and the other sends nothing.
    """
    found = _untold(due_reminders(database_now()))
    if dry_run or not found:
        return found
    try:
        with transaction.atomic():
            now = database_now()
            DeadlineReminder.objects.bulk_create(
                DeadlineReminder(
                    recipient=each.recipient,
                    task=each.task,
                    due=each.due,
                    hours=each.hours,
                    count=len(each.rows),
                    sent_at=now,
                )
                for each in found
            )
            notify_many([(each.recipient.pk, each.subject, each.body, each.url) for each in found])
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "one_reminder_a_deadline":
            raise
        return []
    return found


def _untold(found):
    told = set(
        DeadlineReminder.objects.filter(due__in={each.due for each in found}).values_list(
            "recipient_id", "task", "due", "hours"
        )
    )
    return [each for each in found if each.key not in told]


def due_reminders(now):
    """Every Due at `now`, told or not."""
    drafts, waiting = defaultdict(list), defaultdict(list)
    for row in _nearing(now):
        due = deadline(row) if row.state == State.DRAFT else review_deadline(row)
        hours = _hours(due, now)
        # Who began, or was sent it, after that hour knows the deadline.
        if hours and row.state_since <= due - timedelta(hours=hours):
            (drafts if row.state == State.DRAFT else waiting)[due, hours].append(row)
    found = [
        *_by_person(DeadlineTask.SUBMIT, drafts, lambda rows: [(row.pi_id, row) for row in rows]),
        *_by_person(DeadlineTask.REVIEW, waiting, _reviewers),
    ]
    users = User.objects.filter(is_active=True).in_bulk({user_id for user_id, *_ in found})
    return [Due(users[user_id], *rest) for user_id, *rest in found if user_id in users]


def _nearing(now):
    """申报书 that may have a deadline within the longest of the HOURS, and at whose unit something can be done."""
    window = (now, now + timedelta(hours=max(HOURS)))
    near = Q()
    for column in COLUMNS:
        near |= Q(**{f"{column}__range": window})
    rows = Proposal.objects.filter(near, state__in=(State.DRAFT, State.DEPARTMENT, State.UNIT), call__published=True)
    # Nobody of a suspended unit can submit or decide.
    rows = rows.exclude(state=State.DRAFT, pi__unit__suspended_at__isnull=False)
    rows = rows.exclude(~Q(state=State.DRAFT), unit__suspended_at__isnull=False)
    return rows.select_related("call").defer("call__guide").order_by("pk")


def _hours(due, now):
    """The nearest of the HOURS that has begun, None before and after them all."""
    left = due - now
    return next((hours for hours in sorted(HOURS) if timedelta(0) < left <= timedelta(hours=hours)), None)


def _by_person(task, grouped, people_of):
    """What a Due is made of, with the number of the account."""
    for (due, hours), rows in grouped.items():
        by_person = defaultdict(list)
        for user_id, row in people_of(rows):
            by_person[user_id].append(row)
        for user_id, theirs in by_person.items():
            yield user_id, task, due, hours, theirs


def _reviewers(rows):
    """`[(account, 申报书)]`: whoever may decide it. Nobody decides about themselves."""
    at_unit = [row for row in rows if row.state == State.UNIT]
    at_department = [row for row in rows if row.state == State.DEPARTMENT]
    for people, theirs, place in (
        (reviewers_of({row.unit_id for row in at_unit}), at_unit, "unit_id"),
        (managers_of({row.department_id for row in at_department}), at_department, "department_id"),
    ):
        by_place = defaultdict(list)
        for user_id, place_id in people:
            by_place[place_id].append(user_id)
        for row in theirs:
            yield from ((user_id, row) for user_id in by_place[getattr(row, place)] if user_id != row.pi_id)
