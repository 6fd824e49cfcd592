"""二级单位 from Excel: what changes before 【确认导入】, what it leaves, how much it takes."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.identity import identity_digest
from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole
from orgs.imports import HEADINGS, as_text, checked_rows, numbered
from orgs.models import Department, Grant
from orgs.services.departments import end_department, save_department
from orgs.services.grants import end_grant, grant_role
from orgs.services.imports import ImportConflicts, confirm_import, keep_import
from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from tests import factories as make
from tests.orgs.importing import client, errors_of, form_values, owner, unit, uploaded
from tests.orgs.pages import overlapping, text
from tests.orgs.workbooks import row
from tests.races import together
from zhgg.kit.spreadsheets.read import Line

__all__ = ["client", "owner", "unit"]

pytestmark = pytest.mark.django_db


def pending_of(actor, unit, rows):
    """A kept import of these rows, as an upload leaves it."""
    lines = [Line(number, dict(zip(HEADINGS, each, strict=True))) for number, each in enumerate(rows, start=2)]
    return keep_import(actor=actor, unit=unit, file_name="二级单位.xlsx", text=as_text(lines), row_count=len(rows))


def confirm(actor, pending):
    rows = checked_rows(pending.unit, pending.rows)
    return confirm_import(actor=actor, pending=pending, rows=numbered(rows))


# What changes between preview and confirmation ------------------------------------------------------------------------


def test_somebody_named_meanwhile_leads_back_to_the_preview(client, unit, owner):
    number = make.id_number()
    preview = uploaded(client, [row("一所", number=number), row("二所")])
    other = make.make_unit(departments=["外所"])
    grant = grant_role(
        actor=make.actor_of(other.account),
        role=GrantRole.MANAGER,
        unit=other,
        department=other.made_departments[0],
        holder_name="周样",
        holder_mobile="16900000005",
        holder_id_number=number,
    )

    answer = client.post(preview)

    assert answer.status_code == 409
    assert "没有导入：有 1 行需要修改" in text(answer)
    assert "此人已是某个单位的" in errors_of(answer)[2]["holder_id_number"]
    assert Department.objects.filter(unit=unit).count() == 0
    end_grant(actor=make.actor_of(other.account), grant=grant)
    assert "已新增 2 个二级单位" in text(client.post(preview, follow=True))


def test_an_agent_who_was_replaced_imports_nothing(login, unit, owner):
    user = make.make_agent(unit)
    actor = make.actor_of(user)
    pending = pending_of(actor, unit, [row("一所")])
    rows = numbered(checked_rows(unit, pending.rows))
    end_grant(actor=owner, grant=Grant.objects.agents().get())

    with pytest.raises(Exception, match="授权已经结束"):
        confirm_import(actor=actor, pending=pending, rows=rows)

    assert Department.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_confirmation_twice_at_once_acts_once(unit, owner):
    pending = pending_of(owner, unit, [row(f"样例{number}所") for number in range(5)])

    results = overlapping(lambda: confirm(owner, pending), lambda: confirm(owner, pending))

    assert results == [None, None]
    assert (Department.objects.count(), Grant.objects.count()) == (5, 5)
    assert AuditEvent.objects.filter(action="granted").count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_units_that_name_the_same_people_at_once_write_them_in_one_order(unit, owner):
    people = [make.id_number() for _ in range(200)]
    other = make.make_unit()
    rival = make.actor_of(other.account)
    one = pending_of(owner, unit, [row(f"一{at}所", number=number) for at, number in enumerate(people)])
    two = pending_of(rival, other, [row(f"二{at}所", number=number) for at, number in enumerate(reversed(people))])

    results = together(lambda: confirm(owner, one), lambda: confirm(rival, two))

    # Written in different orders they could wait for each other.
    written = list(Grant.objects.order_by("pk").values_list("holder_digest", flat=True))
    assert sorted(type(result).__name__ for result in results) == ["ImportConflicts", "NoneType"]
    assert (Department.objects.count(), len(written)) == (200, 200)
    assert written == sorted(written)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["name", "person"])
def test_one_that_is_added_singly_at_the_same_moment_makes_a_conflict_and_no_half(unit, owner, what):
    number = make.id_number()
    pending = pending_of(owner, unit, [row("甲所"), row("乙所", number=number)])
    single = row("乙所") if what == "name" else row("丙所", number=number)

    first, second = overlapping(
        lambda: save_department(actor=owner, unit=unit, **form_values(single)), lambda: confirm(owner, pending)
    )

    assert (type(first), type(second)) == (Department, ImportConflicts)
    assert [department.name for department in Department.objects.all()] == [single[0]]
    assert Grant.objects.count() == 1


# The same as one by one -----------------------------------------------------------------------------------------------


def outcome(unit):
    """Everything that adding left behind, without numbers of rows and times."""
    grants = Grant.objects.filter(unit=unit).order_by("department__name")
    events = AuditEvent.objects.filter(unit_id=unit.pk).order_by("action", "object_label")
    departments = {department.pk: department for department in Department.objects.filter(unit=unit)}
    return {
        "departments": sorted((each.name, each.name_key, each.ended_at) for each in departments.values()),
        "grants": [
            (
                grant.department.name,
                grant.role,
                grant.holder_name,
                grant.holder_mobile,
                grant.holder_id_type,
                grant.holder_id_number[:6],
                grant.started_by_id == unit.account.pk,
                grant.ended_at,
            )
            for grant in grants
        ],
        "right digests": all(grant.holder_digest == identity_of(grant) for grant in grants),
        "events": [
            (
                event.action,
                event.role,
                event.actor_label == str(unit.account),
                event.object_type,
                event.object_label,
                {**event.detail, "department": str(departments.get(event.detail.get("department"), ""))},
            )
            for event in events
            if event.action != "login"
        ],
        "notices": sorted(
            Notice.objects.filter(body__contains=unit.name).values_list("subject", "url", "recipient__name")
        ),
        "requests": list(ReviewRequest.objects.filter(unit=unit).values_list("state", "reviewing_department")),
    }


def identity_of(grant):
    return identity_digest("01", grant.holder_id_number)


def test_an_import_leaves_what_adding_one_by_one_leaves():
    left = []
    for imported in (False, True):
        unit = make.make_unit(name=f"样例院{'甲' if imported else '乙'}")
        actor = make.actor_of(unit.account)
        person = make.make_person("钱样一")
        make.make_request(person, unit, state=ReviewState.PENDING)
        rows = [row("一所", "钱样一", person.user.id_number), row("二所", "孙样二"), row("ＡＩ所", "李样三")]
        if imported:
            confirm(actor, pending_of(actor, unit, rows))
        else:
            for each in rows:
                save_department(actor=actor, unit=unit, **form_values(each))
        found = outcome(unit)
        left.append(found)
        end_grants_of(actor, unit)

    assert left[0] == left[1]
    assert len(left[0]["events"]) == 6
    assert left[0]["notices"] == [("您已成为一所的管理人员", "/", "钱样一")]
    assert left[0]["requests"] == [(ReviewState.PENDING, None)]


def end_grants_of(actor, unit):
    for department in Department.objects.filter(unit=unit):
        end_department(actor=actor, department=department)


# How much it takes ----------------------------------------------------------------------------------------------------


def test_the_preview_takes_the_same_number_of_queries_for_one_row_and_for_many(client):
    numbers = []
    for many in (1, 25):
        preview = uploaded(client, [row(f"样例{many}-{number}所") for number in range(many)])
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(preview).context["table"].data) == many
        numbers.append(len(queries))

    assert numbers == [6, 6]


def test_two_thousand_rows_are_imported_within_five_seconds_and_a_few_statements(client, unit):
    make.make_user("样例一")
    preview = uploaded(client, [row(f"样例{number}所", "周样") for number in range(2000)])
    assert "共 2,000 行" in text(client.get(preview))

    # Of this process alone: others may be busy beside the test.
    started = time.process_time()
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(preview)
    seconds = time.process_time() - started

    assert answer.status_code == 302
    assert (Department.objects.count(), Grant.objects.count()) == (2000, 2000)
    assert len(queries) < 40
    assert seconds < 5, f"{seconds:.1f} s"
