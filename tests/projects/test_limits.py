"""限项 and repeats: what other 申报书 forbid, counted over calls, and under two connections at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.completeness.check import gaps
from projects.enums import LimitRole, State, Tab
from projects.models import Limit, Participant, Proposal
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import FULL, make_full_call, make_full_proposal
from tests.races import together

MEMBER = FULL[Tab.TEAM]["members"][0]


def limit(role, number, *calls, name="2026 年度限项"):
    made = Limit.objects.create(name=name, role=role, number=number)
    made.calls.set(calls)
    return made


def person():
    return make.make_person(unit=make.make_unit())


def titled(title, **changes):
    return {**changes, Tab.BASICS: {"title": title, **changes.get(Tab.BASICS, {})}}


def draft(pi, call, title="山地城市低空物流无人机调度技术研究", **options):
    """A complete draft."""
    return make_full_proposal(pi, call, changes=titled(title, **options.pop("changes", {})), **options)


def submitting(proposal):
    actor = make.actor_of(proposal.pi.user)
    return lambda: perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=actor, seen_step=0)


def submit(proposal):
    return submitting(proposal)().proposal


def messages(proposal):
    return [(gap.label, gap.message) for gap in gaps(Proposal.objects.for_page().get(pk=proposal.pk))]


@pytest.mark.django_db
class TestCounting:
    def test_who_leads_as_many_as_allowed_leads_no_more(self):
        pi, first, second = person(), make_full_call(), make_full_call(name="另一批次")
        limit(LimitRole.LED, 1, first, second)
        submit(draft(pi, first))

        assert messages(draft(pi, second, "另一个题目的研究")) == [
            ("限项", f"{pi.name}已有 1 项在审或已受理，2026 年度限项（每人牵头申报最多 1 项），这一项不能再提交")
        ]

    def test_a_submission_reads_its_limits_once(self):
        pi, call = person(), make_full_call()
        for role in LimitRole:
            limit(role, 5, call, name=f"限项 {role}")
        act = submitting(draft(pi, call))

        with CaptureQueriesContext(connection) as queries:
            act()

        # "projects_limit_calls" says which, and the counting names the table too.
        asked = [query["sql"] for query in queries if '"projects_limit"."number"' in query["sql"]]
        assert len(asked) == 1
        assert len(queries) == 28

    def test_calls_that_the_limit_does_not_name_do_not_count(self):
        pi, first, second = person(), make_full_call(), make_full_call(name="另一批次")
        limit(LimitRole.LED, 1, second)
        submit(draft(pi, first))

        assert messages(draft(pi, second, "另一个题目的研究")) == []

    def test_a_member_who_joins_elsewhere_is_named(self):
        call = make_full_call()
        limit(LimitRole.JOINED, 1, call)
        submit(draft(person(), call))

        assert messages(draft(person(), call, "另一个题目的研究")) == [
            ("限项", "样例成员已有 1 项在审或已受理，2026 年度限项（每人牵头和参与最多 1 项），这一项不能再提交")
        ]

    def test_a_number_on_another_kind_of_document_is_another_person(self):
        call = make_full_call()
        limit(LimitRole.JOINED, 1, call)
        passport, permit = (
            {Tab.TEAM: {"members": [{**MEMBER, "id_type": id_type, "id_number": "H12345678"}]}}
            for id_type in ("06", "02")
        )
        submit(draft(person(), call, changes=passport))

        assert messages(draft(person(), call, "另一个题目的研究", changes=permit)) == []
        assert [label for label, _ in messages(draft(person(), call, "第三个题目的研究", changes=passport))] == ["限项"]

    def test_leading_counts_as_joining_and_joining_not_as_leading(self):
        call, pi = make_full_call(), person()
        led, joined = limit(LimitRole.LED, 1, call, name="牵头"), limit(LimitRole.JOINED, 2, call, name="参与")
        number = pi.id_number
        submit(draft(person(), call, changes={Tab.TEAM: {"members": [{**MEMBER, "id_number": number}]}}))
        own = draft(
            pi, call, "另一个题目的研究", changes={Tab.TEAM: {"members": [{**MEMBER, "id_number": make.id_number()}]}}
        )
        assert messages(own) == []

        submit(own)
        third = draft(pi, make_full_call(name="第三批次"), "第三个题目的研究")
        led.calls.add(third.call)
        joined.calls.add(third.call)

        assert [message.split("，")[1] for _, message in messages(third)] == [
            "牵头（每人牵头申报最多 1 项）",
            "参与（每人牵头和参与最多 2 项）",
        ]

    def test_a_unit_sends_no_more_than_allowed(self):
        unit, call = make.make_unit(), make_full_call()
        limit(LimitRole.UNIT, 1, call)
        submit(draft(make.make_person(unit=unit), call))

        assert messages(draft(make.make_person(unit=unit), call, "另一个题目的研究")) == [
            ("申报单位", f"{unit}已有 1 项在审或已受理，2026 年度限项（每单位申报最多 1 项），这一项不能再提交")
        ]
        assert messages(draft(person(), call, "别的单位的题目研究")) == []

    @pytest.mark.parametrize(
        ("state", "counts"),
        [
            (State.DRAFT, False),
            (State.DEPARTMENT, True),
            (State.UNIT, True),
            (State.BUREAU, True),
            (State.ACCEPTED, True),
            (State.DECLINED, False),
        ],
    )
    def test_what_came_back_or_was_declined_does_not_count(self, state, counts):
        unit = make.make_unit(departments=["机器人研究所"])
        pi, call = make.make_person(unit=unit, department=unit.made_departments[0]), make_full_call()
        limit(LimitRole.UNIT, 1, call)
        make.make_proposal(pi, call, state=state, title="先提交的另一个题目")

        assert bool(messages(draft(make.make_person(unit=unit), call, "后提交的题目研究"))) is counts

    def test_its_own_earlier_submission_does_not_count(self):
        pi, call = person(), make_full_call()
        for role in LimitRole:
            limit(role, 1, call, name=role.label)
        proposal = submit(draft(pi, call))
        perform(action=ACTIONS["withdraw"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=1)

        again = perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=2)

        assert again.proposal.state == State.UNIT
        assert Participant.objects.filter(proposal=proposal).count() == 2

    def test_one_of_a_kind_in_a_call(self):
        pi, call = person(), make_full_call()
        first = submit(draft(pi, call))
        second = draft(pi, call, "另一个题目的研究")

        assert messages(second) == [
            ("项目负责人", f"您在本批次的“一般项目”中已有“{first}”（单位审核），同一批次同一类别只能申报一项")
        ]
        Proposal.objects.filter(pk=second.pk).update(category="重点项目")
        assert messages(second) == []

    @pytest.mark.parametrize("title", ["山地城市，低空物流 无人机调度技术研究！", "山地城市低空物流无人机调度技术研究"])
    def test_the_same_title_in_the_same_call_is_refused_whatever_its_punctuation(self, title):
        call = make_full_call()
        first = draft(person(), call, title)
        Proposal.objects.filter(pk=first.pk).update(
            title_key="山地城市低空物流无人机调度技术研究", state=State.UNIT, submission_count=1
        )

        assert messages(draft(person(), call)) == [
            ("项目名称", "本批次已有同名的项目，请核对是否重复申报，或修改项目名称")
        ]

    def test_the_same_title_in_another_call_is_no_error(self):
        submit(draft(person(), make_full_call()))

        assert messages(draft(person(), make_full_call(name="另一批次"))) == []


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Each passes only because `limits.lock` makes the second wait and then count the first."""

    def outcome(self, *proposals):
        answers = together(*(submitting(proposal) for proposal in proposals))
        return sorted(type(answer).__name__ for answer in answers)

    @pytest.mark.parametrize("_round", range(3))
    def test_two_submissions_of_one_pi(self, _round):
        pi, first, second = person(), make_full_call(), make_full_call(name="另一批次")
        limit(LimitRole.LED, 1, first, second)

        assert self.outcome(draft(pi, first), draft(pi, second, "另一个题目的研究")) == ["Incomplete", "Outcome"]

    @pytest.mark.parametrize("_round", range(3))
    def test_two_submissions_with_one_member(self, _round):
        call = make_full_call()
        limit(LimitRole.JOINED, 1, call)

        assert self.outcome(draft(person(), call), draft(person(), call, "另一个题目的研究")) == [
            "Incomplete",
            "Outcome",
        ]

    @pytest.mark.parametrize("_round", range(3))
    def test_two_submissions_of_one_unit(self, _round):
        unit, call = make.make_unit(), make_full_call()
        limit(LimitRole.UNIT, 1, call)
        others = {Tab.TEAM: {"members": [{**MEMBER, "id_number": make.id_number()}]}}

        first = draft(make.make_person(unit=unit), call)
        second = draft(make.make_person(unit=unit), call, "另一个题目的研究", changes=others)

        assert self.outcome(first, second) == ["Incomplete", "Outcome"]

    @pytest.mark.parametrize("_round", range(3))
    def test_two_submissions_with_one_title(self, _round):
        call = make_full_call()
        others = {Tab.TEAM: {"members": [{**MEMBER, "id_number": make.id_number()}]}}

        assert self.outcome(draft(person(), call), draft(person(), call, changes=others)) == ["Incomplete", "Outcome"]

    def test_submissions_with_nothing_in_common_all_pass(self):
        call = make_full_call()
        limit(LimitRole.JOINED, 1, call)
        proposals = [
            draft(
                person(),
                call,
                f"第{number}个题目的研究内容",
                changes={Tab.TEAM: {"members": [{**MEMBER, "id_number": make.id_number()}]}},
            )
            for number in "一二三四"
        ]

        assert self.outcome(*proposals) == ["Outcome"] * 4
