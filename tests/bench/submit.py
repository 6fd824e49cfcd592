"""What one 提交 costs, in CPU of the application: `./dev bench submit`.

The completeness check, the frozen copy, the step with its history and audit line; beside it the bare statements that
leave the same rows of proposal and history behind. Each round is rolled back.
"""

import statistics
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from projects.completeness.check import gaps, stored_tabs  # noqa: E402
from projects.services.decisions import perform  # noqa: E402
from projects.workflow import SUBMIT  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.full_proposal import make_full_proposal  # noqa: E402

ROUNDS = 60

_BARE = """
    WITH moved AS (
        UPDATE projects_proposal
        SET state = 'unit', step_count = step_count + 1, submission_count = submission_count + 1,
            last_action = 'submit', state_since = now(), updated_at = now(), submitted_at = now()
        WHERE id = %s AND step_count = 0
        RETURNING id, step_count, submission_count
    )
    INSERT INTO projects_step (proposal_id, number, at, user_id, user_name, capacity, place, action, source, target,
                               reason, tabs, submission_number)
    SELECT id, step_count, now(), %s, %s, 'pi', '', 'submit', 'draft', 'unit', '', '{}', submission_count FROM moved
"""


def timed(act):
    """CPU of this process and seconds by the clock, in ms, of an act that is rolled back."""
    with transaction.atomic():
        cpu, began = time.process_time(), time.perf_counter()
        act()
        taken = time.process_time() - cpu, time.perf_counter() - began
        transaction.set_rollback(True)
    return tuple(1000 * each for each in taken)


def bare(proposal, actor):
    """The statement that somebody would write by hand for the step alone."""
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [proposal.pk, actor.user_id, actor.name])
        assert cursor.rowcount == 1


def main():
    """Make one complete 申报书, measure, print a table in Markdown."""
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        proposal = make_full_proposal(make.make_person(unit=make.make_unit()))
        actor = make.actor_of(proposal.pi.user)
        assert gaps(proposal) == []
        acts = {
            "bare statement: state and history": lambda: bare(proposal, actor),
            "the check alone": lambda: gaps(proposal, stored_tabs(proposal)),
            "提交: check, frozen copy, step, audit": lambda: perform(
                action=SUBMIT, proposal_id=proposal.pk, actor=actor, seen_step=0
            ),
        }
        print("| what | CPU of the application, ms | by the clock, ms |")
        print("| --- | ---: | ---: |")
        for words, act in acts.items():
            cpu, clock = zip(*[timed(act) for _ in range(ROUNDS + 3)][3:], strict=True)
            print(f"| {words} | {statistics.median(cpu):.1f} | {statistics.median(clock):.1f} |")
        print(f"\nMedians of {ROUNDS} rounds.")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
