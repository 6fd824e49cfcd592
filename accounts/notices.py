"""Messages to users: a row under 消息, and an e-mail where there is an address."""

from collections import defaultdict
from dataclasses import dataclass

from accounts import tasks
from accounts.models import Notice, User
from zhgg.kit.clock import database_now


@dataclass(frozen=True)
class Message:
    """One message to one user, for `notify_each`."""

    recipient: User
    subject: str
    body: str = ""
    url: str = ""


def notify(recipients, *, subject, body="", url=""):
    """Tell every user of `recipients` the same; the same person named twice is told once. Plain text.

    Call it inside the transaction of the event: a rolled-back decision tells nobody. `url` is a path of this site.
    """
    unique = {user.pk: user for user in recipients}
    notify_each([Message(user, subject, body, url) for user in unique.values()])


def notify_each(messages):
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
        if notice.recipient.email and notice.recipient.is_active:
            by_person[notice.recipient_id].append(notice.pk)
    # Only ids go into the job: the queue holds no names, addresses or texts.
    if by_person:
        tasks.send_mail.batch_defer(*({"recipient_id": person, "notice_ids": ids} for person, ids in by_person.items()))


def unread_count(user):
    """How many messages of the user are unread."""
    return Notice.objects.filter(recipient=user, read_at=None).count()
