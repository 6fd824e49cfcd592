"""Locks that other writes lean on: the grant somebody acts by, and the 二级单位 something goes to.

Rows are locked in one order everywhere, so that two writes never wait for each other: grants, then people, then the
unit, then the 二级单位, then what hangs on them.
"""

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from orgs.enums import Role
from orgs.models import Department, Grant
from orgs.rules import why_suspended
from zhgg.kit.errors import NotNow


def confirm_authority(actor):
    """Make sure, in this transaction and until its end, that the actor still holds the grant they act by, and that the
    unit they act for is not suspended.

    An agent or manager who was replaced while a form was open is refused here. The shared lock makes ending a grant
    wait for decisions that are under way, and the other way round.
    """
    if actor.grant_id is not None:
        _confirm_grant(actor)
    if actor.unit_id is not None:
        confirm_unit(actor.unit_id)


def _confirm_grant(actor):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM orgs_grant WHERE id = %s AND ended_at IS NULL FOR SHARE", [actor.grant_id])
        if cursor.fetchone() is None:
            raise _ended(actor.role_label, actor.unit_name)


def refuse_if_just_ended(actor, *, links=()):
    """Raise the NotNow of `confirm_authority` for somebody whose last grant ended within a day and who has none now.

    For a form that was open when it ended: by the time it is sent, nothing of the unit is visible to them. `links` are
    the ways on that the page offers.
    """
    if actor.role != Role.PERSON or not actor.user.identity_digest:
        return
    held = Grant.objects.filter(holder_digest=actor.user.identity_digest, ended_at__gt=Now() - timedelta(days=1))
    grant = held.select_related("unit").order_by("-ended_at").first()
    if grant:
        raise _ended(grant.get_role_display(), grant.unit, links)


def _ended(role, unit, links=()):
    return NotNow(
        f"您作为{role}的授权已经结束，这次办理没有生效。如有疑问，请联系{unit}。",
        title="授权已结束",
        links=links,
    )


def confirm_unit(unit_id):
    """Make sure, in this transaction and until its end, that the unit is not suspended; NotNow when it is.

    The lock is the weakest there is, the one that a foreign key takes: it keeps nobody waiting but the suspension of
    the unit, which takes the strongest. So it may be taken at any time without a danger of two writes waiting for each
    other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, suspended_reason FROM orgs_unit WHERE id = %s FOR KEY SHARE", [unit_id])
        name, reason = cursor.fetchone()
    if reason:
        raise NotNow(why_suspended(name, reason), title="单位已停用")


def hold_department(department_id):
    """Keep the 二级单位 from being deleted, and its manager from changing, until this transaction ends.

    A shared lock: any number of submissions hold it at once, and only a change of the 二级单位 itself waits for them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM orgs_department WHERE id = %s FOR SHARE", [department_id])


def lock_department(department):
    """The current 二级单位, locked until this transaction ends; NotNow when it was deleted."""
    locked = Department.objects.current().select_for_update(no_key=True).filter(pk=department.pk).first()
    if locked is None:
        raise NotNow(f"二级单位“{department.name}”已被删除，不能再办理。")
    return locked
