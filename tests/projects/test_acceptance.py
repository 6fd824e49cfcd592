"""受理编号: counted up in each call, without gaps or doubles, one by one, in batches and at the same time."""

import pytest
from django.db import transaction

from projects.enums import State
from projects.models import Call, Proposal
from projects.services.acceptance import give_numbers
from projects.services.batch import perform_many
from projects.services.decisions import Outcome, perform
from projects.workflow import ACCEPT, DECLINE
from tests import factories as make
from tests.races import together


def waiting(call, count=1):
    pi = make.make_person(unit=make.make_unit())
    return [make.make_proposal(pi, call, state=State.BUREAU) for _ in range(count)]


def accept(proposal, officer):
    actor = make.actor_of(officer)
    return lambda: perform(action=ACCEPT, proposal_id=proposal.pk, actor=actor, seen_step=1)


def accept_all(proposals, officer):
    actor = make.actor_of(officer)
    return lambda: perform_many(action=ACCEPT, actor=actor, seen={each.pk: 1 for each in proposals})


def numbers(call):
    return list(
        Proposal.objects.filter(call=call).order_by("accepted_number").values_list("accepted_number", flat=True)
    )


def expected(call, count):
    return [f"SL{call.pk:04}-{number:05}" for number in range(1, count + 1)]


@pytest.mark.django_db
class TestNumbers:
    def test_each_call_counts_by_itself(self):
        first, second, officer = make.make_call(), make.make_call(), make.make_officer()
        for proposal in (*waiting(first, 2), *waiting(second)):
            done = accept(proposal, officer)().proposal
            assert done.accepted_number == Proposal.objects.get(pk=done.pk).accepted_number

        assert (numbers(first), numbers(second)) == (expected(first, 2), expected(second, 1))

    def test_a_batch_over_two_calls_goes_on_counting_in_each(self):
        first, second, officer = make.make_call(), make.make_call(), make.make_officer()
        accept(waiting(first)[0], officer)()

        accept_all([*waiting(first, 3), *waiting(second, 2)], officer)()

        assert (numbers(first), numbers(second)) == (expected(first, 4), expected(second, 2))

    def test_what_is_declined_has_none(self):
        (proposal,) = waiting(make.make_call())

        actor = make.actor_of(make.make_officer())
        perform(action=DECLINE, proposal_id=proposal.pk, actor=actor, seen_step=1, reason="不符合指南")

        assert Proposal.objects.get(pk=proposal.pk).accepted_number is None

    def test_what_is_rolled_back_leaves_no_gap(self):
        call, officer = make.make_call(), make.make_officer()
        one, two = waiting(call, 2)

        @transaction.atomic
        def accept_and_fail():
            accept(one, officer)()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            accept_and_fail()
        accept(two, officer)()

        assert Proposal.objects.get(pk=two.pk).accepted_number == expected(call, 1)[0]

    def test_numbers_grow_beyond_five_places(self):
        call, officer = make.make_call(), make.make_officer()
        Call.objects.filter(pk=call.pk).update(accepted_count=99_999)

        assert accept(waiting(call)[0], officer)().proposal.accepted_number == f"SL{call.pk:04}-100000"

    def test_accepted_twice_keeps_its_number(self):
        call, officer = make.make_call(), make.make_officer()
        (proposal,) = waiting(call)

        answers = [accept(proposal, officer)(), accept(proposal, officer)()]

        assert [answer.repeated for answer in answers] == [False, True]
        assert numbers(call) == expected(call, 1)

    def test_nothing_is_numbered_when_there_is_nothing(self):
        assert give_numbers([]) == {}


@pytest.mark.django_db(transaction=True)
class TestRaces:
    @pytest.mark.parametrize("_round", range(3))
    def test_officers_at_the_same_moment_leave_no_gap_and_no_double(self, _round):
        call, officers = make.make_call(), [make.make_officer() for _ in range(4)]
        alone, batch, other = waiting(call, 2), waiting(call, 5), waiting(call, 4)

        answers = together(
            accept(alone[0], officers[0]),
            accept(alone[1], officers[1]),
            accept_all(batch, officers[2]),
            accept_all(other, officers[3]),
        )

        assert [type(answer) for answer in answers[:2]] == [Outcome, Outcome]
        assert numbers(call) == expected(call, 11)

    @pytest.mark.parametrize("_round", range(3))
    def test_batches_over_the_same_calls_do_not_wait_in_a_circle(self, _round):
        calls, officers = [make.make_call(), make.make_call()], [make.make_officer(), make.make_officer()]
        first = [*waiting(calls[0], 2), *waiting(calls[1], 2)]
        second = [*waiting(calls[1], 2), *waiting(calls[0], 2)]

        answers = together(accept_all(first, officers[0]), accept_all(second, officers[1]))

        assert [len(answer) for answer in answers] == [4, 4]
        assert [numbers(call) for call in calls] == [expected(call, 4) for call in calls]
