"""Two sessions that wait for each other: PostgreSQL ends one of them (40P01), which is a busy database and no 500."""

import threading
import time

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEvent
from orgs.models import Department
from tests import factories as make
from tests.faults.ledger import department

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 4


def somebody_waits(cursor):
    """Until another session waits for a lock of the audit trail, which `cursor` holds."""
    ends = time.monotonic() + PATIENCE
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts_auditevent'::regclass"
    while not cursor.execute(waiting).fetchone()[0]:
        assert time.monotonic() < ends, "nobody waits"
        time.sleep(0.01)


def test_whom_a_deadlock_ends_is_told_so_has_changed_nothing_and_may_send_the_same_again(login):
    unit = make.make_unit()
    client, form = login(unit.account), department("样例学院")
    known = connection.get_connection_params()
    parameters = {key: known[key] for key in ("dbname", "user", "password", "host", "port") if key in known}

    with psycopg.connect(**parameters) as other, other.cursor() as cursor:
        # Only the site's session looks for a deadlock in time, so it is the one that is ended.
        cursor.execute("SET LOCAL deadlock_timeout = '1min'")
        cursor.execute("LOCK TABLE accounts_auditevent IN SHARE MODE")

        def cross():
            somebody_waits(cursor)
            cursor.execute("SELECT 1 FROM orgs_unit WHERE id = %s FOR UPDATE", [unit.pk])

        crossing = threading.Thread(target=cross)
        crossing.start()
        began = time.monotonic()
        answer = client.post(reverse("department-new"), form)
        crossing.join()

    assert time.monotonic() - began < 3.5, "that was lock_timeout, which is 4 s"
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "系统繁忙" in page
    assert 'name="holder_mobile" value="16900000003"' in page
    assert not Department.objects.exists()

    assert client.post(reverse("department-new"), form).status_code == 302
    assert Department.objects.get().name == "样例学院"
    assert AuditEvent.objects.filter(action="department_created").count() == 1
