"""All of it, in order."""

from django.db import connection

from accounts.models import Notice, User
from orgs.models import Department, Grant, Unit
from profiles.models import Person, ReviewRequest
from projects.demo.scale.people import make_people
from projects.demo.scale.places import make_places
from projects.demo.scale.proposals import make_proposals
from projects.models import Call, Participant, Proposal, Section, Step, Submission
from zhgg.kit.clock import database_now

FILLED = (
    *(User, Notice, Unit, Department, Grant, Person, ReviewRequest),
    *(Call, Proposal, Section, Submission, Participant, Step),
)
STEP = 20_000
"""After how many rows a line of progress is written."""


def fill(sizes, say):
    """Add `sizes` to the small demo; `say(line)` tells how far it is. Runs inside the caller's transaction.

    Same rows each time, but for what is counted from now and for the nonces of sealed values.
    """
    now = database_now()
    with connection.cursor() as cursor:
        # Minutes of work in one transaction: the limits are for requests. References are checked as rows come in,
        # because a million checks put off until the commit would have to be remembered.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    places = make_places(sizes, now)
    say(f"法人单位 {sizes.units:,} 个、二级单位 {Department.objects.count():,} 个")
    make_people(sizes, places, now, _in_steps(say, "个人信息", sizes.people))
    if sizes.proposals:
        make_proposals(sizes, now, _in_steps(say, "申报书", sizes.proposals))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _in_steps(say, what, whole):
    def progress(number):
        if number % STEP == 0 or number == whole:
            say(f"{what} {number:,} / {whole:,}")

    return progress


def analyze():
    """Tell the planner what there is now."""
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in FILLED)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0" if connection.in_atomic_block else "SET statement_timeout = 0")
        # Inside a transaction there is nothing to tidy up yet.
        cursor.execute(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM (ANALYZE)'} {tables}")  # nosec B608
