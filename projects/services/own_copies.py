"""A person's own data, handed out: as JSON at once, and as a PDF that the worker makes.

Both count as exports: they are in the audit trail, and 20 in ten minutes are the most.
"""

import logging
from datetime import timedelta
from io import BytesIO

from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.enums import AuditAction
from accounts.notices import notify
from accounts.own_data import has_own_data
from orgs import stored_codes
from orgs.services.exports import note_export
from orgs.trail import record
from projects.enums import PaperState
from projects.models import DataCopy
from projects.own_data import as_page
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed
from zhgg.kit.pdf.making import pdf_of
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF
from zhgg.kit.uploads.storage import remove_after_commit, stored

log = logging.getLogger("zhgg.pdf")

NAME = "我的数据"
MOST_ATTEMPTS = 3
RETRY_SECONDS = 10
PATIENCE = timedelta(minutes=15)
"""After that a copy that is still not made counts as failed: its worker has died."""
KEPT_FOR = timedelta(hours=24)
ASKED_FOR = -5
"""As the other PDFs that somebody waits for."""


def note_json(*, actor):
    """Write down that the actor takes their data as JSON. Raises TooOften, and NeverAllowed for who is no person."""
    _people_alone(actor)
    note_export(actor=actor, name=NAME, detail={"format": "JSON"})


def order_copy(*, actor):
    """Have the PDF of the actor's own data made, and tell them when it is. One that is being made stays the one.

    Raises TooOften, and NeverAllowed for who is no person.
    """
    _people_alone(actor)
    with transaction.atomic():
        note_export(actor=actor, name=NAME, detail={"format": "PDF"})
        _, is_new = DataCopy.objects.get_or_create(user=actor.user, defaults={"asked_at": database_now()})
        copy = DataCopy.objects.select_for_update(no_key=True).get(user=actor.user)
        if is_new or copy.state != PaperState.WAITING or is_stuck(copy):
            _drop_file(copy)
            copy.state, copy.attempts, copy.asked_at = PaperState.WAITING, 0, database_now()
            copy.save()
            make_data_copy.configure(priority=ASKED_FOR).defer(copy_id=copy.pk)
    return copy


def _people_alone(actor):
    if not has_own_data(actor.user):
        raise NeverAllowed("只有个人用户可以导出本人的数据。")


def is_stuck(copy):
    """Whether it has been waiting for so long that nobody makes it any more."""
    return copy.state == PaperState.WAITING and database_now() - copy.asked_at > PATIENCE


@app.task(name="projects.make_data_copy", retry=RetryStrategy(max_attempts=MOST_ATTEMPTS - 1, wait=RETRY_SECONDS))
def make_data_copy(copy_id):
    """Make one PDF; a failure is tried again, and the last one is written down for the page that waits."""
    waiting = DataCopy.objects.filter(pk=copy_id, state=PaperState.WAITING)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    copy = waiting.select_related("user").get()
    try:
        _make(copy)
    except Exception as error:
        # No message: it might quote the content.
        log.error("data copy %s was not made, attempt %s: %s", copy_id, copy.attempts, type(error).__name__)
        if copy.attempts < MOST_ATTEMPTS:
            raise
        if waiting.update(state=PaperState.FAILED):
            notify([copy.user], subject="我的数据没有生成", body="请再试一次。", url=reverse("own-data"), by_mail=False)


def _make(copy):
    stored_codes.refresh()
    pdf = pdf_of(as_page(copy.user))
    label = f"我的数据_{timezone.localdate():%Y%m%d}.pdf"
    upload = CheckedUpload(file=File(BytesIO(pdf)), label=label, kind=PDF, size=len(pdf))
    with stored(upload) as columns, transaction.atomic():
        held = DataCopy.objects.select_for_update(no_key=True).get(pk=copy.pk, state=PaperState.WAITING)
        for name, value in columns.items():
            setattr(held, name, value)
        held.state, held.uploaded_at = PaperState.READY, database_now()
        held.save()
        body = "可以下载，24 小时后删除。"
        notify([copy.user], subject="我的数据已生成", body=body, url=reverse("own-data"), by_mail=False)


def record_download(*, actor, copy):
    """Write down that the person was given the file."""
    record(AuditAction.FILE_DOWNLOADED, actor=actor, obj=copy)


def remove_copies(*, before=None):
    """Remove what was asked for before that moment, KEPT_FOR ago by default, in its files too. How many."""
    with transaction.atomic():
        old = DataCopy.objects.filter(asked_at__lte=before or Now() - KEPT_FOR)
        going = list(old.select_for_update(skip_locked=True))
        for copy in going:
            _drop_file(copy)
        DataCopy.objects.filter(pk__in=[copy.pk for copy in going]).delete()
    return len(going)


def _drop_file(copy):
    if copy.storage_name:
        remove_after_commit(copy.storage_name)
    copy.storage_name, copy.uploaded_at = None, None


@app.periodic(cron="35 * * * *")
@app.task(name="projects.clear_data_copies", queueing_lock="projects.clear_data_copies")
def clear_data_copies(timestamp):
    """Once an hour."""
    remove_copies()
