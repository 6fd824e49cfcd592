"""Files of the guide page of a call: those of 科技局 add and remove them."""

from django.db import transaction
from django.http import Http404

from accounts.enums import AuditAction
from orgs.trail import record
from projects.models import Call, CallFile
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.kinds import DOCX, MB, PDF, XLSX
from zhgg.kit.uploads.storage import remove_after_commit, stored

LIMITS = dict.fromkeys((PDF, DOCX, XLSX), 20 * MB)
"""What is taken, and how large."""
MOST = 20
"""How many files a call has at most."""


def add_call_file(*, actor, call_id, upload):
    """Put a checked upload on the guide page of a call. The same file again is kept once.

    Raises Http404, NotNow when there are MOST of them, and CannotStore.
    """
    with stored(upload) as columns, transaction.atomic():
        call = Call.objects.filter(pk=call_id).select_for_update(no_key=True).first()
        if call is None:
            raise Http404
        if same := call.files.filter(sha256=columns["sha256"]).first():
            remove_after_commit(columns["storage_name"])
            return same
        if call.files.count() >= MOST:
            raise NotNow(f"一个批次最多 {MOST} 个文件，这个文件没有保存。请先删除不需要的。")
        file = CallFile.objects.create(call=call, uploaded_by=actor.user, uploaded_at=database_now(), **columns)
        record(AuditAction.CALL_SAVED, actor=actor, obj=call, detail={"file_added": file.label})
    return file


def remove_call_file(*, actor, file):
    """Take the file off the guide page, for good."""
    with transaction.atomic():
        record(AuditAction.CALL_SAVED, actor=actor, obj=file.call, detail={"file_removed": file.label})
        remove_after_commit(file.storage_name)
        file.delete()
