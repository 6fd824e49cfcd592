"""Batches under real parallel connections: each 申报书 is decided once, and nobody waits for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AuditEvent
from orgs.models import Grant
from orgs.services.grants import end_grant
from projects.enums import State
from projects.models import Proposal, Step
from projects.services.batch import perform_many
from projects.services.decisions import Outcome, perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.races import PATIENCE_SECONDS, together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "缺少合作协议，请补充"


@pytest.fixture
def house():
    """A unit with an agent, and twelve 申报书 in 单位审核."""
    house = make.make_unit()
    house.agent = make.make_agent(house)
    house.pi = make.make_person(unit=house)
    house.call = make.make_call()
    house.made = [make.make_proposal(house.pi, house.call, state=State.UNIT, title=f"第 {n} 份") for n in range(12)]
    return house


def batching(user, key, *proposals):
    actor, action = make.actor_of(user), ACTIONS[key]
    seen = {proposal.pk: proposal.step_count for proposal in proposals}
    return lambda: perform_many(action=action, seen=seen, actor=actor, reason=REASON if action.needs_reason else "")


def deciding(user, key, proposal):
    actor, action = make.actor_of(user), ACTIONS[key]
    return lambda: perform(
        action=action,
        proposal_id=proposal.pk,
        actor=actor,
        seen_step=1,
        reason=REASON if action.needs_reason else "",
    )


def assert_each_went_one_way(house):
    assert set(Proposal.objects.values_list("step_count", flat=True)) == {2}
    assert Step.objects.filter(number=2).count() == len(house.made)
    assert AuditEvent.objects.filter(action="decision").count() == len(house.made)
    targets = dict(Step.objects.filter(number=2).values_list("proposal_id", "target"))
    assert targets == dict(Proposal.objects.values_list("pk", "state"))


@pytest.mark.parametrize("_round", range(3))
def test_two_batches_over_the_same_rows_decide_each_row_once(house, _round):
    answers = together(
        batching(house.account, "pass-to-bureau", *house.made),
        batching(house.agent, "send-back", *reversed(house.made)),
    )

    done = [[result.done for result in answer.values()].count(True) for answer in answers]
    assert sorted(done) == [0, 12]
    assert_each_went_one_way(house)


def test_the_same_batch_sent_three_times_at_once_acts_once(house):
    act = batching(house.account, "pass-to-bureau", *house.made)

    answers = together(act, act, act)

    assert all(result.done for answer in answers for result in answer.values())
    assert sorted(any(result.repeated for result in answer.values()) for answer in answers) == [False, True, True]
    assert_each_went_one_way(house)


@pytest.mark.parametrize("_round", range(3))
@pytest.mark.parametrize("key", ["send-back", "withdraw"])
def test_a_batch_and_a_single_decision_never_both_count(house, key, _round):
    user = house.pi.user if key == "withdraw" else house.agent
    chosen = house.made[7]

    results, single = together(batching(house.account, "pass-to-bureau", *house.made), deciding(user, key, chosen))

    assert results[chosen.pk].done == isinstance(single, NotNow)
    assert isinstance(single, NotNow | Outcome)
    assert sum(result.done for result in results.values()) == (12 if results[chosen.pk].done else 11)
    assert_each_went_one_way(house)


def while_a_transaction_holds(act, hold, look=None):
    """Start `act` in another connection while a transaction that did `hold()` is open; its answer, and whether it
    waited for the end of that transaction, or what `look()` finds in it while it waits."""
    answers = []

    def run():
        try:
            answers.append(act())
        except NotNow as error:
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        hold()
        thread.start()
        thread.join(0.7)
        waited = look() if look else thread.is_alive()
    thread.join(PATIENCE_SECONDS)
    return answers[0], waited


def test_a_batch_of_an_agent_whose_grant_is_being_ended_waits_and_is_refused(house):
    grant = Grant.objects.get(holder_digest=house.agent.identity_digest)
    legal = make.actor_of(house.account)

    answer, waited = while_a_transaction_holds(
        batching(house.agent, "pass-to-bureau", *house.made), lambda: end_grant(actor=legal, grant=grant)
    )

    assert waited
    assert isinstance(answer, NotNow)
    assert set(Proposal.objects.values_list("state", flat=True)) == {State.UNIT}


def test_a_batch_waits_for_a_decision_under_way_and_names_it(house):
    chosen = house.made[3]

    answer, waited = while_a_transaction_holds(
        batching(house.account, "pass-to-bureau", *house.made), deciding(house.agent, "send-back", chosen)
    )

    assert waited
    assert [pk for pk, result in answer.items() if not result.done] == [chosen.pk]
    assert answer[chosen.pk].reason.startswith(f"{house.agent}（法人单位授权人）已办理：退回。")


def test_a_batch_locks_in_the_order_of_the_numbers(house):
    """While it waits for the lowest it holds none of the others, so two batches never wait for each other."""
    first, *others = house.made

    def hold():
        Proposal.objects.select_for_update().get(pk=first.pk)

    def look():
        rows = Proposal.objects.filter(pk__in=[each.pk for each in others])
        return len(rows.select_for_update(nowait=True))

    _, free = while_a_transaction_holds(batching(house.account, "pass-to-bureau", *reversed(house.made)), hold, look)

    assert free == len(others)


def test_a_batch_that_waits_across_the_deadline_is_too_late(house):
    """The clock is read after the lock: waiting for it does not stop time."""
    now = timezone.now()
    house.call.closes_at, house.call.review_closes_at = now, now + timedelta(seconds=1)
    house.call.save()

    def hold():
        Proposal.objects.select_for_update().get(pk=house.made[0].pk)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.5)")

    answer, waited = while_a_transaction_holds(batching(house.account, "pass-to-bureau", *house.made), hold)

    assert waited
    assert {result.reason[:6] for result in answer.values()} == {"单位审核已于"}
    assert set(Proposal.objects.values_list("state", flat=True)) == {State.UNIT}
