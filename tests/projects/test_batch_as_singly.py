"""Many 申报书 decided at once come to the same as one by one."""

import functools
import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from projects import rules
from projects.enums import State
from projects.services.batch import BATCH_ACTIONS, READ_BY_RULES, examine
from projects.workflow import ACTIONS
from tests import factories as make
from tests.projects.batches import at_once, many, nothing_queued, singly, tried
from tests.projects.test_perform import ACTS_AS, REASON, SEES, proposal_in, world

__all__ = ["nothing_queued", "world"]

pytestmark = pytest.mark.django_db


REVIEWING = sorted({action.key for actions in BATCH_ACTIONS.values() for action in actions})


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", list(SEES))
def test_a_batch_comes_to_what_single_decisions_come_to(world, who, state):
    user = world[who]
    proposal = proposal_in(world, state, pi=user if who in ACTS_AS else None)
    actor = make.actor_of(user)
    if who == "officer without the group":
        user.groups.clear()
        actor = make.actor_for(user)

    for key in REVIEWING:
        given = proposal, key, actor
        assert tried(functools.partial(at_once, *given)) == tried(functools.partial(singly, *given)), key


@pytest.mark.parametrize("late", ["call", "correction", "both", "extended", "extended too little"])
@pytest.mark.parametrize(
    ("who", "state"), [("manager", State.DEPARTMENT), ("legal", State.UNIT), ("bureau", State.BUREAU)]
)
def test_deadlines_hold_for_a_batch_as_they_do_for_one(world, who, state, late):
    now = timezone.now()
    if late != "correction":
        world["call"].closes_at, world["call"].review_closes_at = now - timedelta(days=2), now - timedelta(days=1)
        world["call"].save()
    times = {
        "call": {},
        "correction": {"correction_due": now - timedelta(hours=1)},
        "both": {"correction_due": now + timedelta(hours=1)},
        "extended": {"review_until": now + timedelta(hours=1)},
        "extended too little": {"review_until": now - timedelta(hours=1)},
    }
    proposal = proposal_in(world, state, **times[late])
    actor = make.actor_of(world[who])

    for key in REVIEWING:
        given = proposal, key, actor
        assert tried(functools.partial(at_once, *given)) == tried(functools.partial(singly, *given)), key


@pytest.mark.parametrize("first", REVIEWING)
@pytest.mark.parametrize("reason", [REASON, "另一个原因"])
def test_what_comes_too_late_is_told_the_same_by_a_batch(world, first, reason):
    who, state = {
        "pass-to-unit": ("manager", State.DEPARTMENT),
        "pass-to-bureau": ("legal", State.UNIT),
    }.get(first, ("bureau", State.BUREAU))
    proposal = proposal_in(world, state)
    singly(proposal, first, make.actor_of(world[who]), reason=REASON if ACTIONS[first].needs_reason else "")

    for viewer in ("manager", "legal", "agent", "bureau", "another unit"):
        for key, seen_step in itertools.product(REVIEWING, (1, 0, 7)):
            given = {"seen_step": seen_step, "reason": reason if ACTIONS[key].needs_reason else ""}
            given |= {"proposal": proposal, "key": key, "actor": make.actor_of(world[viewer])}
            assert tried(functools.partial(at_once, **given)) == tried(functools.partial(singly, **given)), given


def test_a_second_officer_is_told_by_a_batch_too_what_the_first_one_did(world):
    proposal = proposal_in(world, State.BUREAU)
    singly(proposal, "send-back", make.actor_of(world["bureau"]))

    [result] = many(make.make_officer(), "accept", proposal).values()

    assert not result.done
    assert result.reason.startswith(f"{world['bureau']}（科技局）已办理：退回。")
    assert "未提交" not in result.reason


@pytest.mark.parametrize("key", ["submit", "withdraw"])
def test_what_the_pi_does_is_no_batch(world, key):
    with pytest.raises(ValueError, match="one 申报书 at a time"):
        many(world["pi"], key, proposal_in(world, State.UNIT))
    with pytest.raises(ValueError, match="one 申报书 at a time"):
        examine(action=ACTIONS[key], seen={}, actor=make.actor_of(world["pi"]))


class Reading:
    """An 申报书 that notes what is read of it."""

    def __init__(self, proposal):
        self.proposal, self.read = proposal, set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self.proposal, name)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", ["manager", "legal", "agent", "bureau", "own manager", "own agent"])
def test_rows_of_one_kind_differ_in_nothing_that_the_rules_read(world, who, state):
    user = world[who]
    proposal = Reading(proposal_in(world, state, pi=user if who in ACTS_AS else None))

    for key in REVIEWING:
        rules.may(ACTIONS[key], make.actor_of(user), proposal, timezone.now())

    assert proposal.read <= {*READ_BY_RULES, "call", "get_state_display"}
