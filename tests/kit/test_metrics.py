"""The figures for monitoring: who may read them, and that they are right."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app

from accounts import audit
from accounts.enums import AuditAction
from projects.enums import State
from tests import factories as make
from zhgg.kit import metrics

TOKEN = "for-the-test-only"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def read():
    """`{line without its value: value}`"""
    response = Client(headers={"host": "10.0.0.7"}).get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xff"])
def test_whoever_has_not_the_token_finds_nothing(header):
    response = Client().get("/metrics", headers={"authorization": header})

    assert (response.status_code, response.content) == (404, b"not found")


def test_without_a_token_set_nobody_reads(settings):
    settings.METRICS_TOKEN = ""

    answer = Client().get("/metrics", headers={"authorization": "Bearer "})

    assert (answer.status_code, answer.content) == (404, b"not found")


@pytest.mark.django_db
def test_requests_are_counted_by_view_and_status():
    before, visitor = read(), Client(HTTP_HOST="127.0.0.1")
    for path in ("/login/", "/login/", "/nowhere/1/", "/nowhere/2/", reverse("portal")):
        visitor.get(path)
    visitor.generic("BREW", "/login/")
    after = read()

    def more(name):
        return after[name] - before.get(name, 0)

    assert more('zhgg_requests_total{method="GET",status="200",view="login"}') == 2
    assert more('zhgg_requests_total{method="GET",status="404",view="none"}') == 2
    assert more('zhgg_requests_total{method="GET",status="302",view="portal"}') == 1
    assert more('zhgg_requests_total{method="other",status="405",view="none"}') == 1
    assert more('zhgg_request_seconds_count{view="login"}') == 2
    assert more('zhgg_request_seconds_bucket{le="+Inf",view="login"}') == 2
    # Nothing that a visitor chose became a label.
    assert not [name for name in after if re.search("nowhere|BREW", name)]


@pytest.mark.django_db
def test_what_waits_and_who_logged_in():
    unit = make.make_unit()
    for action in (AuditAction.LOGIN, AuditAction.LOGIN, AuditAction.LOGIN_REFUSED):
        audit.record(action, user=unit.account)
    app.configure_task("kit.remove_orphans").defer(timestamp=0)
    proposal = make.make_proposal(make.make_person(unit=unit), state=State.UNIT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '90 seconds'")
        cursor.execute(
            "UPDATE projects_proposal SET state_since = now() - interval '1 hour' WHERE id = %s", [proposal.pk]
        )
    figures = read()

    assert figures["zhgg_database_up"] == 1
    assert figures['zhgg_jobs{status="todo"}'] == 1
    assert figures['zhgg_jobs{status="failed"}'] == 0
    assert figures['zhgg_oldest_due_job_seconds{queue="default"}'] == pytest.approx(90, abs=5)
    assert figures['zhgg_logins_last_5_minutes{outcome="accepted"}'] == 2
    assert figures['zhgg_logins_last_5_minutes{outcome="refused"}'] == 1
    assert figures['zhgg_oldest_proposal_seconds{state="unit"}'] == pytest.approx(3600, abs=5)
    assert figures['zhgg_oldest_proposal_seconds{state="bureau"}'] == 0
    assert figures['zhgg_oldest_review_seconds{state="pending"}'] == 0


@pytest.mark.django_db
def test_without_the_database_the_figures_say_so(monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("away")

    monkeypatch.setattr(metrics.connection, "cursor", away)
    figures = read()

    assert figures["zhgg_database_up"] == 0
    assert not [name for name in figures if name.startswith("zhgg_jobs")]
