"""How long a batch of 个人信息 takes beside bare SQL: `./dev bench reviews`.

"Two" decide the requests and put what was asked for into force; "all" write audit lines and messages too. Bare SQL
copies the sealed 证件号码 as it stands, which the site cannot: a value opens in its own row alone. The batch judges
every row, and queues a job that writes the messages.

Both run alternately on the same rows of one database; each round is rolled back after its deferred checks have run.
"""

import statistics

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from profiles.models import ReviewRequest  # noqa: E402
from profiles.services import decide_many  # noqa: E402
from profiles.workflow import ACTIONS  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data  # noqa: E402
from tests.bench.batch import ROUNDS, SIZES, settle, spread, timed  # noqa: E402

_UPDATE = """
    UPDATE profiles_reviewrequest
    SET state = 'approved', decided_at = now(), updated_at = now(), decided_by_id = %s, decider_name = %s,
        decider_role = 'legal', reason = ''
    WHERE id = ANY(%s) AND state = 'pending'
    RETURNING id
"""
_PUT_IN_FORCE = """
    UPDATE profiles_person AS person
    SET id_type = request.id_type, id_number = request.id_number, id_digest = request.id_digest,
        unit_id = request.unit_id, department_id = request.department_id, education = request.education,
        degree = request.degree, title_level = request.title_level, position = request.position,
        approved_at = request.decided_at, updated_at = request.decided_at, version = person.version + 1
    FROM profiles_reviewrequest AS request
    WHERE person.user_id = request.person_id AND request.id = ANY(%s)
"""
_AUDIT = """
    INSERT INTO accounts_auditevent (at, action, user_id, actor_label, role, unit_id, object_type, object_id,
                                     object_label, detail, ok, address, request_id)
    SELECT now(), 'profile-decided', %s, %s, 'legal', unit_id, 'profiles.reviewrequest', id::text, person_name,
           jsonb_build_object('action', 'approve'), true, NULL, ''
    FROM profiles_reviewrequest WHERE id = ANY(%s)
"""
_NOTICES = """
    WITH told AS (
        INSERT INTO accounts_notice (recipient_id, subject, body, url, created_at)
        SELECT person_id, '您的个人信息审核已通过', '审核通过的内容已经生效。', '/person/', now()
        FROM profiles_reviewrequest WHERE id = ANY(%s)
        RETURNING id
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, attempts)
    SELECT 'default', 'accounts.queue_mails', 0, jsonb_build_object('notice_ids', jsonb_agg(id)), 0 FROM told
"""


def requests_of(people):
    """One request of each that waits for the unit."""
    now = timezone.now()
    return ReviewRequest.objects.bulk_create(
        ReviewRequest(
            person=person,
            person_name=person.name,
            submitted_at=now,
            updated_at=now,
            id_type="01",
            id_number=make.id_number(100_000 + each),
            unit=person.unit,
            education="11",
            degree="2",
            title_level="411",
        )
        for each, person in enumerate(people)
    )


def bare(actor, ids, *, everything):
    """The statements that somebody would write by hand; `everything` adds audit and messages."""
    user = [actor.user_id, actor.name]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [*user, ids])
        assert len(cursor.fetchall()) == len(ids)
        cursor.execute(_PUT_IN_FORCE, [ids])
        if everything:
            cursor.execute(_AUDIT, [*user, ids])
            cursor.execute(_NOTICES, [ids])


def main():
    """Make the rows, measure, print a table in Markdown."""
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        unit = make.make_unit(departments=())
        made = requests_of(data.crowd(unit, max(SIZES)))
        settle()
        actor = make.actor_of(unit.account)
        print("| rows | two statements, ms | all statements, ms | batch, ms | ÷ two | ÷ all |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for size in SIZES:
            ids = [request.pk for request in made[:size]]
            acts = (
                lambda ids=ids: bare(actor, ids, everything=False),
                lambda ids=ids: bare(actor, ids, everything=True),
                lambda ids=ids: decide_many(action=ACTIONS["approve"], request_ids=ids, actor=actor),
            )
            taken = [[timed(act) for act in acts] for _ in range(ROUNDS + 1)][1:]
            two, every, ours = zip(*taken, strict=True)
            middle = [statistics.median(values) for values in (two, every, ours)]
            print(
                f"| {size:,} | {spread(two)} | {spread(every)} | {spread(ours)} |"
                f" {middle[2] / middle[0]:.2f} | {middle[2] / middle[1]:.2f} |"
            )
        print(f"\nMedians and ranges of {ROUNDS} rounds.")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
