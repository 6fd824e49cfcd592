"""A cluster, a house and a site for tests that break them. Each test has its own limit in seconds."""

import json
import signal
import subprocess
import sys
import uuid
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from tests.faults.server import TEMPLATE, Server
from tests.faults.site import PROJECT, Site, environment

LIMIT_SECONDS = 60


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
    """Who is who (tests/faults/house.py), in the database TEMPLATE."""
    known = connection.get_connection_params()
    source = psycopg.conninfo.make_conninfo(**{key: known.get(key) for key in ("dbname", "user", "host", "port")})
    server.fill(TEMPLATE, ["--dbname", source], {"PGPASSWORD": known.get("password") or ""})
    variables = environment(server.url(TEMPLATE), tmp_path_factory.mktemp("house"), **keys)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.house"], cwd=PROJECT, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def database(server, house):
    """The name of a database of this test's own: a copy of the house."""
    name = f"faults_{uuid.uuid4().hex[:12]}"
    server.start(TEMPLATE)
    server.copy_of(TEMPLATE, name)
    return name


@pytest.fixture
def sites(server, keys, tmp_path):
    """`sites(database, **variables)` starts a site; all are ended with the test, and say what they logged."""
    started = []

    def start(database, **variables):
        uploads = variables.pop("uploads", tmp_path / "uploads")
        folder = tmp_path / f"site{len(started)}"
        folder.mkdir()
        started.append(Site(environment(server.url(database), uploads, **keys, **variables), folder))
        return started[-1]

    yield start
    for site in started:
        site.end()
        print(site.told())


@pytest.fixture
def world(server, house, database, sites):
    """The site over its own copy of the house: `site`, `visitor(name, number)`, `value(sql)` and the ids."""
    site = sites(database)

    def visitor(name, number=None):
        session = house["sessions"][name]
        return site.visitor(session if number is None else session[number])

    def value(statement, *values):
        return server.value(database, statement, *values)

    return SimpleNamespace(site=site, server=server, database=database, visitor=visitor, value=value, **house)
