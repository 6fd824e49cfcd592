"""附件 for tests, their files included."""

from django.db.models import Max
from django.utils import timezone

from projects.models import Attachment, CallFile
from tests.uploads import pdf, uploaded
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF, kind_of
from zhgg.kit.uploads.storage import stored


def upload_of(label="协议.pdf", data=None):
    """A file that was checked already."""
    data = pdf() if data is None else data
    return CheckedUpload(file=uploaded(label, data), label=label, kind=kind_of(data[:16]) or PDF, size=len(data))


def make_attachment(proposal, kind="01", label="协议.pdf", *, data=None, submissions=None, **fields):
    """A file in the draft of the 申报书; `submissions` is (first, last) of those that name it."""
    last = proposal.attachments.filter(kind=kind).aggregate(last=Max("position"))["last"] or 0
    first_submission, last_submission = submissions or (None, None)
    with stored(upload_of(label, data)) as columns:
        return Attachment.objects.create(
            proposal=proposal,
            uploaded_by=proposal.pi.user,
            **{
                "kind": kind,
                "position": last + 1,
                "uploaded_at": timezone.now(),
                "first_submission": first_submission,
                "last_submission": last_submission,
                **columns,
                **fields,
            },
        )


def make_call_file(call, label="申报指南.pdf", data=None):
    """A file of the guide page of a call."""
    with stored(upload_of(label, data)) as columns:
        return CallFile.objects.create(call=call, uploaded_at=timezone.now(), **columns)
