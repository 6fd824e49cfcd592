"""What PDFs have in common that the worker makes while somebody waits: those of an 申报书 and of a person's own data.

A row (`models.MadePdf`) waits, is ready, or has failed, and is the lock. A failure is tried again, and the last one is
written down for the page that waits.
"""

import logging
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple

from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from procrastinate import RetryStrategy

from orgs import stored_codes
from projects.enums import PaperState
from zhgg.kit.clock import database_now
from zhgg.kit.pdf.making import pdf_of
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF
from zhgg.kit.uploads.storage import remove_after_commit, stored

log = logging.getLogger("zhgg.pdf")

MOST_ATTEMPTS = 3
RETRY = RetryStrategy(max_attempts=MOST_ATTEMPTS - 1, wait=10)
"""Of the job that calls `attempt`. Seconds."""
PATIENCE = timedelta(minutes=15)
"""After that a PDF that is still not made counts as failed: its worker has died."""
KEPT_FOR = timedelta(hours=24)
"""How long what was made for a moment is kept."""
ASKED_FOR, IN_STOCK = -5, -10
"""Priorities in the queue: e-mails go first (0), then what somebody waits for, then what nobody has asked for yet."""


class Drawn(NamedTuple):
    """A page to make a PDF of, the name of its file, and what else the row says once it is made."""

    html: str
    label: str
    columns: dict


def is_stuck(row):
    """Whether it has been waiting for so long that nobody makes it any more."""
    return row.state == PaperState.WAITING and database_now() - row.asked_at > PATIENCE


def have_wait(row):
    """Have a locked row wait again, from the first attempt and without the file it had. The caller queues the job."""
    _drop_file(row)
    row.state, row.attempts, row.asked_at = PaperState.WAITING, 0, database_now()
    row.storage_name, row.uploaded_at = None, None
    row.save()


def attempt(model, pk, *, draw, tell):
    """Make the PDF of one row that waits; of any other, nothing.

    `draw(row)` gives its Drawn. `tell(row)` runs in the transaction by which the row becomes ready or, after the last
    attempt, failed. Raises what went wrong while there are attempts left, so that the job is tried again.
    """
    waiting = model.objects.filter(pk=pk, state=PaperState.WAITING)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    row = waiting.get()
    try:
        _make(row, waiting, draw, tell)
    except Exception as error:
        # No message: it might quote the content.
        name = model._meta.model_name
        log.error("%s %s was not made, attempt %s: %s", name, pk, row.attempts, type(error).__name__)
        if row.attempts < MOST_ATTEMPTS:
            raise
        _give_up(waiting, tell)


def _make(row, waiting, draw, tell):
    stored_codes.refresh()
    drawn = draw(row)
    pdf = pdf_of(drawn.html)
    upload = CheckedUpload(file=File(BytesIO(pdf)), label=drawn.label, kind=PDF, size=len(pdf))
    with stored(upload) as columns, transaction.atomic():
        # Deleted meanwhile: DoesNotExist, and the file goes again.
        held = waiting.select_for_update(no_key=True).get()
        for name, value in (columns | drawn.columns).items():
            setattr(held, name, value)
        held.state, held.uploaded_at = PaperState.READY, database_now()
        held.save()
        tell(held)


def _give_up(waiting, tell):
    with transaction.atomic():
        held = waiting.select_for_update(no_key=True).first()
        if held is not None:
            held.state = PaperState.FAILED
            held.save(update_fields=["state"])
            tell(held)


def remove(rows):
    """Remove these rows with their files, but those that somebody is at; how many went."""
    with transaction.atomic():
        going = list(rows.select_for_update(of=("self",), skip_locked=True))
        for row in going:
            _drop_file(row)
        rows.model.objects.filter(pk__in=[row.pk for row in going]).delete()
    return len(going)


def _drop_file(row):
    if row.storage_name:
        remove_after_commit(row.storage_name)
