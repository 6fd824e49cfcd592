"""PostgreSQL away, killed, locked or full: 503 within 8 s, nothing acknowledged is lost, and no restart of the site."""

import contextlib
import time

import pytest

from tests.faults.ledger import Writers
from tests.faults.visitor import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]

slow = pytest.mark.faults
LONGEST = 8
ALIVE = 1


def assert_alive(world):
    """Liveness answers at once, whoever asks."""
    for visitor in (world.site.visitor(), world.visitor("legal")):
        answer = visitor.get("/healthz")
        assert (answer.status, answer.body) == (200, "ok")
        assert answer.seconds < ALIVE


def stop_fast(server):
    server.halt("fast")


def stop_at_once(server):
    server.halt("immediate")


def kill(server):
    server.kill()


@pytest.mark.parametrize("fall", [pytest.param(stop_fast, marks=slow), pytest.param(stop_at_once, marks=slow), kill])
def test_six_writers_lose_nothing_when_postgresql_goes_and_comes_back(world, fall):
    with Writers(world).at_work() as writers:
        writers.wait_for(12)
        fall(world.server)
        assert_alive(world)
        assert world.site.visitor().get("/readyz").status == 503
        time.sleep(0.5)
        away = world.visitor("legal").get("/departments/")
        world.server.start(world.database)
        back = time.monotonic()
        writers.wait_for(12)
        print(f"{fall.__name__}: writing again {time.monotonic() - back:.2f} s after PostgreSQL was back")

    assert away.status == 503
    assert "系统繁忙" in away.body
    assert away.header("Retry-After") == "30"
    assert writers.statuses == {302, 503}
    assert writers.slowest < LONGEST
    writers.assert_kept()


@pytest.mark.parametrize(
    "table",
    ["projects_proposal", pytest.param("accounts_user", marks=slow), pytest.param("django_session", marks=slow)],
)
def test_a_locked_table_makes_503_pages_and_stops_nothing_else(world, table):
    asking = [world.visitor("legal").get] * 10 + [world.visitor("officers", 0).get] * 10
    with world.server.session(world.database) as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        answers = at_once(*(lambda get=get: get("/projects/") for get in asking), lambda: soon(assert_alive, world))
    assert answers.pop() is None
    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < LONGEST
    assert world.visitor("legal").get("/projects/").status == 200


def soon(check, *arguments):
    """The check, once the others are waiting."""
    time.sleep(0.5)
    check(*arguments)


@slow
def test_no_connection_left_makes_503_pages(world):
    with contextlib.ExitStack() as others:
        world.server.end_sessions(world.database)
        while (other := world.server.connection_if_possible("postgres")) is not None:
            others.enter_context(contextlib.closing(other))
        answers = at_once(*[lambda: world.visitor("legal").get("/departments/")] * 20)
        assert_alive(world)
    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < LONGEST
    assert world.visitor("legal").get("/departments/").status == 200
