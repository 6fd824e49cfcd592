"""Every write to a 通知公告: save, publish, take back. For officers of 科技局."""

from uuid import uuid5

from django.db import transaction
from django.http import Http404

from accounts.enums import AuditAction
from orgs.services.officers import officers_alone
from orgs.trail import record
from projects.bulletin import EDITED, change_line
from projects.models import Announcement
from projects.rules import may_publish_announcement
from projects.services.changes import write_down
from zhgg.kit.clock import database_now

CREATED, SAVED, PUBLISHED, TAKEN_BACK = "新建", "修改", "发布", "收回"


class StaleAnnouncement(Exception):
    """Somebody else has changed the announcement since the page was opened. `announcement` is as it stands now."""

    def __init__(self, announcement):
        super().__init__("announcement was changed meanwhile")
        self.announcement = announcement


def create_announcement(*, actor, values, form_key):
    """A new announcement, not published. The same `form_key` again answers with the one made before. Raises Http404
    for anybody but officers."""
    officers_alone(actor)
    form_key = uuid5(form_key, str(actor.user_id))
    with transaction.atomic():
        made, is_new = Announcement.objects.get_or_create(form_key=form_key, defaults=values)
        if is_new:
            write_down(made, actor=actor, what=CREATED, values=[])
            record(AuditAction.ANNOUNCEMENT_SAVED, actor=actor, obj=made, detail={"created": True})
    return made


def save_announcement(*, actor, announcement_id, version, values):
    """Save what was filled in (`values` holds every field of `bulletin.EDITED`) and return the announcement; what did
    not change is neither saved nor written down.

    `version` is the one the form was made from: StaleAnnouncement when somebody has changed it since. Raises Http404.
    """
    officers_alone(actor)
    with transaction.atomic():
        found = _lock(announcement_id)
        changed = [name for name in EDITED if getattr(found, name) != values[name]]
        if not changed:
            return found
        if found.version != version:
            raise StaleAnnouncement(found)
        lines = [change_line(name, getattr(found, name), values[name]) for name in changed]
        for name in changed:
            setattr(found, name, values[name])
        _save(found, *changed)
        write_down(found, actor=actor, what=SAVED, values=lines)
        record(AuditAction.ANNOUNCEMENT_SAVED, actor=actor, obj=found, detail={"changed": sorted(changed)})
    return found


def publish_announcement(*, actor, announcement_id, version):
    """Show the announcement to those whom it is for, from `shows_from` on, which is now where it lay in the past.

    Publishing twice changes nothing. Raises Http404, StaleAnnouncement, and NotNow as
    `projects.rules.may_publish_announcement` says.
    """
    officers_alone(actor)
    with transaction.atomic():
        found = _lock(announcement_id)
        if found.published:
            return found
        _same_version(found, version)
        now = database_now()
        may_publish_announcement(found, now).enforce()
        before, found.shows_from = found.shows_from, max(found.shows_from, now)
        found.published = True
        _save(found, "published", "shows_from")
        label, before, after = change_line("shows_from", before, found.shows_from)
        write_down(found, actor=actor, what=PUBLISHED, values=[[label, before, after]] if before != after else [])
        record(AuditAction.ANNOUNCEMENT_PUBLISHED, actor=actor, obj=found)
    return found


def take_back_announcement(*, actor, announcement_id, version):
    """Show the announcement to nobody any more; it can be changed and published again. Taking back twice changes
    nothing. Raises Http404 and StaleAnnouncement."""
    officers_alone(actor)
    with transaction.atomic():
        found = _lock(announcement_id)
        if not found.published:
            return found
        _same_version(found, version)
        found.published = False
        _save(found, "published")
        write_down(found, actor=actor, what=TAKEN_BACK, values=[])
        record(AuditAction.ANNOUNCEMENT_WITHDRAWN, actor=actor, obj=found)
    return found


def _lock(announcement_id):
    found = Announcement.objects.select_for_update(no_key=True).filter(pk=announcement_id).first()
    if found is None:
        raise Http404
    return found


def _same_version(found, version):
    if found.version != version:
        raise StaleAnnouncement(found)


def _save(found, *fields):
    found.version += 1
    found.save(update_fields=[*fields, "version"])
