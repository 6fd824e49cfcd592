"""`perform_many`: what `perform` does, to thousands of 申报书 in one transaction and a handful of statements."""

import json
from collections import defaultdict
from dataclasses import dataclass

from django.db import connection, transaction

from accounts import audit
from accounts.enums import AuditAction
from orgs.enums import Role
from orgs.services.locks import confirm_authority
from projects import notices
from projects.enums import State, Tab
from projects.models import Call, Proposal, Step
from projects.rules import CAPACITY_OF_ROLE, may
from projects.services.acceptance import give_numbers
from projects.services.decisions import CORRECTION_WORKING_DAYS, is_repeated, what_happened
from projects.workflow import ACCEPT, ACTIONS, SEND_BACK
from zhgg.kit.arrays import array, as_text
from zhgg.kit.calendar import working_days_later
from zhgg.kit.clock import database_now

BATCH_ACTIONS = {
    role: tuple(action for action in ACTIONS.values() if capacity in action.who)
    for role, capacity in CAPACITY_OF_ROLE.items()
}
"""What each reviewer can do to many at once, in the order of the buttons: what goes on first."""


@dataclass(frozen=True)
class Result:
    """What became of one 申报书: `done`, by this batch or (`repeated`) by the same one sent before, or why not."""

    done: bool
    reason: str = ""
    repeated: bool = False


FINE = Result(done=True)
REPEATED = Result(done=True, repeated=True)


def examine(*, action, seen, actor):
    """What `perform_many` would answer now. Nothing is locked or changed."""
    _refuse_what_is_no_batch(action)
    going, results = _judge(action, actor, seen, _rows(actor, seen), database_now(), reason="")
    return results | dict.fromkeys(going, FINE)


def perform_many(*, action, seen, actor, reason="", tabs=(), correction_due=None):
    """Carry out one action of a reviewer on many 申报书, all or nothing; `{id: Result}` of those the actor may know of.

    `seen` is `{id: number of the last history step that was seen}`. Row by row it comes to what `perform` does: the
    same rule judges under the lock, in its words; what may not go stays as it is. What is unknown or foreign is left
    out of the answer. `tabs` are those that a 退回 points to; what the call of one does not ask for is left out there.
    The same batch sent twice acts once. Raises NotNow when the actor's grant has ended.
    """
    _refuse_what_is_no_batch(action)
    with transaction.atomic():
        confirm_authority(actor)
        # In the order of the numbers, so that two batches never wait for each other.
        rows = list(_rows(actor, seen).order_by("pk").select_for_update(no_key=True))
        now = database_now()
        going, results = _judge(action, actor, seen, rows, now, reason)
        if going:
            _carry_out(action, actor, {pk: seen[pk] for pk in going}, reason, tabs, now, correction_due)
    return results | dict.fromkeys(going, FINE)


def _refuse_what_is_no_batch(action):
    if not any(action in actions for actions in BATCH_ACTIONS.values()):
        raise ValueError(f"{action.key} is for one 申报书 at a time")


READ_BY_RULES = ("state", "pi_id", "call_id", "correction_due", "review_until")
"""What the rules on reviewers' actions read of an 申报书. Those that agree in it have one verdict."""


def _rows(actor, seen):
    visible = Proposal.objects.visible_to(actor).filter(pk__any_of=array(seen))
    return visible.values_list("pk", "step_count", *READ_BY_RULES)


def _judge(action, actor, seen, rows, now, reason):
    """`(ids that may go, {id: Result} of the others)`: the rule is asked once for each kind of row."""
    going, results, late, verdicts = [], {}, {}, {}
    rows = list(rows)
    calls = Call.objects.in_bulk({row[4] for row in rows})
    for pk, step_count, state, pi_id, call_id, *times in rows:
        if step_count != seen[pk]:
            late[pk] = State(state).label
            continue
        kind = (state, pi_id == actor.user_id, call_id, *times)
        verdict = verdicts.get(kind)
        if verdict is None:
            columns = dict(zip(READ_BY_RULES[3:], times, strict=True))
            one = Proposal(state=state, pi_id=pi_id, call=calls[call_id], **columns)
            verdict = verdicts[kind] = may(action, actor, one, now)
        if verdict:
            going.append(pk)
        else:
            results[pk] = Result(done=False, reason=verdict.reason)
    out_of_sight = dict.fromkeys(seen.keys() - {row[0] for row in rows}, "")
    return going, results | _too_late(action, actor, seen, late | out_of_sight, reason)


