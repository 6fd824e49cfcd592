"""Files in UPLOAD_ROOT, outside the web root, under random names, readable by the site's own user only."""

import hashlib
import logging
import os
import re
import secrets
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction

from zhgg.kit.errors import Refusal
from zhgg.kit.uploads.checks import NO_ROOM, NO_ROOM_SENTENCE

log = logging.getLogger("zhgg.uploads")

CHUNK = 256 * 1024
_NAME = re.compile("[0-9a-f]{32}")


class CannotStore(Refusal):
    """The upload area is full or cannot be written; nothing was stored: 507."""

    status = 507
    title = "文件没有保存"

    def __init__(self):
        super().__init__(f"{NO_ROOM_SENTENCE}。")

    @staticmethod
    def as_error():
        """The same as an error of a form field, for a page that keeps what was typed."""
        return ValidationError(NO_ROOM_SENTENCE, code=NO_ROOM)


@contextmanager
def stored(upload):
    """Write a `checks.CheckedUpload` and yield the columns of its row; the file goes again when the block fails.

    Open the transaction inside, so that the block ends after the commit:

        with stored(upload) as columns, transaction.atomic():
            Document.objects.create(uploaded_at=database_now(), **columns)

    Raises CannotStore when there is no room; nothing remains then.
    """
    name, sha256 = _write(upload)
    try:
        yield {
            "storage_name": name,
            "label": upload.label,
            "content_type": upload.kind.content_type,
            "size": upload.size,
            "sha256": sha256,
        }
    except (OperationalError, InterfaceError):
        # The connection may have broken after the commit: whether the row stands, `remove_orphans` finds out.
        raise
    except BaseException:
        remove(name)
        raise


def path_of(name):
    """Where the file of that storage name is. ValueError for anything that is no storage name."""
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return Path(settings.UPLOAD_ROOT) / name[:2] / name


def remove(name):
    """Remove the file, if it is there. A failure is logged: `remove_orphans` tries again."""
    try:
        path_of(name).unlink(missing_ok=True)
    except OSError as error:
        log.error("a stored file could not be removed: %s", error)


def remove_after_commit(name):
    """Remove the file once the transaction that deletes its row is committed."""
    transaction.on_commit(partial(remove, name), robust=True)


def _write(upload):
    """Write the whole file to the disk itself; its storage name and digest."""
    name = secrets.token_hex(16)
    path = path_of(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = _copy(upload, path)
        _sync_folder(path.parent)
    except OSError as error:
        log.error("an uploaded file could not be stored: %s", error)
        remove(name)
        raise CannotStore from error
    except BaseException:
        remove(name)
        raise
    return name, digest


def _copy(upload, path):
    digest, size = hashlib.sha256(), 0
    upload.file.seek(0)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as target:
        while chunk := upload.file.read(CHUNK):
            view = memoryview(chunk)
            while view:
                view = view[target.write(view) :]
            digest.update(chunk)
            size += len(chunk)
        os.fsync(target.fileno())
    if size != upload.size:
        raise OSError(f"{size} bytes came where {upload.size} were announced")
    return digest.hexdigest()


def _sync_folder(folder):
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
