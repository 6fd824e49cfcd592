"""Sealing the audit trail: blocks of lines with a hash over them and over the block before, so that a changed, removed
or slipped-in line shows. `manage.py seal_audit` and the worker seal, `manage.py verify_audit` looks."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import UTC

from django.db import connection, transaction

from accounts.models import AuditEvent, AuditSeal

BLOCK = 10_000
"""Most lines in one block."""
PATIENCE_SECONDS = 20
LOCK = 20260623
"""Advisory lock: two sealers at once make one chain."""
GENESIS = "0" * 64
COLUMNS = (
    *("id", "at", "action", "user_id", "actor_label", "role", "unit_id"),
    *("object_type", "object_id", "object_label", "detail", "ok", "address", "request_id"),
)


class WritersBusy(Exception):
    """Somebody has been writing lines for longer than sealing waits. Nothing was sealed; the next run does it."""


def seal_audit(*, dry_run=False, progress=None):
    """Seal every line that is there now, in blocks; returns `(blocks, lines)`. `dry_run` counts only.

    Calls `progress(lines so far)` after each block. Raises WritersBusy.
    """
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    # A line may be numbered now and committed later, after lines with higher numbers.
    _wait_for_writers()
    blocks = lines = 0
    while number := _seal_block(newest, lines if dry_run else 0, dry_run):
        blocks, lines = blocks + 1, lines + number
        if progress:
            progress(lines)
    return blocks, lines


def _wait_for_writers():
    """Wait until every other transaction that has written lines so far is over, as CREATE INDEX CONCURRENTLY does."""
    until = time.monotonic() + PATIENCE_SECONDS
    busy = _writers()
    while busy:
        if time.monotonic() > until:
            raise WritersBusy("lines are being written")
        time.sleep(0.1)
        busy &= _writers()


def _writers():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
            " AND relation = %s::regclass AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [AuditEvent._meta.db_table],
        )
        return {virtual for (virtual,) in cursor.fetchall()}


@transaction.atomic
def _seal_block(newest, skipped, dry_run):
    """Seal the next block of lines up to `newest`; how many lines it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    before = AuditSeal.objects.order_by("-number").first()
    after = before.last_id if before else 0
    rows = AuditEvent.objects.filter(pk__gt=after, pk__lte=newest).order_by("pk").values_list(*COLUMNS)
    lines = list(rows[skipped : skipped + BLOCK])
    if lines and not dry_run:
        AuditSeal.objects.create(
            number=before.number + 1 if before else 1,
            first_id=lines[0][0],
            last_id=lines[-1][0],
            count=len(lines),
            previous=before.digest if before else GENESIS,
            digest=digest_of(before.digest if before else GENESIS, lines),
        )
    return len(lines)


def digest_of(previous, lines):
    """SHA-256 over the digest of the block before and each line, written as JSON with sorted keys and UTC times."""
    found = hashlib.sha256(previous.encode())
    for number, at, *rest in lines:
        written = json.dumps([number, at.astimezone(UTC).isoformat(), *rest], ensure_ascii=False, sort_keys=True)
        found.update(b"\n" + written.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


@dataclass(frozen=True)
class Broken:
    """The first block that is not as it was sealed, and what is wrong with it."""

    seal: AuditSeal
    what: str


def verify_audit(*, progress=None):
    """The first Broken block, or None when every block is as it was sealed. Calls `progress(number of the block)`."""
    number, after, digest = 0, 0, GENESIS
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=1000):
        if (seal.number, seal.previous) != (number + 1, digest):
            return Broken(seal, "前面缺少区块，或与前一区块不相连")
        lines = AuditEvent.objects.filter(pk__gt=after, pk__lte=seal.last_id).order_by("pk").values_list(*COLUMNS)
        lines = list(lines[: seal.count + 1])
        if len(lines) != seal.count:
            what = "少了记录" if len(lines) < seal.count else "多了记录"
            return Broken(seal, f"{what}：封存时 {seal.count:,} 条")
        if digest_of(digest, lines) != seal.digest:
            return Broken(seal, "记录的内容与封存时不同")
        number, after, digest = seal.number, seal.last_id, seal.digest
        if progress:
            progress(number)
    return None