def _too_late(action, actor, seen, late, reason):
    """Results of those with later steps than were seen. `late` gives the present state; "" stands for out of sight.

    What has left the actor's sight is known to them by the step that took it away, as in `perform`.
    """
    if not late:
        return {}
    steps = Step.objects.filter(proposal__any_of=array(late)).order_by("number")
    later = defaultdict(list)
    for step in steps.only("proposal", "number", "action", "user", "user_name", "capacity", "source", "reason"):
        if step.number > seen[step.proposal_id]:
            later[step.proposal_id].append(step)
    results = {}
    for pk, state_label in late.items():
        first = next((step for step in later[pk] if step.number == seen[pk] + 1), None)
        if first and is_repeated(first, action, actor, reason):
            results[pk] = REPEATED
        elif state_label:
            results[pk] = Result(done=False, reason=what_happened(later[pk], state_label))
        elif first and actor.role == Role.BUREAU and first.source == State.BUREAU:
            results[pk] = Result(done=False, reason=what_happened([first]))
    return results


def _carry_out(action, actor, seen, reason, tabs, now, correction_due):
    """Move rows that are locked and may go: one statement for rows and history, one for audit, one job
    for the messages."""
    # Nobody may act on two levels, so all rows stand on the same one.
    source = Proposal.objects.values_list("state", flat=True).get(pk=next(iter(seen)))
    changes = {"state": action.target, "last_action": action.key, "state_since": now, "updated_at": now}
    if action is SEND_BACK:
        changes |= {"returned_from": source, "return_reason": reason}
        if source == State.BUREAU:
            changes["correction_due"] = correction_due or working_days_later(now, CORRECTION_WORKING_DAYS)
    line = Step(
        at=now,
        user=actor.user,
        user_name=actor.name,
        capacity=CAPACITY_OF_ROLE[actor.role],
        place=f"{actor.unit_name}{actor.department_name}",
        action=action.key,
        source=source,
        target=action.target,
        reason=reason,
    )
    step_ids = _move(source, changes, tabs, line, seen)
    if len(step_ids) != len(seen):
        raise RuntimeError("an 申报书 changed under its lock")
    if action is ACCEPT:
        give_numbers(seen)
    what = json.dumps({"action": action.key, "from": source, "to": action.target})
    audit.record_selected(
        AuditAction.DECISION, Proposal, _AUDITED, [what, as_text(seen)], user=actor.user, role=actor.role
    )
    # Words to thousands of people take longer than all before, and need not be there with the answer.
    notices.tell_of_batch.defer(action_key=action.key, step_ids=step_ids)


_AUDITED = """
    SELECT unit_id, id::text, left(coalesce(nullif(title, ''), number), 200),
           %s::jsonb || jsonb_build_object('step', step_count)
    FROM projects_proposal WHERE id = ANY(%s::bigint[]) ORDER BY id
"""


# Of the tabs that a 退回 points to, those that the call asks for.
_ASKED_FOR = """
    ARRAY(
        SELECT tab FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (tab, place)
        WHERE tab = %s OR tab = ANY(call.tabs) ORDER BY place
    )
"""


def _move(source, changes, tabs, line, seen):
    """Change the rows and write a `line` of history for each; the ids of these lines."""
    own = {"id", "proposal", "number", "submission_number", "tabs"}
    shared = [field for field in Step._meta.concrete_fields if field.name not in own]
    columns = ", ".join(field.column for field in shared)
    statement = f"""
        WITH moved AS (
            UPDATE projects_proposal AS proposal
            SET step_count = proposal.step_count + 1, return_tabs = {_ASKED_FOR if tabs else "'{}'"},
                {", ".join(f"{name} = %s" for name in changes)}
            FROM unnest(%s::bigint[], %s::int[]) AS seen (id, step), projects_call AS call
            WHERE proposal.id = seen.id AND proposal.state = %s AND proposal.step_count = seen.step
                AND call.id = proposal.call_id
            RETURNING proposal.id, proposal.step_count, proposal.submission_count, proposal.return_tabs
        )
        INSERT INTO projects_step (proposal_id, number, submission_number, tabs, {columns})
        SELECT id, step_count, submission_count, return_tabs, {", ".join(["%s"] * len(shared))} FROM moved
        RETURNING id
    """  # nosec B608: only names of columns are written into it
    asked = [list(tabs), Tab.BASICS] if tabs else []
    wanted = [*asked, *changes.values(), as_text(seen), as_text(seen.values()), source]
    values = [field.get_db_prep_save(field.pre_save(line, add=True), connection) for field in shared]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*wanted, *values])
        return [pk for (pk,) in cursor.fetchall()]
