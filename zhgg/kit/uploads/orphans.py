"""Files without a row: what a crash between file and row left behind."""

import logging
import time
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.conf import settings

from zhgg.kit.uploads import storage
from zhgg.kit.uploads.models import StoredFile

log = logging.getLogger("zhgg.uploads")

GRACE_SECONDS = 24 * 60 * 60
"""A younger file may belong to a request that is under way."""
AT_ONCE = 500


def remove_orphans():
    """Remove stored files older than a day that no row names; how many."""
    removed = 0
    for name in find_orphans():
        storage.remove(name)
        removed += 1
    if removed:
        log.warning("removed %d stored files that no row names", removed)
    return removed


def find_orphans():
    """The names of stored files older than a day that no row names."""
    before = time.time() - GRACE_SECONDS
    names = (path.name for path in _older(Path(settings.UPLOAD_ROOT).glob("[0-9a-f][0-9a-f]/*"), before))
    while batch := set(islice(names, AT_ONCE)):
        yield from batch - _named_by_rows(batch)


def find_missing():
    """`(row, storage name)` of rows whose file is gone: a fault that needs a restore from the backup."""
    for model in apps.get_models():
        if issubclass(model, StoredFile):
            rows = model._base_manager.exclude(storage_name=None).order_by("pk")
            for row in rows.iterator():
                if not storage.path_of(row.storage_name).exists():
                    yield row, row.storage_name


def _older(paths, before):
    for path in paths:
        try:
            if path.stat().st_mtime < before:
                yield path
        except FileNotFoundError:
            continue


def _named_by_rows(names):
    found = set()
    for model in apps.get_models():
        if issubclass(model, StoredFile):
            rows = model._base_manager.filter(storage_name__in=names)
            found |= set(rows.values_list("storage_name", flat=True))
    return found
