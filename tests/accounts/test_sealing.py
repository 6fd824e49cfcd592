"""The sealed audit trail: what was changed, removed or slipped in shows; the application itself can do none of it."""

from io import StringIO
from pathlib import Path
from threading import Event

import pgtrigger
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from accounts import audit, sealing
from accounts.models import AuditEvent, AuditSeal
from tests.races import together

AUDIT_TABLES = ("accounts_auditevent", "accounts_auditseal")


@pytest.fixture
def lines(db, monkeypatch):
    monkeypatch.setattr(sealing, "BLOCK", 3)
    return [audit.record("login", label=f"第 {number} 条", detail={"b": number, "a": "值"}) for number in range(7)]


def run(name, *arguments):
    output = StringIO()
    call_command(name, *arguments, stdout=output)
    return output.getvalue()


def change(**values):
    """What somebody with all rights over the database does to one line."""
    with pgtrigger.ignore("accounts.AuditEvent:append_only"):
        pk = values.pop("pk")
        AuditEvent.objects.filter(pk=pk).update(**values)


def test_lines_are_sealed_in_linked_blocks_once(lines):
    assert sealing.seal_audit() == (3, 7)
    assert sealing.seal_audit() == (0, 0)

    seals = list(AuditSeal.objects.order_by("number"))
    assert [(seal.number, seal.count, seal.first_id, seal.last_id) for seal in seals] == [
        (1, 3, lines[0].pk, lines[2].pk),
        (2, 3, lines[3].pk, lines[5].pk),
        (3, 1, lines[6].pk, lines[6].pk),
    ]
    assert [seal.previous for seal in seals] == [sealing.GENESIS, seals[0].digest, seals[1].digest]
    assert sealing.verify_audit() is None


def test_a_dry_run_counts_and_seals_nothing(lines):
    assert "将封存 7 条记录，3 个区块" in run("seal_audit", "--dry-run")
    assert AuditSeal.objects.count() == 0


CHANGES = [
    {"object_label": "改过"},
    {"ok": False},
    {"detail": {"a": "值", "b": 99}},
    {"actor_label": "别人"},
    {"action": "logout"},
    {"address": "10.0.0.1"},
    {"role": "bureau"},
    {"unit_id": 1},
    {"request_id": "X"},
    {"object_id": "1"},
    {"object_type": "x"},
]


@pytest.mark.parametrize("values", CHANGES, ids=str)
def test_a_changed_line_breaks_its_block(lines, values):
    sealing.seal_audit()
    change(pk=lines[4].pk, **values)

    with pytest.raises(CommandError, match=r"区块 2.*内容与封存时不同"):
        run("verify_audit")


def test_a_changed_time_breaks_its_block(lines):
    sealing.seal_audit()
    change(pk=lines[0].pk, at=lines[1].at)

    assert sealing.verify_audit().seal.number == 1


def test_a_removed_line_breaks_its_block(lines):
    sealing.seal_audit()
    with pgtrigger.ignore("accounts.AuditEvent:append_only"):
        AuditEvent.objects.filter(pk=lines[5].pk).delete()

    with pytest.raises(CommandError, match=r"区块 2.*少了记录"):
        run("verify_audit")


def test_a_line_slipped_in_breaks_the_block(lines):
    with pgtrigger.ignore("accounts.AuditEvent:append_only"):
        AuditEvent.objects.filter(pk=lines[1].pk).delete()
    sealing.seal_audit()
    AuditEvent.objects.create(pk=lines[1].pk, action="login")

    assert sealing.verify_audit().what.startswith("多了记录")


def test_a_removed_block_breaks_the_chain(lines):
    sealing.seal_audit()
    with pgtrigger.ignore("accounts.AuditSeal:seal_is_kept"):
        AuditSeal.objects.filter(number=1).delete()

    assert sealing.verify_audit().seal.number == 2


def test_a_chain_made_anew_differs_from_what_was_noted_down(lines):
    sealing.seal_audit()
    noted = run("verify_audit").split("请在系统之外记下：")[1].strip()
    assert "全部相符" in run("verify_audit", "--anchor", noted)

    change(pk=lines[0].pk, object_label="改过")
    with pgtrigger.ignore("accounts.AuditSeal:seal_is_kept"):
        AuditSeal.objects.all().delete()
    sealing.seal_audit()

    assert "全部相符" in run("verify_audit")
    with pytest.raises(CommandError, match="重新生成过"):
        run("verify_audit", "--anchor", noted)


def test_seals_are_never_changed(lines):
    sealing.seal_audit()
    for write in (lambda: AuditSeal.objects.update(count=1), lambda: AuditSeal.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            write()


@pytest.mark.django_db(transaction=True)
def test_sealing_waits_for_a_line_that_is_numbered_and_not_committed_yet():
    numbered, going_on = Event(), Event()

    def slow():
        with transaction.atomic():
            line = audit.record("login", label="慢")
            numbered.set()
            going_on.wait(10)
            Event().wait(0.5)
        return line

    def quick():
        numbered.wait(10)
        audit.record("login", label="快")
        going_on.set()
        return sealing.seal_audit()

    _, sealed = together(slow, quick)

    assert sealed == (1, 2)
    assert sealing.verify_audit() is None


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain():
    for _ in range(5):
        audit.record("login")

    answers = together(sealing.seal_audit, sealing.seal_audit)

    assert sorted(answers) == [(0, 0), (1, 5)]
    assert sealing.verify_audit() is None


# The application's role ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_role_of_the_application_adds_lines_and_can_do_nothing_else_to_them(lines):
    sealing.seal_audit()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE ROLE zhgg_app_test NOLOGIN")
        cursor.execute(role_setup("zhgg_app_test"))
        cursor.execute("SET LOCAL ROLE zhgg_app_test")
        cursor.execute("SELECT count(*) FROM accounts_auditevent")
        assert cursor.fetchone() == (7,)
        audit.record("login", label="照常")
        assert sealing.seal_audit() == (1, 1)
        for table in AUDIT_TABLES:
            for statement in (
                f"UPDATE {table} SET id = id" if table == AUDIT_TABLES[0] else f"UPDATE {table} SET count = 1",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"DROP TABLE {table}",
            ):
                with pytest.raises(ProgrammingError) as refused, transaction.atomic():
                    cursor.execute(statement)
                assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege), statement
        cursor.execute("RESET ROLE")
        transaction.set_rollback(True)


def role_setup(role):
    """deploy/database_role.sql for another name of the role, without psql's own commands."""
    text = (Path(__file__).resolve().parents[2] / "deploy" / "database_role.sql").read_text()
    statements = [line for line in text.splitlines() if not line.startswith(("--", "\\", "CREATE ROLE"))]
    return "\n".join(statements).replace("zhgg_app", role)
