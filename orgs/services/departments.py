"""Every write to 二级单位."""

import unicodedata

from django.db import IntegrityError, transaction

from accounts.enums import AuditAction
from orgs import usage
from orgs.enums import GrantRole
from orgs.models import Department, Grant, Unit
from orgs.rules import may_manage_departments
from orgs.services.grants import FieldConflict, end_grants, grant_role
from orgs.services.locks import confirm_authority, lock_department
from orgs.trail import record
from zhgg.kit.errors import NotNow


def department_name_key(name):
    """What two names of 二级单位 are compared by: blanks, full width and upper case make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())[:200]


def add_department(*, actor, unit, name):
    """Add a 二级单位 to the unit; NotNow when the name is taken."""
    may_manage_departments(actor, unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        department = Department(unit=unit)
        _save_name(department, name)
        record(AuditAction.DEPARTMENT_CREATED, actor=actor, obj=department, unit_id=unit.pk)
    return department


def rename_department(*, actor, department, name):
    """Give a 二级单位 another name; NotNow when it is taken or the 二级单位 was deleted."""
    may_manage_departments(actor, department.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        department = lock_department(department)
        former_name = department.name
        if name != former_name:
            _save_name(department, name)
            record(
                AuditAction.DEPARTMENT_SAVED,
                actor=actor,
                obj=department,
                unit_id=department.unit_id,
                detail={"former_name": former_name},
            )
    return department


def _save_name(department, name):
    department.name, department.name_key = name, department_name_key(name)
    try:
        with transaction.atomic():
            department.save()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "department_name_unique_in_unit":
            raise
        raise FieldConflict("name", f"本单位已有名为“{name}”的二级单位，请换一个名称。") from error


class StaleDepartment(NotNow):
    """Somebody else has saved the 二级单位 since the form was opened. Both values are as they stand now."""

    def __init__(self, department, manager):
        super().__init__(f"您填写期间，“{department.name}”已有更新。请核对后再保存。", title="二级单位刚刚有人保存")
        self.department, self.manager = department, manager


def save_department(
    *, actor, unit, name, holder_name, holder_mobile, holder_id_number, department=None, seen_name="", seen_grant=0
):
    """Save a 二级单位 with its manager, both or neither (S12); without `department` a new one.

    `seen_name` and `seen_grant` (0 for none) are what the form was made from: StaleDepartment when either has changed
    since. A manager whose data stay the same keeps the grant; anything else ends it and begins a new one.
    """
    holder = {"holder_name": holder_name, "holder_mobile": holder_mobile, "holder_id_number": holder_id_number}
    with transaction.atomic():
        confirm_authority(actor)
        manager = None
        if department is None:
            department = add_department(actor=actor, unit=unit, name=name)
        else:
            manager = _lock_as_seen(department, seen_name, seen_grant)
            department = rename_department(actor=actor, department=department, name=name)
        if manager is None or any(getattr(manager, field) != value for field, value in holder.items()):
            grant_role(actor=actor, role=GrantRole.MANAGER, unit=unit, department=department, **holder)
    return department


def _lock_as_seen(department, seen_name, seen_grant):
    """Lock a 二级单位 and its manager's grant, and return that grant or None."""
    managers = Grant.objects.current().managers().filter(department=department)
    list(managers.select_for_update())
    department = lock_department(department)
    # A fresh look: whoever held the locks before may have put another grant in the place of the one waited for.
    manager = managers.first()
    if department.name != seen_name or (manager.pk if manager else 0) != seen_grant:
        raise StaleDepartment(department, manager)
    return manager


class DepartmentInUse(NotNow):
    """A 二级单位 that cannot be deleted; `uses` says why."""

    def __init__(self, department, uses):
        sentences = "；".join(use.sentence for use in uses)
        super().__init__(
            f"不能删除“{department.name}”：{sentences}。",
            title="二级单位正在使用，不能删除",
            links=[(use.url, use.label) for use in uses],
        )
        self.uses = uses


def end_department(*, actor, department):
    """Delete a 二级单位 (S13): the row and its manager's grant end now, history keeps both.

    DepartmentInUse while 个人信息 refers to it or a proposal is in its 部门审核. Deleting one twice changes nothing.
    """
    may_manage_departments(actor, department.unit).enforce()
    with transaction.atomic():
        confirm_authority(actor)
        managers = Grant.objects.current().managers().filter(department=department)
        list(managers.select_for_update())
        Unit.objects.select_for_update(no_key=True).get(pk=department.unit_id)
        department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
        if department.ended_at is not None:
            return
        if uses := usage.of(department):
            raise DepartmentInUse(department, uses)
        department.ended_at = end_grants(managers.select_for_update(), actor=actor)
        department.save(update_fields=["ended_at"])
        record(AuditAction.DEPARTMENT_DELETED, actor=actor, obj=department, unit_id=department.unit_id)
