"""Every write to proof documents (佐证材料).

The person's row is the lock: what is current changes only under it, and a request takes what is current under it too.
"""

from django.db import transaction
from django.http import Http404

from accounts.enums import AuditAction
from orgs.trail import record
from profiles.models import Person, ProofDocument
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow
from zhgg.kit.uploads.kinds import JPEG, MB, PDF, PNG
from zhgg.kit.uploads.storage import remove_after_commit, stored

LIMITS = dict.fromkeys((PDF, JPEG, PNG), 10 * MB)
"""What is taken as a proof document, and how large."""
MOST = 6
"""How many documents of a person are current."""


def attach(*, actor, kind, upload):
    """Keep a checked upload as a current document of the actor's.

    The same file sent again as the same kind is kept once. Raises NotNow when there are MOST of them, CannotStore when
    there is no room.
    """
    with stored(upload) as columns, transaction.atomic():
        person = _lock_own(actor)
        current = person.documents.current()
        if same := current.filter(kind=kind, sha256=columns["sha256"]).first():
            remove_after_commit(columns["storage_name"])
            return same
        if current.count() >= MOST:
            raise NotNow(f"佐证材料最多 {MOST} 份，这一份没有保存。请先删除不需要的，再上传。")
        document = ProofDocument.objects.create(
            person=person, kind=kind, uploaded_by=actor.user, uploaded_at=database_now(), **columns
        )
        record(AuditAction.DOCUMENT_ATTACHED, actor=actor, obj=document, detail={"kind": kind, "size": document.size})
    return document


def take_off(*, actor, document_id):
    """Take a current document of the actor's off the next request; a file that no request has is removed for good.

    Raises Http404 for anything else.
    """
    with transaction.atomic():
        person = _lock_own(actor)
        document = person.documents.current().filter(pk=document_id).first()
        if document is None:
            raise Http404
        record(AuditAction.DOCUMENT_TAKEN_OFF, actor=actor, obj=document)
        if document.requests.exists():
            document.taken_off_at = database_now()
            document.save(update_fields=["taken_off_at"])
        else:
            remove_after_commit(document.storage_name)
            document.delete()


def record_download(*, actor, document):
    """Write down that the actor was given the file."""
    record(AuditAction.FILE_DOWNLOADED, actor=actor, obj=document, detail={"person": document.person_id})


def _lock_own(actor):
    person = Person.objects.own(actor).select_for_update(no_key=True).first()
    if person is None:
        raise NeverAllowed("只有个人用户可以上传佐证材料。")
    return person
