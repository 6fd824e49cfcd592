"""Every write to 附件. What is in the draft changes only under the lock of the 申报书, so that limits hold and a
submission freezes what stood there."""

from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.enums import AuditAction
from orgs.trail import record
from projects.attachments import MOST_BYTES, MOST_FILES
from projects.contents import files_of
from projects.enums import Tab
from projects.models import Attachment
from projects.rules import may_edit
from projects.services.locks import hold_proposal
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.kinds import shown_size
from zhgg.kit.uploads.storage import remove_after_commit, stored


class Full(NotNow):
    """There are as many files, or as much, as may be; the file was not kept."""


def attach(*, actor, proposal_id, kind, upload, replaces=None):
    """Keep a checked upload as an Attachment of the actor's draft; `kind` is a `projects.attachments.Kind`.

    With `replaces`, the id of another of the same kind, it takes that one's place. The same file sent again as the same
    kind is kept once. Raises Http404, NeverAllowed, NotNow (Full when there is no more room in the 申报书), and
    CannotStore when there is none on the server; nothing remains then.
    """
    with stored(upload) as columns, transaction.atomic():
        proposal, now = _hold_for_editing(actor, proposal_id)
        files = proposal.attachments.in_draft()
        if same := files.filter(kind=kind.code, sha256=columns["sha256"]).first():
            remove_after_commit(columns["storage_name"])
            return same
        replaced = None
        if replaces is not None:
            replaced = files.filter(pk=replaces, kind=kind.code).first()
            if replaced is None:
                raise NotNow("要替换的附件已不在申报书中，新的文件没有保存。请返回附件页重新上传。")
            _take_out(replaced)
        room = _Room(files, kind)
        room.check(columns["size"])
        attachment = Attachment.objects.create(
            proposal=proposal,
            kind=kind.code,
            position=replaced.position if replaced else room.next_position,
            uploaded_by=actor.user,
            uploaded_at=now,
            **columns,
        )
        detail = {"proposal": proposal.pk, "kind": kind.code, "size": attachment.size}
        if replaced:
            detail["replaces"] = replaces
        _touch(proposal, now)
        record(AuditAction.ATTACHMENT_ADDED, actor=actor, obj=attachment, unit_id=proposal.unit_id, detail=detail)
    return attachment


def remove(*, actor, proposal_id, attachment_id):
    """Take a file out of the actor's draft, and return it. A submission that names it keeps it.

    None when it is not there (any more). Raises Http404, NeverAllowed and NotNow.
    """
    with transaction.atomic():
        proposal, now = _hold_for_editing(actor, proposal_id)
        attachment = proposal.attachments.in_draft().filter(pk=attachment_id).first()
        if attachment is None:
            return None
        detail = {"proposal": proposal.pk, "kind": attachment.kind}
        record(AuditAction.ATTACHMENT_REMOVED, actor=actor, obj=attachment, unit_id=proposal.unit_id, detail=detail)
        _take_out(attachment)
        _touch(proposal, now)
    return attachment


def remove_all(proposal):
    """Remove the files of a draft that was never submitted, before it is deleted, in the same transaction."""
    for attachment in proposal.attachments.all():
        _take_out(attachment)


def freeze(proposal):
    """Name the files of the draft in the submission that is being made; what the submission says of them.

    Runs in the transaction of the submission, under its lock, after `submission_count` went up.
    """
    files, number = files_of(proposal), proposal.submission_count
    if files:
        held = Attachment.objects.filter(pk__in=[file.pk for file in files])
        held.update(first_submission=Coalesce(F("first_submission"), number), last_submission=number)
    return [
        {"id": file.pk, "kind": file.kind, "label": file.label, "size": file.size, "sha256": file.sha256}
        for file in files
    ]


def record_download(*, actor, attachment):
    """Write down that somebody else than the PI was given the file."""
    if attachment.proposal.pi_id != actor.user_id:
        detail = {"proposal": attachment.proposal_id}
        unit_id = attachment.proposal.unit_id
        record(AuditAction.FILE_DOWNLOADED, actor=actor, obj=attachment, unit_id=unit_id, detail=detail)


def _hold_for_editing(actor, proposal_id):
    """The locked 申报书 and the time after the lock, when the actor may change its files."""
    proposal = hold_proposal(actor=actor, proposal_id=proposal_id)
    if Tab.ATTACHMENTS not in proposal.call.tabs:
        raise Http404
    now = database_now()
    may_edit(actor, proposal, now).enforce()
    return proposal, now


def _take_out(attachment):
    """Out of the draft; a file that no submission names is removed for good."""
    if attachment.last_submission is None:
        remove_after_commit(attachment.storage_name)
        attachment.delete()
    else:
        attachment.in_draft = False
        attachment.save(update_fields=["in_draft"])


def _touch(proposal, now):
    proposal.updated_at = now
    proposal.save(update_fields=["updated_at"])


class _Room:
    """What the draft holds, under its lock."""

    def __init__(self, files, kind):
        self.kind = kind
        of_kind = Q(kind=kind.code)
        held = files.order_by().aggregate(
            number=Count("pk"),
            size=Coalesce(Sum("size"), 0),
            of_kind=Count("pk", filter=of_kind),
            last=Coalesce(Max("position", filter=of_kind), 0),
        )
        self.number, self.size, self.of_kind = held["number"], held["size"], held["of_kind"]
        self.next_position = held["last"] + 1

    def check(self, size):
        """Raise Full when a file of that size has no place."""
        if self.of_kind >= self.kind.most:
            raise Full(f"{self.kind.name}最多 {self.kind.most} 个，这个文件没有保存。请先删除不需要的，再上传。")
        if self.number >= MOST_FILES:
            raise Full(f"附件一共最多 {MOST_FILES} 个，这个文件没有保存。请合并文件，或删除不需要的。")
        if self.size + size > MOST_BYTES:
            raise Full(
                f"附件一共最多 {shown_size(MOST_BYTES)}，已有 {shown_size(self.size)}，"
                f"这个文件 {shown_size(size)}，没有保存。请压缩，或删除不需要的。"
            )
