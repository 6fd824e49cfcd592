"""Who works and who waits in one web process (zhgg.kit.turns)."""

import threading
import time
from concurrent.futures import wait
from functools import partial

import pytest
from django.db import connection

from zhgg.kit import turns
from zhgg.kit.turns import Turns, given_up

SOON = 10


def wait_until(true):
    deadline = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Jobs:
    """Jobs of three turns at a time that end when told to; `begun` names them in the order in which they began."""

    def __init__(self):
        self.turns = Turns(at_once=3)
        self.begun, self.threads = [], []
        self.ends = {}
        self._changed = threading.Condition()

    def ask(self, *names, then=lambda: None):
        """Futures of jobs of these names; `then` is called once they have been told to end."""
        self.ends |= {name: threading.Event() for name in names}
        return [self.turns.submit(self._job, name, then) for name in names]

    def end(self, *names):
        for name in names:
            self.ends[name].set()

    def wait_for(self, *names):
        """Until these and no others have begun; those that begin at the same time do in any order."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.begun) >= len(names), SOON)
        assert sorted(self.begun) == sorted(names)

    def wait_until_idle(self, number):
        """Until so many threads have nothing to do: a moment after their answers are there."""
        wait_until(lambda: len(self.turns._idle) >= number)

    def wait_until_answered(self, number):
        """Until so many have their answer and no turn."""
        wait_until(lambda: len(self.turns._returning) == number)

    def note(self, name):
        with self._changed:
            self.begun.append(name)
            self.threads.append(threading.current_thread())
            self._changed.notify_all()

    def _job(self, name, then):
        self.note(name)
        assert self.ends[name].wait(3 * SOON)
        then()
        return name.upper()

    def finish(self):
        self.end(*self.ends)
        self.turns.shutdown()
        for thread in set(self.threads):
            thread.join(SOON)
        assert not any(thread.is_alive() for thread in self.threads)


@pytest.fixture
def jobs(monkeypatch):
    # However slow the machine is: no test's patience ends by chance.
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 60)
    made = Jobs()
    yield made
    made.finish()


def test_three_work_and_the_others_follow_in_the_order_in_which_they_came(jobs):
    asked = jobs.ask("a", "b", "c", "d", "e", "f")
    jobs.wait_for("a", "b", "c")
    assert [future.running() for future in asked] == [True] * 3 + [False] * 3

    jobs.end("b")
    jobs.wait_for("a", "b", "c", "d")
    jobs.end("d")
    jobs.wait_for("a", "b", "c", "d", "e")
    assert [asked[1].result(SOON), asked[3].result(SOON)] == ["B", "D"]


def test_what_follows_is_worked_on_by_the_thread_that_had_work_last(jobs):
    together = jobs.ask("a", "b", "c")
    jobs.wait_for("a", "b", "c")
    jobs.end("a", "b", "c")
    wait(together, SOON)
    jobs.wait_until_idle(3)
    for number in range(9):
        [asked] = jobs.ask(f"then {number}")
        jobs.end(f"then {number}")
        asked.result(SOON)
        jobs.wait_until_idle(3)
    assert len(set(jobs.threads[3:])) == 1


def test_who_waits_for_another_server_lets_others_work_and_then_goes_on_in_turn_with_those_who_have_not_begun(jobs):
    answered = {name: threading.Event() for name in "ab"}

    def ask_another_server(name):
        with given_up():
            answered[name].wait(SOON)
        jobs.note(f"{name} again")

    for name in "ab":
        jobs.ask(name, then=partial(ask_another_server, name))
    jobs.ask("c", "d", "e", "f", "g", "h")
    jobs.wait_for("a", "b", "c")
    jobs.end("a", "b")
    jobs.wait_for("a", "b", "c", "d", "e")
    for number, name in enumerate("ab", 1):
        answered[name].set()
        jobs.wait_until_answered(number)
    # Both have their answers, and three others are at work.
    jobs.end("f", "g", "h")
    jobs.end("c")
    jobs.wait_for("a", "b", "c", "d", "e", "a again", "f", "b again", "g", "h")
    assert jobs.begun[5:] == ["a again", "f", "b again", "g", "h"]


def test_those_whose_answers_have_come_go_on_in_the_order_of_the_answers(jobs):
    answers = {name: threading.Event() for name in "abc"}

    def ask_another_server(name):
        with given_up():
            answers[name].wait(SOON)
        jobs.note(f"{name} again")
        jobs.ends[f"{name} again"].wait(SOON)

    for name in answers:
        jobs.ask(name, then=partial(ask_another_server, name))
        jobs.ends[f"{name} again"] = threading.Event()
    jobs.end("a", "b", "c")
    jobs.ask("d", "e", "f")
    jobs.wait_for("a", "b", "c", "d", "e", "f")
    for number, name in enumerate("bca", 1):
        answers[name].set()
        jobs.wait_until_answered(number)
    begun = list("abcdef")
    for ended, name in (("d", "b again"), ("b again", "c again"), ("c again", "a again")):
        jobs.end(ended)
        begun.append(name)
        jobs.wait_for(*begun)


def test_an_error_while_waiting_for_another_server_leaves_the_number_of_turns_as_it_was(jobs):
    def ask_another_server():
        with given_up():
            raise ConnectionError("gone")

    [failed] = jobs.ask("a", then=ask_another_server)
    jobs.end("a")
    assert isinstance(failed.exception(SOON), ConnectionError)
    jobs.ask("b", "c", "d", "e")
    jobs.wait_for("a", "b", "c", "d")


def test_who_is_at_work_for_long_keeps_nobody_waiting(jobs, monkeypatch):
    jobs.ask("a", "b", "c", "d", "e")
    jobs.wait_for("a", "b", "c")
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)
    time.sleep(0.02)
    assert sorted(jobs.begun) == ["a", "b", "c"]
    jobs.turns.let_in()
    jobs.wait_for("a", "b", "c", "d", "e")


def test_where_no_thread_can_be_started_a_job_waits_for_whoever_is_done_next(jobs, monkeypatch, caplog):
    begun = threading.Thread.start

    def start(thread):
        if len(jobs.threads) == 1:
            raise RuntimeError("can't start new thread")
        begun(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    asked = jobs.ask("a")
    jobs.wait_for("a")
    asked += jobs.ask("b", "c")
    assert "a request waits for a thread" in caplog.text
    jobs.end("a", "b", "c")
    assert [future.result(SOON) for future in asked] == ["A", "B", "C"]


def test_what_a_job_raises_is_for_whoever_asks_and_the_thread_goes_on(jobs):
    def stumble():
        raise SystemExit("no more")

    [failed] = jobs.ask("a", then=stumble)
    jobs.end("a")
    assert isinstance(failed.exception(SOON), SystemExit)
    [well] = jobs.ask("b")
    jobs.end("b")
    assert well.result(SOON) == "B"


def test_what_was_called_off_before_it_began_is_not_done(jobs):
    asked = jobs.ask("a", "b", "c", "d", "e")
    jobs.wait_for("a", "b", "c")
    assert asked[3].cancel()
    jobs.end("a")
    jobs.wait_for("a", "b", "c", "e")


def test_a_stopping_process_does_what_was_asked_for_and_its_threads_end(jobs):
    asked = jobs.ask("a", "b", "c", "d", "e")
    jobs.wait_for("a", "b", "c")
    jobs.turns.shutdown()
    jobs.end("a", "b", "c", "d", "e")
    assert [future.result(SOON) for future in asked] == ["A", "B", "C", "D", "E"]
    for thread in set(jobs.threads):
        thread.join(SOON)
        assert not thread.is_alive()


@pytest.mark.django_db
def test_a_thread_without_work_ends_with_its_database_connection_and_another_takes_its_place(jobs, monkeypatch):
    monkeypatch.setattr(turns, "IDLE_SECONDS", 0.05)
    wires = []

    def connect():
        connection.ensure_connection()
        wires.append(connection.connection)

    [asked] = jobs.ask("a", then=connect)
    jobs.end("a")
    asked.result(SOON)
    jobs.threads[0].join(SOON)
    assert not jobs.threads[0].is_alive()
    assert wires[0].closed

    [asked] = jobs.ask("b")
    jobs.end("b")
    assert asked.result(SOON) == "B"
    assert jobs.threads[0] is not jobs.threads[1]


def test_outside_of_a_web_process_giving_a_turn_up_does_nothing():
    with given_up():
        done = True
    assert done
