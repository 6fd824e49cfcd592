"""Lists read from a replica: when, when not, and that nobody misses what he has written himself."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections, router
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.enums import State
from tests import factories as make
from zhgg.kit import replica
from zhgg.settings import postgresql


class Pair:
    """A primary and a replica, by how far their logs are; the clock."""

    def __init__(self):
        self.primary = self.replica = "0/100"
        self.now = 1000.0

    def ask(self, alias, what):
        assert what == {"default": "pg_current_wal_lsn()", "replica": "pg_last_wal_replay_lsn()"}[alias]
        return getattr(self, "primary" if alias == "default" else "replica")


@pytest.fixture
def pair(monkeypatch, settings):
    """What the two are asked is answered from here. The replica is another connection to the same database."""
    made = Pair()
    monkeypatch.setattr(replica, "_ask", made.ask)
    monkeypatch.setattr(replica.time, "monotonic", lambda: made.now)
    settings.REPLICA_URL, settings.REPLICA_LAG_SECONDS = "postgres://replica", 5
    connections["replica"] = connection.copy("replica")
    monkeypatch.setattr(router, "routers", [replica.Router()])
    replica.progress.forget()
    yield made
    connections["replica"].close()
    del connections["replica"]
    replica.progress.forget()


def test_a_replica_that_keeps_up_is_read_and_one_that_lags_is_not(pair):
    assert replica.progress.reaches(0)

    # Three seconds of writes that it has not seen: still within what may be missing.
    pair.primary, pair.now = "0/200", 1003
    assert replica.progress.reaches(0)
    pair.now = 1007
    assert not replica.progress.reaches(0)
    pair.replica, pair.now = "0/200", 1009
    assert replica.progress.reaches(0)


def test_a_replica_that_was_behind_from_the_start_is_not_read(pair):
    pair.primary = "1/0"

    assert not replica.progress.reaches(0)


def test_whoever_wrote_waits_until_the_replica_has_it(pair):
    assert replica.progress.reaches(replica.number_of("0/100"))
    assert not replica.progress.reaches(replica.number_of("0/101"))
    pair.replica = pair.primary = "0/101"
    assert replica.progress.reaches(replica.number_of("0/101"))


def test_a_server_that_is_no_replica_any_more_is_not_read(pair):
    pair.replica = None

    assert not replica.progress.reaches(0)


@pytest.mark.parametrize(
    ("lsn", "number"),
    [("16/B374D848", 0x16_B374D848), ("0/0", 0), ("", 0), (None, 0), ("1/2/3", 0), ("g/1", 0), ("1/123456789", 0)],
)
def test_only_a_place_in_the_log_is_read_from_the_cookie(lsn, number):
    assert replica.number_of(lsn) == number


@pytest.fixture
def unit_and_client(db, login):
    unit = make.make_unit()
    make.make_proposal(make.make_person(unit=unit), state=State.UNIT, title="副本上的项目")
    return unit, login(unit.account)


def rows_read(client, **headers):
    """`(status, statements on the replica, statements about 申报书 on the primary)` of the list."""
    with CaptureQueriesContext(connections["replica"]) as there, CaptureQueriesContext(connection) as here:
        response = client.get(reverse("proposals"), **headers)
    assert "副本上的项目" in response.content.decode()
    return response.status_code, len(there), sum('FROM "projects_proposal"' in each["sql"] for each in here)


@pytest.mark.django_db(transaction=True)
def test_the_list_is_read_from_the_replica_and_by_its_writer_from_the_primary(pair, unit_and_client):
    unit, client = unit_and_client
    status, there, here = rows_read(client)
    assert (status, there > 0, here) == (200, True, 0)

    pair.primary = "0/500"
    response = client.post(reverse("logout"))
    assert response.cookies[replica.COOKIE].value == "0/500"
    assert (response.cookies[replica.COOKIE]["max-age"], response.cookies[replica.COOKIE]["httponly"]) == (60, True)

    client.force_login(unit.account, backend="accounts.oidc.backend.LegalBackend")
    client.cookies[replica.COOKIE] = "0/500"
    status, there, here = rows_read(client)
    assert (status, there, here > 0) == (200, 0, True)
    pair.replica = "0/500"
    status, there, here = rows_read(client)
    assert (status, there > 0, here) == (200, True, 0)


@pytest.mark.django_db(transaction=True)
def test_a_replica_that_goes_away_is_left_alone_for_a_while(pair, unit_and_client, monkeypatch):
    _, client = unit_and_client
    rows_read(client)
    connections["replica"].close()
    monkeypatch.setitem(connections["replica"].settings_dict, "HOST", "/nowhere")

    response = client.get(reverse("proposals"))
    assert (response.status_code, "副本上的项目" in response.content.decode()) == (200, True)
    assert not replica.progress.reaches(0)
    pair.now += replica.REST_SECONDS + 1
    assert replica.progress.reaches(0)


@pytest.mark.django_db
def test_without_a_replica_no_post_leaves_a_cookie(login):
    client = login(make.make_unit().account)

    assert replica.COOKIE not in client.post(reverse("logout")).cookies


def test_a_pooled_database_gets_no_options_that_pgbouncer_would_refuse(monkeypatch):
    plain = postgresql("postgres://zhgg@/zhgg")
    assert "lock_timeout=4000" in plain["OPTIONS"]["options"]
    assert plain["OPTIONS"]["prepare_threshold"] == 2
    assert plain["DISABLE_SERVER_SIDE_CURSORS"] is False
    monkeypatch.setattr("zhgg.settings.DATABASE_POOLER", True)

    pooled = postgresql("postgres://zhgg@/zhgg?sslmode=verify-full")

    assert pooled["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": 3, "prepare_threshold": None}
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True
    with pytest.raises(ImproperlyConfigured):
        postgresql("sqlite:///x")
