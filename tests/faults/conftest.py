"""A cluster, a house and a site for tests that break them. Each test has its own limit in seconds."""

import json
import signal
import subprocess
import sys
import time
import uuid
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from tests.faults.server import TEMPLATE, Server
from tests.faults.site import PROJECT, Site, environment

LIMIT_SECONDS = 120


@pytest.fixture(autouse=True)
def limit(request):
    """`@pytest.mark.limit(seconds)`: after so long the test fails, and what it started is ended."""
    marker = request.node.get_closest_marker("limit")
    seconds = marker.args[0] if marker else LIMIT_SECONDS

    def too_long(*_):
        raise TimeoutError(f"not done after {seconds} s")

    former = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A running PostgreSQL that nobody else uses."""
    made = Server(tmp_path_factory.mktemp("server"), durable=True)
    yield made
    made.destroy()


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """The variables that all sites share, so that each reads what `house` wrote."""
    variables = environment("", tmp_path_factory.mktemp("uploads"))
    return {name: variables[name] for name in ("SECRET_KEY", "FIELD_KEYS")}


@pytest.fixture(scope="session")
def house(server, keys, django_db_setup, tmp_path_factory):
    """Who is who (tests/faults/house.py), in the database TEMPLATE.

    Its tables are those of pytest's database, which is only made where tests are marked with `django_db`.
    """
    known = connection.get_connection_params()
    assert known["dbname"].startswith("test_")
    source = psycopg.conninfo.make_conninfo(**{key: known.get(key) for key in ("dbname", "user", "host", "port")})
    server.fill(TEMPLATE, ["--dbname", source], {"PGPASSWORD": known.get("password") or ""})
    variables = environment(server.url(TEMPLATE), tmp_path_factory.mktemp("house"), **keys)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.house"], cwd=PROJECT, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def world(server, keys, house, tmp_path_factory):
    """A site over a copy of the house, for all tests: each leaves it working, without a restart.

    Has `site`, `server`, `database`, `visitor(name, number)`, `value(sql)`, `wait_for(sql, complaint)` until that is
    true, and the ids of the house.
    """
    database, folder = f"faults_{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("site")
    server.start(TEMPLATE)
    server.copy_of(TEMPLATE, database)
    site = Site(environment(server.url(database), folder / "uploads", **keys), folder)

    def visitor(name, number=None):
        session = house["sessions"][name]
        return site.visitor(session if number is None else session[number])

    def value(statement, *values):
        return server.value(database, statement, *values)

    def wait_for(statement, complaint, seconds=10):
        ends = time.monotonic() + seconds
        while not value(statement):
            assert time.monotonic() < ends, complaint
            time.sleep(0.02)

    tools = {"visitor": visitor, "value": value, "wait_for": wait_for}
    yield SimpleNamespace(site=site, server=server, database=database, **tools, **house)
    site.end()


@pytest.fixture(autouse=True)
def what_the_site_says(request):
    """For a test that fails, the end of the site's log."""
    yield
    if "world" in request.fixturenames:
        print(request.getfixturevalue("world").site.told())
