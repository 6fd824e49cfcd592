"""Writes of the code tables: an administrator's, and those of a new release (`load_codes`)."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts import audit
from accounts.enums import AuditAction
from orgs import codes, stored_codes
from orgs.models import CodeEntry, CodeVersion
from orgs.services.officers import officers_alone
from orgs.trail import record
from zhgg.kit.errors import NotNow

BATCH = 1000
ROOM = 1000
"""Between two lines of a file there is room for so many that are added by hand."""


def add_code(*, actor, table, code, like, name, valid_from=None, valid_until=None):
    """A new line of a code table. It stands under the same heading as the code `like` of that table, and behind it.

    Raises NotNow where the code is there already or `like` is not, Http404 for anybody but 科技局.
    """
    officers_alone(actor)
    with transaction.atomic():
        _lock()
        rows = CodeEntry.objects.filter(table=table)
        _store_file(table)
        if rows.filter(code=code).exists():
            raise NotNow(f"{codes.TITLES[table]}已有代码 {code}，代码不能重复使用。请换一个代码，或编辑已有的一行。")
        beside = rows.filter(code=like).first()
        if beside is None:
            raise NotNow(f"{codes.TITLES[table]}没有代码 {like}，请填写一个已有的代码。")
        entry = CodeEntry.objects.create(
            table=table,
            code=code,
            name=name,
            columns=_beside({**beside.columns, **_fresh(beside.columns)}, name),
            position=_behind(rows, beside),
            valid_from=valid_from,
            valid_until=valid_until,
            by_hand=True,
        )
        record(AuditAction.CODE_SAVED, actor=actor, obj=entry, detail={"added": _facts(entry)})
        _changed()
    return entry


def change_code(*, actor, entry, name, valid_from=None, valid_until=None):
    """Another name or another time for a line. Nothing changed is nothing written down."""
    officers_alone(actor)
    with transaction.atomic():
        _lock()
        entry = CodeEntry.objects.get(pk=entry.pk)
        before = _facts(entry)
        if entry.name != name:
            entry.columns = _beside(entry.columns, name)
        entry.name, entry.valid_from, entry.valid_until = name, valid_from, valid_until
        after = _facts(entry)
        if before == after:
            return entry
        entry.by_hand = True
        entry.save()
        changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        record(AuditAction.CODE_SAVED, actor=actor, obj=entry, detail={"changed": changes})
        _changed()
    return entry


@dataclass
class Loaded:
    """What loading a table did or would do: the codes that were added, changed, ended, and left as they were made by
    hand."""

    table: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def __bool__(self):
        return bool(self.added or self.changed or self.ended)


def load_codes(*, tables=None, dry_run=False):
    """Bring the files of the code tables into the database; returns a Loaded for each table.

    What the file has and the database has not is added; what differs is changed; what the file has no longer ends
    yesterday. What an administrator has added or changed stays. Repeated, it changes nothing.
    """
    with transaction.atomic():
        _lock()
        today = timezone.localdate()
        report = [_load(table, today, dry_run) for table in sorted(tables or codes.names())]
        if not dry_run and any(report):
            for each in filter(None, report):
                numbers = {"added": len(each.added), "changed": len(each.changed), "ended": len(each.ended)}
                audit.record(AuditAction.CODES_LOADED, label=codes.TITLES[each.table], detail=numbers)
            _changed()
    return report


def _load(table, today, dry_run):
    done, new, changed = Loaded(table), [], []
    held = {entry.code: entry for entry in CodeEntry.objects.filter(table=table)}
    for wanted in _of_file(table):
        entry = held.pop(wanted.code, None)
        if entry is None:
            done.added.append(wanted.code)
            new.append(wanted)
        elif _line(entry) != _line(wanted):
            if entry.by_hand:
                done.kept.append(entry.code)
                continue
            done.changed.append(entry.code)
            entry.name, entry.columns, entry.position = wanted.name, wanted.columns, wanted.position
            entry.valid_until = None
            changed.append(entry)
    for entry in held.values():
        if entry.by_hand:
            done.kept.append(entry.code)
        elif entry.valid_until is None:
            done.ended.append(entry.code)
            entry.valid_until = today - timedelta(days=1)
            changed.append(entry)
    if not dry_run:
        CodeEntry.objects.bulk_create(new, batch_size=BATCH)
        columns = ["name", "columns", "position", "valid_until"]
        CodeEntry.objects.bulk_update(changed, columns, batch_size=BATCH)
    return done


def _of_file(table):
    return [
        CodeEntry(
            table=table,
            code=code,
            name=row["name"],
            columns={key: value for key, value in row.items() if key not in ("code", "name")},
            position=number * ROOM,
        )
        for number, (code, row) in enumerate(codes.of_file(table).rows.items(), start=1)
    ]


def _line(entry):
    # A code that had ended and is in the file again is in force again.
    ended = entry.valid_until if not entry.by_hand else None
    return entry.name, entry.columns, entry.position, ended


def _store_file(table):
    """A table of which the database has no line yet comes in whole: with one line in it its file counts no more."""
    if not CodeEntry.objects.filter(table=table).exists():
        CodeEntry.objects.bulk_create(_of_file(table), batch_size=BATCH)


def _beside(columns, name):
    """The other columns of a line with this name: where a table has a column of its own for the words, it follows."""
    return {key: name if key == "ui_name" and value else value for key, value in columns.items()}


def _fresh(columns):
    """What a new line does not take over from the one beside it."""
    return {
        key: value for key, value in {"status": "current", "valid_to": "", "successor": ""}.items() if key in columns
    }


def _behind(rows, beside):
    last = rows.filter(position__gte=beside.position, position__lt=(beside.position // ROOM + 1) * ROOM)
    return last.aggregate(last=Max("position"))["last"] + 1


def _facts(entry):
    days = {"valid_from": entry.valid_from, "valid_until": entry.valid_until}
    return {"name": entry.name, **{key: day.isoformat() if day else "" for key, day in days.items()}}


def _lock():
    """One change of the code tables at a time."""
    CodeVersion.objects.get_or_create(pk=1)
    CodeVersion.objects.select_for_update().get(pk=1)


def _changed():
    """Have every process read the tables again; this one at once."""
    CodeVersion.objects.filter(pk=1).update(number=F("number") + 1)
    transaction.on_commit(lambda: stored_codes.refresh(at_once=True))
