"""Messages to users: a row under 消息, and an e-mail where there is an address."""

import json
from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from accounts import tasks
from accounts.models import Notice, User
from zhgg.kit.clock import database_now
from zhgg.kit.kept import Given, Kept, count_rows

_UNREAD = Kept(
    lambda: Notice.objects.filter(recipient=Given("user"), read_at=None).order_by().values_list(count_rows())
)


@dataclass(frozen=True)
class Message:
    """One message to one user, for `notify_each`."""

    recipient: User
    subject: str
    body: str = ""
    url: str = ""


def notify(recipients, *, subject, body="", url="", by_mail=True):
    """Tell every user of `recipients` the same; the same person named twice is told once. Plain text.

    Call it inside the transaction of the event: a rolled-back decision tells nobody. `url` is a path of this site.
    Without `by_mail` it stays in 消息.
    """
    unique = {user.pk: user for user in recipients}
    notify_each([Message(user, subject, body, url) for user in unique.values()], by_mail=by_mail)


def notify_each(messages, *, by_mail=True):
    """Tell many users different things at once, as a batch does: one row each, and one e-mail a person."""
    # Without the column default, which is an expression, Django sends thousands of rows as arrays.
    now = database_now()
    notices = Notice.objects.bulk_create(
        Notice(
            created_at=now,
            recipient=message.recipient,
            subject=" ".join(message.subject.split())[:200],
            body=message.body,
            url=message.url,
        )
        for message in messages
    )
    by_person = defaultdict(list)
    for notice in notices:
        if by_mail and notice.recipient.email and notice.recipient.is_active:
            by_person[notice.recipient_id].append(notice.pk)
    # Only ids go into the job: the queue holds no names, addresses or texts.
    if by_person:
        tasks.send_mail.batch_defer(*({"recipient_id": person, "notice_ids": ids} for person, ids in by_person.items()))


def notify_many(messages, *, job=None):
    """As `notify_each`, for thousands: `[(id of the recipient, subject, body, url)]`, one statement and one job.

    The job queues the e-mails, because that takes longer than everything else of a batch. A `job` of the queue that
    writes messages gives its id: run again, it tells only those whom it has not told yet.
    """
    if not messages:
        return
    names = ("recipient_id", "subject", "body", "url")
    # One JSON text: thousands of texts take long to write into a statement as an array.
    lines = json.dumps([dict(zip(names, message, strict=True)) for message in messages])
    statement = """
        INSERT INTO accounts_notice (recipient_id, subject, body, url, created_at, job)
        SELECT recipient_id, left(subject, 200), body, url, clock_timestamp(), %s
        FROM jsonb_to_recordset(%s::jsonb) AS line (recipient_id bigint, subject text, body text, url text)
        ON CONFLICT (job, recipient_id) WHERE job IS NOT NULL DO NOTHING
        RETURNING id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [job, lines])
        notice_ids = [pk for (pk,) in cursor.fetchall()]
    if notice_ids:
        tasks.queue_mails.defer(notice_ids=notice_ids)


def unread_count(user):
    """How many messages of the user are unread; as counted with their session where that was done."""
    if user.unread is not None:
        return user.unread
    [number] = _UNREAD.first(user=user.pk)
    return number
