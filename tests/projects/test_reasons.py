"""退回 and 不予受理 with reasons to tick (S29): what becomes of them, which tabs they point to, what the PI sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orgs.models import Grant
from orgs.services.grants import end_grant
from projects.enums import State, Tab
from projects.models import Proposal, Step
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import make_full_call
from tests.projects.pages import text_of

pytestmark = pytest.mark.django_db
BUDGET, TARGETS, OTHER = "A07", "A05", "A99"


@pytest.fixture
def house():
    unit = make.make_unit("样例大学")
    unit.pi = make.make_person("样例负责人", unit=unit)
    unit.call = make_full_call()
    return unit


def send_back(client, proposal, action="send-back", **data):
    return client.post(reverse("proposal-act", args=[proposal.pk, action]), {"seen_step": "1", **data})


def outcome(proposal):
    found = Proposal.objects.get(pk=proposal.pk)
    step = Step.objects.get(proposal=proposal, number=2)
    return step.reason, step.tabs, found.return_reason, found.return_tabs


def test_the_page_offers_the_reasons_of_the_code_table(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    words = text_of(login(house.account).get(reverse("proposal-act", args=[proposal.pk, "send-back"])))

    assert "常用退回原因" in words
    assert "预算不合规或合计不符" in words
    assert "学历学位信息与证书不符" not in words, "those of 个人信息 are others"


def test_what_is_ticked_stands_before_what_is_typed_and_points_to_its_tabs(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    answer = send_back(login(house.account), proposal, templates=[BUDGET, TARGETS], reason="间接费用请调减。")

    assert answer.status_code == 302
    reason = "考核指标不可量化或降低；预算不合规或合计不符\n间接费用请调减。"
    tabs = [Tab.TARGETS, Tab.BUDGET]
    assert outcome(proposal) == (reason, tabs, reason, tabs)


def test_what_the_script_has_inserted_is_not_put_in_front_again(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    send_back(login(house.account), proposal, templates=[BUDGET], inserted=[BUDGET], reason="预算合计不符，差 1 万元")

    assert outcome(proposal)[:2] == ("预算合计不符，差 1 万元", [Tab.BUDGET])


def test_a_ticked_reason_alone_is_enough(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    send_back(login(house.account), proposal, templates=[BUDGET])

    assert outcome(proposal)[:2] == ("预算不合规或合计不符", [Tab.BUDGET])


def test_a_typed_reason_alone_points_to_no_tab(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    send_back(login(house.account), proposal, reason="请补充")

    assert outcome(proposal) == ("请补充", [], "请补充", [])


def test_a_tab_that_the_call_does_not_ask_for_is_left_out(login, house):
    proposal = make.make_proposal(house.pi, make.make_call(name="只有一页"), state=State.UNIT)

    send_back(login(house.account), proposal, templates=["A01", BUDGET])

    assert outcome(proposal)[1] == [Tab.BASICS]


def test_declining_takes_reasons_and_points_to_no_tab(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)

    send_back(login(make.make_officer()), proposal, "decline", templates=[BUDGET])

    assert outcome(proposal) == ("预算不合规或合计不符", [], "", [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "请填写原因，或勾选上面的常用原因"),
        ({"reason": "  "}, "请填写原因，或勾选上面的常用原因"),
        ({"templates": [OTHER]}, "勾选了“其他”，请填写原因"),
        ({"reason": "短"}, "2"),
        ({"templates": [BUDGET], "reason": "字" * 495}, "500"),
        ({"reason": "字" * 100_000}, "500"),
        ({"reason": "空\x00字符"}, "控制字符"),
        ({"templates": ["A98"], "reason": "请补充"}, "所选的项不存在或已停用"),
        ({"templates": ["P01"], "reason": "请补充"}, "所选的项不存在或已停用"),
        ({"templates": ["\x00"], "reason": "请补充"}, "所选的项不存在或已停用"),
        ({"inserted": ["x" * 1000], "reason": "请补充"}, "所选的项不存在或已停用"),
    ],
)
def test_a_reason_that_will_not_do_is_answered_at_its_field_and_kept(login, house, data, message):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    answer = send_back(login(house.account), proposal, **data)

    assert answer.status_code == 200
    assert any(message in line for _, _, line in answer.context["form"].error_list)
    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT
    if data.get("templates") == [BUDGET]:
        assert answer.content.decode().count(" checked") == 1
        assert data["reason"] in answer.content.decode()


def test_five_hundred_characters_in_all_are_allowed(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    send_back(login(house.account), proposal, templates=[BUDGET], reason="字" * (500 - len("预算不合规或合计不符") - 1))

    assert len(outcome(proposal)[0]) == 500


def test_the_same_ticked_form_twice_acts_once(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)

    answers = [send_back(client, proposal, templates=[BUDGET], reason="请调减。") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Step.objects.filter(proposal=proposal, action="send-back").count() == 1


def test_the_pi_is_led_to_the_tabs_until_the_next_submission(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    send_back(login(house.account), proposal, templates=[BUDGET])
    link = f'href="{reverse("proposal-edit", args=[proposal.pk, Tab.BUDGET])}">去经费预算</a>'

    for user, shown in ((house.pi.user, True), (house.account, False)):
        assert (link in login(user).get(proposal.get_absolute_url()).content.decode()) is shown


def test_a_withdrawal_or_submission_forgets_the_tabs(house):
    one_tab = make.make_call(name="只有一页")
    fields = {"submissions": 1, "step_count": 1, "returned_from": State.UNIT, "return_tabs": [Tab.BASICS]}
    proposal = make.make_proposal(house.pi, one_tab, return_reason="请修改", **fields)
    from_draft = perform_submit(proposal)

    assert (from_draft.return_tabs, from_draft.return_reason) == ([], "")


def perform_submit(proposal):
    actor = make.actor_of(proposal.pi.user)
    perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=actor, seen_step=proposal.step_count)
    return Proposal.objects.get(pk=proposal.pk)


# Too late ------------------------------------------------------------------------------------------------------------


def test_what_was_typed_is_shown_when_the_deadline_passed_while_the_form_was_open(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)
    assert client.get(reverse("proposal-act", args=[proposal.pk, "send-back"])).status_code == 200
    house.call.closes_at = house.call.review_closes_at = timezone.now()
    house.call.save()

    answer = send_back(client, proposal, templates=[BUDGET], reason="间接费用请调减，<b>并</b>附说明")

    words = text_of(answer)
    assert answer.status_code == 409
    assert "单位审核已于" in words
    assert "需要延期的，请与科技局联系" in words
    assert "您填写的退回原因（没有提交，可以复制）" in words
    assert "预算不合规或合计不符\n间接费用请调减，&lt;b&gt;并&lt;/b&gt;附说明</textarea>" in answer.content.decode()
    assert proposal.get_absolute_url() in answer.content.decode()


def test_what_was_typed_is_shown_when_a_colleague_was_first(login, house):
    agent = make.make_agent(house)
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    send_back(login(house.account), proposal, "pass-to-bureau")

    for data in ({"reason": "请补充协议"}, {"reason": "短"}):
        answer = send_back(login(agent), proposal, **data)
        assert answer.status_code == 409
        assert f"{data['reason']}</textarea>" in answer.content.decode()
        assert "已办理：提交至科技局" in text_of(answer)


def test_an_agent_who_was_replaced_while_the_form_was_open_is_told_and_keeps_what_was_typed(login, house):
    agent = make.make_agent(house)
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(agent)
    assert client.get(reverse("proposal-act", args=[proposal.pk, "send-back"])).status_code == 200
    end_grant(actor=make.actor_of(house.account), grant=Grant.objects.get(holder_digest=agent.identity_digest))

    for pk in (proposal.pk, 10**9):
        answer = client.post(
            reverse("proposal-act", args=[pk, "send-back"]), {"seen_step": "1", "reason": "请补充协议"}
        )
        assert answer.status_code == 409, "the same for what does not exist"
        assert "授权已结束" in text_of(answer)
        assert "您作为法人单位授权人的授权已经结束，这次办理没有生效。如有疑问，请联系样例大学。" in text_of(answer)
        assert "请补充协议</textarea>" in answer.content.decode()
        assert proposal.get_absolute_url() not in answer.content.decode()
    assert Proposal.objects.get(pk=proposal.pk).state == State.UNIT
    assert client.get(reverse("proposal-act", args=[proposal.pk, "send-back"])).status_code == 404


def test_somebody_who_never_had_a_grant_or_lost_it_long_ago_is_told_nothing(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    former = make.make_agent(house)
    long_ago = timezone.now() - timedelta(days=2)
    Grant.objects.filter(holder_digest=former.identity_digest).update(started_at=long_ago, ended_at=long_ago)

    for user in (former, make.make_user()):
        assert send_back(login(user), proposal, reason="请补充协议").status_code == 404


def test_an_action_without_a_reason_shows_nothing_typed(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)
    send_back(client, proposal, reason="请补充协议")

    answer = send_back(client, proposal, "pass-to-bureau", reason="不相干")

    assert answer.status_code == 409
    assert "不相干" not in answer.content.decode()
