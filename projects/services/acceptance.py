"""受理编号: one number for each accepted 申报书, counted up in its call without gaps or doubles."""

from django.db import connection

from projects.models import Call, Proposal
from zhgg.kit.arrays import array, as_text

_NUMBER = """
    WITH accepted AS (
        SELECT id, call_id, row_number() OVER (PARTITION BY call_id ORDER BY id) AS place
        FROM projects_proposal WHERE id = ANY(%s::bigint[])
    ), counted AS (
        UPDATE projects_call AS call SET accepted_count = call.accepted_count + new.count
        FROM (SELECT call_id, count(*) FROM accepted GROUP BY call_id) AS new
        WHERE call.id = new.call_id
        RETURNING call.id, call.accepted_count - new.count AS before
    )
    UPDATE projects_proposal AS proposal
    SET accepted_number = 'SL' || lpad(counted.id::text, greatest(4, length(counted.id::text)), '0') || '-'
        || lpad((before + place)::text, greatest(5, length((before + place)::text)), '0')
    FROM accepted JOIN counted ON counted.id = accepted.call_id
    WHERE proposal.id = accepted.id
    RETURNING proposal.id, proposal.accepted_number
"""


def give_numbers(proposal_ids):
    """Number 申报书 that are being accepted, in the order of their ids: SL0007-00012 is the twelfth of call 7.

    Runs in the transaction of the acceptance, whose rows are locked: the counter is a column of the call, so whoever
    accepts in the same call at the same time waits, and what is rolled back leaves no gap. Returns `{id: number}`.
    """
    ids = list(proposal_ids)
    # In one order, so that two batches over the same calls never wait for each other in a circle.
    calls = Proposal.objects.filter(pk__any_of=array(ids)).order_by().values("call").distinct()
    list(Call.objects.filter(pk__in=calls).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [as_text(ids)])
        return dict(cursor.fetchall())
