"""Probes: whether the process is alive does not depend on the database, nor on who asks."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

COOKIE = {"zhgg_session": "a" * 32}


@pytest.fixture
def no_database(monkeypatch):
    """Every attempt to use the database fails, as while it is away."""

    def away(*args, **kwargs):
        raise OperationalError("away")

    monkeypatch.setattr(connection, "ensure_connection", away)


@pytest.mark.django_db
def test_a_session_cookie_does_not_make_the_process_look_dead(no_database):
    client = Client(raise_request_exception=False)
    client.cookies.load(COOKIE)

    assert client.get("/messages/").status_code == 503
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.get("/readyz").status_code == 503
    assert client.head("/healthz").status_code == 200


@pytest.mark.django_db
def test_both_answer_whatever_name_the_balancer_calls_them_by():
    balancer = Client(headers={"host": "10.0.0.7:8000"})

    assert balancer.get("/healthz").status_code == 200
    assert balancer.get("/readyz").content == b"ready"
    assert balancer.get("/messages/").status_code == 400


@pytest.mark.django_db
def test_they_carry_the_headers_of_every_answer(client):
    answer = client.get("/healthz")
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src" in answer["Content-Security-Policy"]
