"""How long a batch takes beside bare SQL: `./dev bench batch`.

"Two" move the rows and write the history, "all" write audit and messages too. The batch judges every row, moves it,
writes history and an audit line each, and queues a job that writes the messages.

Both run alternately on the same rows of one database; each round is rolled back after its deferred checks have run.
The PI of every 申报书 is somebody else, with an address: as many messages as there are rows.
"""

import gc
import statistics
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from projects.enums import State  # noqa: E402
from projects.services.batch import perform_many  # noqa: E402
from projects.workflow import PASS_TO_BUREAU  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data  # noqa: E402

SIZES, ROUNDS = (20, 500, 10_000), 7

_UPDATE = """
    UPDATE projects_proposal
    SET state = 'bureau', step_count = step_count + 1, last_action = 'pass-to-bureau', state_since = now(),
        updated_at = now()
    WHERE id = ANY(%s) AND state = 'unit' AND step_count = 1
    RETURNING id
"""
_HISTORY = """
    INSERT INTO projects_step (proposal_id, number, at, user_id, user_name, capacity, place, action, source, target,
                               reason, tabs, submission_number)
    SELECT id, step_count, now(), %s, %s, 'legal', %s, 'pass-to-bureau', 'unit', 'bureau', '', '{}', submission_count
    FROM projects_proposal WHERE id = ANY(%s)
"""
_AUDIT = """
    INSERT INTO accounts_auditevent (at, action, user_id, actor_label, role, unit_id, object_type, object_id,
                                     object_label, detail, ok, address, request_id)
    SELECT now(), 'decision', %s, %s, 'legal', unit_id, 'projects.proposal', id::text, title,
           jsonb_build_object('action', 'pass-to-bureau', 'from', 'unit', 'to', 'bureau', 'step', step_count), true,
           NULL, ''
    FROM projects_proposal WHERE id = ANY(%s)
"""
_NOTICES = """
    WITH told AS (
        INSERT INTO accounts_notice (recipient_id, subject, body, url, created_at)
        SELECT pi_id, title || '：提交至科技局',
               '申报书“' || title || '”（' || number || '）由' || %s || '办理：提交至科技局，现在是“科技局审核”。',
               '/projects/' || id || '/', now()
        FROM projects_proposal WHERE id = ANY(%s)
        RETURNING id
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, attempts)
    SELECT 'default', 'accounts.queue_mails', 0, jsonb_build_object('notice_ids', jsonb_agg(id)), 0 FROM told
"""


def bare(actor, ids, *, everything):
    """The statements that somebody would write by hand; `everything` adds audit and messages."""
    user = [actor.user_id, actor.name]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [ids])
        assert len(cursor.fetchall()) == len(ids)
        cursor.execute(_HISTORY, [*user, actor.unit_name, ids])
        if everything:
            cursor.execute(_AUDIT, [*user, ids])
            cursor.execute(_NOTICES, [actor.name, ids])


def timed(act):
    """Seconds of a transaction with its deferred checks; it is rolled back."""
    with transaction.atomic():
        began = time.perf_counter()
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        # What was rolled back would slow down the next round.
        cursor.execute("VACUUM projects_proposal, projects_step, accounts_auditevent, accounts_notice")
        cursor.execute("VACUUM procrastinate_jobs, procrastinate_events")
    return seconds


def settle():
    """Figures for the planner, and the garbage collector as zhgg.wsgi sets it: what was made for the measurement is not
    looked through again and again."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def spread(values):
    """Median and range in ms."""
    low, middle, high = (1000 * pick(values) for pick in (min, statistics.median, max))
    return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"


def request_of_all(account):
    """Seconds of the question and of the answer for everything that waits, as the browser sends them."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(account, backend="accounts.oidc.backend.LegalBackend")
    token = client.get("/projects/").context["token"]
    began = time.perf_counter()
    question = client.post("/projects/batch/", {"all": token})
    asked = time.perf_counter()
    form = {"selection": question.context["selection"], "list": "", "action": "pass-to-bureau"}
    answer = client.post("/projects/batch/", form)
    assert answer.context["done"] == max(SIZES), answer.context["done"]
    return asked - began, time.perf_counter() - asked


def main():
    """Make the rows, measure, print a table in Markdown."""
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        unit = make.make_unit()
        made = data.proposals(data.crowd(unit, max(SIZES)), make.make_call(), State.UNIT)
        settle()
        actor = make.actor_of(unit.account)
        print("| rows | two statements, ms | all statements, ms | batch, ms | ÷ two | ÷ all |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for size in SIZES:
            ids = [proposal.pk for proposal in made[:size]]
            seen = dict.fromkeys(ids, 1)
            acts = (
                lambda ids=ids: bare(actor, ids, everything=False),
                lambda ids=ids: bare(actor, ids, everything=True),
                lambda seen=seen: perform_many(action=PASS_TO_BUREAU, seen=seen, actor=actor),
            )
            taken = [[timed(act) for act in acts] for _ in range(ROUNDS + 1)][1:]
            two, every, ours = zip(*taken, strict=True)
            middle = [statistics.median(values) for values in (two, every, ours)]
            print(
                f"| {size:,} | {spread(two)} | {spread(every)} | {spread(ours)} |"
                f" {middle[2] / middle[0]:.2f} | {middle[2] / middle[1]:.2f} |"
            )
        question, answer = request_of_all(unit.account)
        print(f"\nOne request each for {max(SIZES):,} rows: the question {question:.2f} s, the answer {answer:.2f} s.")
        print(f"Medians and ranges of {ROUNDS} rounds.")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
