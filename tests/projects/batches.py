"""Deciding about many 申报书 in tests, at once and one by one, and what is left behind."""

import pytest
from django.db import transaction
from django.http import Http404

from accounts.models import AuditEvent, Notice
from projects.enums import State
from projects.models import Proposal, Step
from projects.services.batch import perform_many
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.jobs import empty_queue, run_jobs
from tests.projects.test_perform import REASON, proposal_in
from zhgg.kit.errors import Refusal


@pytest.fixture(autouse=True)
def nothing_queued(db):
    empty_queue()


def many(user, key, *proposals, reason=None, seen=None):
    """Decide about them as that user, as last seen; `{id: Result}`."""
    action = ACTIONS[key]
    return perform_many(
        action=action,
        seen=seen or {proposal.pk: proposal.step_count for proposal in proposals},
        actor=make.actor_of(user),
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )


def waiting(world, number, state=State.UNIT, **fields):
    return [proposal_in(world, state, title=f"第 {each} 份", **fields) for each in range(number)]


def told():
    """The messages, when the worker has seen to those of the batches."""
    run_jobs("projects.tell_of_batch")
    return Notice.objects.all()


def picture():
    """Everything that a decision leaves behind, but the moments: those only whether they are the same."""
    proposals = []
    for row in Proposal.objects.order_by("pk").values():
        row["moved_now"] = row["state_since"] == row["updated_at"]
        proposals.append({name: value for name, value in row.items() if name not in ("state_since", "updated_at")})
    return {
        "proposals": proposals,
        "steps": [
            {name: value for name, value in row.items() if name not in ("id", "at")}
            for row in Step.objects.order_by("proposal", "number").values()
        ],
        "audit": [
            {name: value for name, value in row.items() if name not in ("id", "at")}
            for row in AuditEvent.objects.order_by("object_id", "pk").values()
        ],
        "notices": sorted(told().values_list("recipient", "subject", "body", "url", "read_at")),
    }


def tried(act):
    """`(answer, picture)` of an attempt that is undone afterwards."""
    savepoint = transaction.savepoint()
    try:
        answer = act()
    except Http404:
        answer = None
    except Refusal as refusal:
        answer = (False, refusal.message)
    found = answer, picture()
    transaction.savepoint_rollback(savepoint)
    return found


def singly(proposal, key, actor, seen_step=None, reason=None):
    action = ACTIONS[key]
    perform(
        action=action,
        proposal_id=proposal.pk,
        actor=actor,
        seen_step=proposal.step_count if seen_step is None else seen_step,
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )
    return (True, "")


def at_once(proposal, key, actor, seen_step=None, reason=None):
    action = ACTIONS[key]
    results = perform_many(
        action=action,
        seen={proposal.pk: proposal.step_count if seen_step is None else seen_step},
        actor=actor,
        reason=(REASON if action.needs_reason else "") if reason is None else reason,
    )
    return next(((result.done, result.reason) for result in results.values()), None)
