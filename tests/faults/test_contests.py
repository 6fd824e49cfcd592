"""Many at once over HTTP, two web workers: one of them wins, and everybody is told what stands.

The same contests inside one process stand with the services; `tests.faults` names them.
"""

import functools
import time
import uuid

import pytest

from tests.faults.visitor import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults"), pytest.mark.faults]


def at_once_with(visitors, address, fields):
    """The answers to the same form, sent by all of them at the same moment."""
    return at_once(*(functools.partial(visitor.post, address, fields) for visitor in visitors))


def test_of_eight_officers_who_decide_at_once_one_does(world):
    officers = [world.visitor("officers", number) for number in range(8)]
    for pk in world.waiting:
        answers = at_once_with(officers, f"/projects/{pk}/accept/", {"seen_step": "1"})
        assert sorted(answer.status for answer in answers) == [302, *[409] * 7]
        assert "没有生效" in next(answer for answer in answers if answer.status == 409).body
        assert world.value("SELECT count(*) FROM projects_step WHERE proposal_id = %s AND number > 1", pk) == 1
        assert world.value("SELECT state FROM projects_proposal WHERE id = %s", pk) == "accepted"


def test_one_form_sent_six_times_at_once_makes_one_draft_and_one_submission(world):
    for number in range(2, 7):
        six, key, draft = [world.visitor("applicants", number)] * 6, str(uuid.uuid4()), world.drafts[number]
        answers = at_once_with(six, f"/calls/{world.call}/apply/", {"form_key": key})
        assert {answer.status for answer in answers} == {302}
        assert len({answer.header("Location") for answer in answers}) == 1
        of_same_pi = "FROM projects_proposal WHERE pi_id = (SELECT pi_id FROM projects_proposal WHERE id = %s)"
        assert world.value(f"SELECT count(*) {of_same_pi}", draft) == 2

        answers = at_once_with(six, f"/projects/{draft}/submit/", {"seen_step": "0"})
        assert {answer.status for answer in answers} == {302}
        assert world.value("SELECT count(*) FROM projects_step WHERE proposal_id = %s", draft) == 1
        assert world.value("SELECT count(*) FROM projects_submission WHERE proposal_id = %s", draft) == 1


def test_around_the_deadline_what_is_recorded_before_it_stands_and_nothing_else(world):
    """Sent from two seconds before to 0.3 s after; the database's clock decides, in the transaction that stores."""
    contest = list(enumerate(world.drafts))[10:]
    world.server.query(
        world.database, "UPDATE projects_call SET closes_at = now() + interval '5 seconds' WHERE id = %s", world.call
    )
    began = time.monotonic()

    def send(place, number, draft):
        time.sleep(max(0, began + 3 + 2.3 * place / len(contest) - time.monotonic()))
        return world.visitor("applicants", number).post(f"/projects/{draft}/submit/", {"seen_step": "0"})

    try:
        answers = at_once(*(lambda place=place, one=one: send(place, *one) for place, one in enumerate(contest)))
        rows = dict(world.server.query(
            world.database,
            "SELECT p.id, p.submitted_at < c.closes_at FROM projects_proposal p"
            " JOIN projects_call c ON c.id = p.call_id WHERE p.id = ANY(%s)", [draft for _, draft in contest],
        ))  # fmt: skip
    finally:
        world.server.query(
            world.database, "UPDATE projects_call SET closes_at = now() + interval '9 days' WHERE id = %s", world.call
        )
    told = {draft: answer.status for (_, draft), answer in zip(contest, answers, strict=True)}
    assert {draft: {302: True, 409: None}[status] for draft, status in told.items()} == rows
    assert set(told.values()) == {302, 409}
