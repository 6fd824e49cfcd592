"""A person's own data, handed out: as JSON at once, and as a PDF that the worker makes.

Both count as exports: they are in the audit trail, and 20 in ten minutes are the most.
"""

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.enums import AuditAction
from accounts.notices import notify
from accounts.own_data import has_own_data
from orgs.services.exports import note_export
from orgs.trail import record
from projects.enums import PaperState
from projects.models import DataCopy
from projects.own_data import as_page
from projects.services import made_pdfs
from projects.services.made_pdfs import ASKED_FOR, KEPT_FOR, RETRY, Drawn, have_wait, is_stuck
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed

NAME = "我的数据"


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
            have_wait(copy)
            make_data_copy.configure(priority=ASKED_FOR).defer(copy_id=copy.pk)
    return copy


def _people_alone(actor):
    if not has_own_data(actor.user):
        raise NeverAllowed("只有个人用户可以导出本人的数据。")


@app.task(name="projects.make_data_copy", retry=RETRY)
def make_data_copy(copy_id):
    """Make one PDF."""
    made_pdfs.attempt(DataCopy, copy_id, draw=_draw, tell=_tell)


def _draw(copy):
    return Drawn(as_page(copy.user), f"我的数据_{timezone.localdate():%Y%m%d}.pdf", {})


def _tell(copy):
    """Tell the person, in 消息 only: they are waiting at the page."""
    if copy.state == PaperState.READY:
        subject, body = "我的数据已生成", "可以下载，24 小时后删除。"
    else:
        subject, body = "我的数据没有生成", "请再试一次。"
    notify([copy.user], subject=subject, body=body, url=reverse("own-data"), by_mail=False)


def record_download(*, actor, copy):
    """Write down that the person was given the file."""
    record(AuditAction.FILE_DOWNLOADED, actor=actor, obj=copy)


def remove_copies(*, before=None):
    """Remove what was asked for before that moment, KEPT_FOR ago by default, in its files too. How many."""
    return made_pdfs.remove(DataCopy.objects.filter(asked_at__lte=before or Now() - KEPT_FOR))


@app.periodic(cron="35 * * * *")
@app.task(name="projects.clear_data_copies", queueing_lock="projects.clear_data_copies")
def clear_data_copies(timestamp):
    """Once an hour."""
    remove_copies()
