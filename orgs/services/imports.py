"""新增二级单位, many at once: all of an uploaded list or nothing, as many statements for 2,000 as for one."""

from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from accounts.audit import Line, record_lines
from accounts.enums import AuditAction
from accounts.identity import identity_digest
from accounts.models import User
from accounts.notices import Message, notify_each
from orgs.enums import GrantRole
from orgs.models import Department, DepartmentImport, Grant, Unit
from orgs.rules import may_grant, may_manage_departments
from orgs.services.departments import department_name_key
from orgs.services.grants import GRANT_CONFLICTS, audit_detail, why_held, words_for_new_holder
from orgs.services.locks import confirm_authority
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.identifiers.id_documents import RESIDENT_ID

NAME_CONFLICT = "department_name_unique_in_unit"


class ImportConflicts(NotNow):
    """Rows stand against each other or against what is stored by now; nothing was imported."""

    def __init__(self):
        super().__init__("您核对期间，单位的二级单位或管理人员已有变化，没有导入。请核对后再导入。", title="没有导入")


def conflicts(unit, rows):
    """What keeps rows from becoming 二级单位 of the unit, `{place: {field: sentence}}`; three queries for any number.

    `rows` are `(number, values)`: the row's number in the file and cleaned values by field; one that is missing is not
    looked at. Within the file the first of two rows stands.
    """
    keys = {place: department_name_key(values["name"]) for place, (_, values) in enumerate(rows) if "name" in values}
    people = {
        place: identity_digest(RESIDENT_ID, values["holder_id_number"])
        for place, (_, values) in enumerate(rows)
        if "holder_id_number" in values
    }
    taken = Department.objects.current().filter(unit=unit, name_key__in=set(keys.values()))
    taken = set(taken.values_list("name_key", flat=True))
    held = Grant.objects.current().filter(holder_digest__in=set(people.values())).select_related("department")
    held = {grant.holder_digest: grant for grant in held}
    found = {}
    first = {}
    for place, key in keys.items():
        if key in taken:
            sentence = f"本单位已有名为“{rows[place][1]['name']}”的二级单位，请换一个名称，或删除这一行"
            found.setdefault(place, {})["name"] = sentence
        elif (before := first.setdefault(key, place)) != place:
            found.setdefault(place, {})["name"] = f"与第 {rows[before][0]} 行的名称相同，请改名，或删除其中一行"
    first = {}
    for place, person in people.items():
        if grant := held.get(person):
            own = grant if grant.unit_id == unit.pk else None
            found.setdefault(place, {})["holder_id_number"] = why_held(own, GrantRole.MANAGER).rstrip("。")
        elif (before := first.setdefault(person, place)) != place:
            sentence = f"与第 {rows[before][0]} 行是同一个人，一人只能管理一个二级单位，请换一人"
            found.setdefault(place, {})["holder_id_number"] = sentence
    return found


def keep_import(*, actor, unit, file_name, text, row_count):
    """Keep what was uploaded until it is confirmed; `text` holds `row_count` rows and is encrypted."""
    may_manage_departments(actor, unit).enforce()
    return DepartmentImport.objects.create(
        unit=unit, user_id=actor.user_id, file_name=file_name, rows=text, row_count=row_count
    )


def confirm_import(*, actor, pending, rows):
    """Make the 二级单位 of `rows` (as `conflicts` takes them, complete) with their managers, all or nothing.

    The same as 新增二级单位 for each. Confirmed twice it acts once. Raises ImportConflicts when a row no longer
    fits what is stored, Http404 when the hour of `pending` is over.
    """
    unit = pending.unit
    may_manage_departments(actor, unit).enforce()
    may_grant(actor, GrantRole.MANAGER, unit).enforce()
    try:
        with transaction.atomic():
            confirm_authority(actor)
            Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
            pending = DepartmentImport.objects.visible_to(actor).select_for_update().filter(pk=pending.pk).first()
            if pending is None:
                raise Http404
            if pending.confirmed_at:
                return
            if conflicts(unit, rows):
                raise ImportConflicts
            now = database_now()
            _write(actor, unit, [values for _, values in rows], now)
            pending.confirmed_at, pending.rows = now, ""
            pending.save(update_fields=["confirmed_at", "rows"])
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name not in {NAME_CONFLICT, *GRANT_CONFLICTS}:
            raise
        raise ImportConflicts from error


def _write(actor, unit, rows, now):
    departments = Department.objects.bulk_create(
        Department(unit=unit, name=values["name"], name_key=department_name_key(values["name"])) for values in rows
    )
    _record(AuditAction.DEPARTMENT_CREATED, actor, departments)
    grants = [
        Grant(
            role=GrantRole.MANAGER,
            unit=unit,
            department=department,
            holder_name=values["holder_name"],
            holder_mobile=values["holder_mobile"],
            holder_id_number=values["holder_id_number"],
            holder_digest=identity_digest(RESIDENT_ID, values["holder_id_number"]),
            started_at=now,
            started_by_id=actor.user_id,
        )
        for department, values in zip(departments, rows, strict=True)
    ]
    # Two units that name the same people at once then wait for each other in one order.
    grants.sort(key=lambda grant: grant.holder_digest)
    Grant.objects.bulk_create(grants)
    _record(AuditAction.GRANTED, actor, grants, audit_detail)
    by_digest = {grant.holder_digest: grant for grant in grants}
    known = User.objects.known_by(list(by_digest)).filter(is_active=True)
    portal = reverse("portal")
    notify_each(
        [Message(user, *words_for_new_holder(actor, by_digest[user.identity_digest]), portal) for user in known]
    )


def _record(action, actor, rows, detail_of=lambda _: {}):
    lines = [Line(row.pk, str(row), row.unit_id, detail_of(row)) for row in rows]
    record_lines(action, type(rows[0]), lines, user=actor.user, role=actor.role)
