"""The answer that hands out a stored file."""

import logging

from django.http import FileResponse

from zhgg.kit.errors import Refusal
from zhgg.kit.uploads import storage
from zhgg.kit.uploads.kinds import KINDS, OFFICE

log = logging.getLogger("zhgg.uploads")

_KNOWN = {kind.content_type for kind in (*KINDS, *OFFICE)}


class FileAway(Refusal):
    """The row is there and the file cannot be read: 503."""

    status = 503
    title = "文件暂时打不开"


def serve(row):
    """A download of the `StoredFile`. Whether the visitor may have it was decided when the row was loaded.

    Always an attachment, with a type of ours and no sniffing; should a browser show it nevertheless, then in a sandbox.
    """
    try:
        file = open(storage.path_of(row.storage_name), "rb")  # noqa: SIM115 - the response closes it
    except OSError as error:
        log.error("a stored file cannot be read: %s %s: %s", row._meta.label_lower, row.pk, error)
        raise FileAway("这个文件现在读不出来，请稍后再试；仍然不行，请拨打技术支持电话，报出下面的编号。") from error
    content_type = row.content_type if row.content_type in _KNOWN else "application/octet-stream"
    response = FileResponse(file, as_attachment=True, filename=row.label, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response
