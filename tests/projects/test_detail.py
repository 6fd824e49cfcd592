"""The page of one 申报书: who sees it, what it shows in which state, and which buttons it offers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.enums import State
from projects.models import Step
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from tests.reveals import REASON, asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    unit = make.make_unit("样例大学", departments=["软件学院"])
    unit.department = unit.made_departments[0]
    unit.agent, unit.manager = make.make_agent(unit), make.make_manager(unit.department)
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    unit.call = make.make_call()
    return unit


def users(house):
    return {
        "pi": house.pi.user,
        "manager": house.manager,
        "legal": house.account,
        "agent": house.agent,
        "bureau": make.make_officer(),
    }


def buttons(response):
    return [action.label for action, _ in response.context["actions"]]


# workflows: what each role may do in each state; everything else is only looked at.
OFFERS = {
    ("pi", State.DRAFT): ["提交"],
    ("pi", State.DEPARTMENT): ["撤回"],
    ("pi", State.UNIT): ["撤回"],
    ("manager", State.DEPARTMENT): ["项目申报审核（单位）", "退回"],
    ("legal", State.UNIT): ["提交至科技局", "退回"],
    ("agent", State.UNIT): ["提交至科技局", "退回"],
    ("bureau", State.BUREAU): ["受理", "退回", "不予受理"],
}


@pytest.mark.parametrize("state", State)
def test_each_role_gets_the_buttons_of_its_own_state_and_no_others(login, house, state):
    proposal = make.make_proposal(house.pi, house.call, state=state)
    for who, user in users(house).items():
        response = login(user).get(proposal.get_absolute_url())
        if who == "bureau" and state == State.DRAFT:
            assert response.status_code == 404
            continue
        assert buttons(response) == OFFERS.get((who, state), []), who
        body = response.content.decode()
        for action, _ in response.context["actions"]:
            assert f'href="{reverse("proposal-act", args=[proposal.pk, action.key])}"' in body
        edit = reverse("proposal-edit", args=[proposal.pk, "basics"])
        assert (edit in body) == (who == "pi" and state == State.DRAFT)


@pytest.mark.parametrize("state", State)
def test_others_see_nothing(login, house, state):
    proposal = make.make_proposal(house.pi, house.call, state=state)
    other_department = make.make_department(house)
    strangers = [
        make.make_person(unit=house, department=house.department).user,
        make.make_unit().account,
        make.make_agent(make.make_unit()),
        make.make_manager(other_department),
    ]
    officer = make.make_officer()
    officer.groups.clear()

    for user in [*strangers, officer]:
        assert login(user).get(proposal.get_absolute_url()).status_code == 404


def test_reviewers_read_the_frozen_submission_and_not_the_pis_sections(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    section = proposal.sections.get()
    section.data = {**make.BASICS, "title": "提交后又改的题目"}
    section.save()

    words = text_of(login(house.account).get(proposal.get_absolute_url()))

    assert make.BASICS["title"] in words
    assert "提交后又改的题目" not in words
    assert "第 1 次提交的内容" in words


def test_codes_and_choices_are_spelt_out(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    words = text_of(login(house.account).get(proposal.get_absolute_url()))

    for line in (
        "项目名称 山地城市低空物流无人机调度技术研究",
        "技术领域 软件",
        "学科 计算机科学技术",
        "研究类型 应用研究",
        "关键词 低空物流、无人机、集群调度",
        "是否涉密 否",
        "伦理、实验动物、人类遗传资源 不涉及",
        "预期成果形式 论文、专利",
    ):
        assert line in words


def test_a_draft_is_shown_to_the_place_as_last_saved_and_marked(login, house):
    proposal = make.make_proposal(house.pi, house.call, basics={"abstract": ""})

    for user in (house.account, house.agent, house.manager, house.pi.user):
        words = text_of(login(user).get(proposal.get_absolute_url()))
        assert "未提交：以下是最近一次保存的内容，提交前还会修改。" in words
        assert "摘要 未填写" in words
        assert "上次提交" not in words


def test_after_a_return_the_last_submission_stands_beside_the_draft(login, house):
    proposal = make.make_proposal(
        house.pi, house.call, submissions=1, returned_from=State.UNIT, return_reason="请补充合作协议"
    )
    section = proposal.sections.get()
    section.data = {**make.BASICS, "title": "改过的题目内容"}
    section.save()
    client = login(house.account)

    draft = text_of(client.get(proposal.get_absolute_url()))
    previous = text_of(client.get(proposal.get_absolute_url(), {"tab": "previous"}))

    assert "项目名称 改过的题目内容" in draft
    assert "单位审核退回： 请补充合作协议" in draft
    assert f"项目名称 {make.BASICS['title']}" in previous
    assert "第 1 次提交的内容" in previous
    assert "项目名称 改过的题目内容" not in previous


@pytest.mark.parametrize("tab", ["nonsense", "previous", "history\x00", "x" * 5000])
def test_an_unknown_tab_is_not_found(login, house, tab):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    assert login(house.account).get(proposal.get_absolute_url(), {"tab": tab}).status_code == 404


def add_step(proposal, number, user, capacity, action, source, target, reason="", submission=1):
    return Step.objects.create(
        proposal=proposal,
        number=number,
        at=timezone.now() + timedelta(seconds=number),
        user=user,
        user_name=str(user),
        capacity=capacity,
        action=action,
        source=source,
        target=target,
        reason=reason,
        submission_number=submission,
    )


def test_the_timeline_tells_the_way_newest_first(login, house):
    since = timezone.now() - timedelta(days=2)
    proposal = make.make_proposal(house.pi, house.call, state=State.DEPARTMENT, step_count=3, state_since=since)
    add_step(proposal, 2, house.manager, "manager", "send-back", State.DEPARTMENT, State.DRAFT, "缺少协议")
    add_step(proposal, 3, house.pi.user, "pi", "submit", State.DRAFT, State.DEPARTMENT, submission=2)

    items = login(house.account).get(proposal.get_absolute_url()).context["timeline"]

    manager = house.manager.name
    assert [(item.tone, item.who, item.title, item.note, item.quote) for item in items] == [
        ("next", "", "科技局审核", "", ""),
        ("next", "", "单位审核", "", ""),
        ("now", "", "部门审核　办理中", "已等待 2 天", ""),
        ("done", "样例负责人", "重新提交", "第 2 次提交", ""),
        ("back", f"部门审核　{manager}", "退回", "二级单位管理人员", "缺少协议"),
        ("done", "样例负责人", "提交", "第 1 次提交", ""),
    ]


def test_the_timeline_says_that_it_is_the_viewers_turn(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    draft = make.make_proposal(house.pi, house.call)
    ended = make.make_proposal(house.pi, house.call, state=State.ACCEPTED)

    def first_two(user, which):
        items = login(user).get(which.get_absolute_url()).context["timeline"]
        return [(item.tone, item.title) for item in items if item.tone in ("now", "next")]

    assert first_two(house.account, proposal) == [("next", "科技局审核"), ("now", "单位审核　等您办理")]
    assert first_two(house.manager, proposal) == [("next", "科技局审核"), ("now", "单位审核　办理中")]
    assert first_two(house.pi.user, draft)[-1] == ("now", "未提交　等您提交")
    assert first_two(house.account, draft)[-1] == ("now", "未提交　等负责人提交")
    assert first_two(house.account, ended) == []


def test_the_history_tab_lists_every_step(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.DRAFT, submissions=1)
    step = add_step(proposal, 2, house.manager, "manager", "send-back", State.DEPARTMENT, State.DRAFT, "缺<协议>")

    response = login(house.pi.user).get(proposal.get_absolute_url(), {"tab": "history"})

    at = f"{timezone.localtime(step.at):%Y-%m-%d %H:%M}"
    assert f"退回 {at} {house.manager.name} 二级单位管理人员 部门审核 → 未提交 缺<协议> 1" in text_of(response)


@pytest.mark.parametrize(
    ("departments", "state", "route"),
    [
        (1, State.DRAFT, "部门未到，单位未到，科技局未到"),
        (1, State.DEPARTMENT, "部门办理中，单位未到，科技局未到"),
        (1, State.UNIT, "部门已通过，单位办理中，科技局未到"),
        (1, State.BUREAU, "部门已通过，单位已通过，科技局办理中"),
        (1, State.ACCEPTED, "部门已通过，单位已通过，科技局已通过"),
        (0, State.UNIT, "单位办理中，科技局未到"),
        (0, State.BUREAU, "单位已通过，科技局办理中"),
    ],
)
def test_the_route_has_as_many_dots_as_levels(login, house, departments, state, route):
    pi = house.pi if departments else make.make_person(unit=make.make_unit())
    make.make_proposal(pi, house.call, state=state)

    assert f'aria-label="{route}"' in login(pi.user).get("/my/").content.decode()


@pytest.mark.parametrize(
    ("state", "route"),
    [
        (State.UNIT, "单位办理中，科技局未到"),
        (State.BUREAU, "单位已通过，科技局办理中"),
        (State.ACCEPTED, "单位已通过，科技局已通过"),
        (State.DRAFT, "部门未到，单位未到，科技局未到"),
    ],
)
@pytest.mark.parametrize("way", ["submitted straight to the unit", "passed on when the PI became manager"])
def test_a_level_that_was_gone_past_is_no_dot(login, house, state, route, way):
    own = make.make_proposal(house.pi, house.call, state=state, step_count=2)
    other = make.make_proposal(house.pi, house.call, state=State.UNIT, step_count=2)
    add_step(other, 2, house.manager, "manager", "pass-to-unit", State.DEPARTMENT, State.UNIT)
    action, source = ("submit", State.DRAFT) if way.startswith("submitted") else ("rerouted", State.DEPARTMENT)
    add_step(own, 2, house.pi.user, "pi", action, source, State.UNIT)

    page = login(house.pi.user).get("/my/").content.decode()

    assert f'aria-label="{route}"' in page
    assert 'aria-label="部门已通过，单位办理中，科技局未到"' in page


def test_a_dot_that_was_left_out_comes_back_when_a_later_submission_passes_the_level(login, house):
    again = make.make_proposal(house.pi, house.call, state=State.UNIT, step_count=4, submission_count=2)
    add_step(again, 2, house.pi.user, "pi", "submit", State.DRAFT, State.UNIT)
    add_step(again, 3, house.account, "legal", "send-back", State.UNIT, State.DRAFT, "缺少协议")
    add_step(again, 4, house.pi.user, "pi", "submit", State.DRAFT, State.DEPARTMENT, submission=2)

    page = login(house.pi.user).get("/my/").content.decode()

    assert 'aria-label="部门已通过，单位办理中，科技局未到"' in page


def test_a_missed_deadline_leaves_no_button_and_says_so(login, house):
    now = timezone.now()
    call = make.make_call(closes_at=now - timedelta(days=2), review_closes_at=now - timedelta(days=1))
    proposal = make.make_proposal(house.pi, call, state=State.UNIT)

    response = login(house.account).get(proposal.get_absolute_url())

    due = f"{timezone.localtime(call.review_closes_at):%Y-%m-%d %H:%M}"
    assert buttons(response) == []
    assert f"已于 {due} 截止。只有科技局可以延期" in text_of(response)


def test_the_menu_lights_where_the_viewer_came_from(login, house):
    make.approve_person(house.agent.person, house, house.department)
    own = make.make_proposal(house.agent.person, house.call, state=State.DEPARTMENT)
    others = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.agent)

    def lit(proposal):
        site = client.get(proposal.get_absolute_url()).context["site"]
        return [item.label for group in site.menu for item in group.items if item.current]

    assert lit(own) == ["我的申报"]
    assert lit(others) == ["本单位的项目"]


def test_the_page_takes_the_same_queries_however_long_the_history(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)
    taken = [queries_of(client, proposal.get_absolute_url())[1]]
    for number in range(2, 27):
        add_step(proposal, number, house.manager, "manager", "pass-to-unit", State.DEPARTMENT, State.UNIT)
    taken.append(queries_of(client, proposal.get_absolute_url())[1])

    assert taken == [7, 7]


@pytest.mark.parametrize("who", ["pi", "manager", "legal", "bureau"])
def test_the_contacts_mobile_is_masked_until_it_is_asked_for_and_that_is_recorded(login, house, who):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)
    url, client = proposal.get_absolute_url(), login(users(house)[who])
    assert "16900000004" not in client.get(url).content.decode()
    assert "169****0004" in text_of(client.get(url))

    answer = client.post(reverse("reveal"), asks(f"proposal-mobiles:{proposal.pk}", next=url))

    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert "16900000004" in text_of(client.get(url))
    event = AuditEvent.objects.get(action="reveal")
    assert (event.user, event.object_label, event.detail) == (
        users(house)[who] if who != "bureau" else event.user,
        "样例负责人",
        {"field": "proposal-mobiles", "reason": REASON},
    )


def test_a_stranger_is_shown_no_mobile(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)

    answer = login(make.make_user()).post(reverse("reveal"), asks(f"proposal-mobiles:{proposal.pk}"))

    assert answer.status_code == 404
    assert not AuditEvent.objects.filter(action="reveal").exists()
