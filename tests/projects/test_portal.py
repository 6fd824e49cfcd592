"""The portal of each role: figures, 我的待办, the calls under way, and how many queries it takes."""

from datetime import timedelta
from time import monotonic
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.models import User
from profiles.enums import ReviewState
from projects import context
from projects.enums import State
from projects.views import desk
from projects.views.portal import greeting, today
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from zhgg.kit.remaining import remaining

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """A unit with a 二级单位, an agent, a manager and PIs with something in every state."""
    unit = make.make_unit(departments=["软件学院"])
    department = unit.made_departments[0]
    unit.agent, unit.manager = make.make_agent(unit), make.make_manager(department)
    unit.department = department
    unit.call = make.make_call()
    for number in range(12):
        pi = make.make_person(unit=unit, department=department)
        for state in State:
            make.make_proposal(
                pi,
                unit.call,
                state=state,
                title=f"{State(state).label}{number}",
                state_since=timezone.now() - timedelta(days=number),
                updated_at=timezone.now() - timedelta(days=number),
            )
        person = make.make_person()
        routed = {"department": department} if number % 2 else {}
        make.make_request(person, unit, **routed)
    return unit


def figures(response):
    desk = response.context["desk"]
    return [(figure.words, figure.value) for figure in [*desk.centre_figures, *desk.project_figures]]


def test_anonymous_visitors_are_sent_to_the_login(client):
    response = client.get("/", HTTP_HOST="127.0.0.1")

    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('login')}?next=/"


def test_the_legal_account_sees_its_units_figures(login, house):
    assert figures(login(house.account).get("/")) == [
        ("个人信息待审核", 6),
        ("单位信息", "已填全"),
        ("单位审核待处理", 12),
        ("科技局审核中", 12),
        ("未提交", 12),
    ]


def test_the_agent_sees_the_same_and_their_own_record(login, house):
    assert figures(login(house.agent).get("/")) == [
        ("个人信息待审核", 6),
        ("单位信息", "已填全"),
        ("个人信息", "未提交"),
        ("单位审核待处理", 12),
        ("科技局审核中", 12),
        ("未提交", 12),
    ]


def test_the_manager_sees_the_figures_of_the_department(login, house):
    make.make_proposal(make.make_person(unit=house), house.call, state=State.DRAFT)

    assert figures(login(house.manager).get("/")) == [
        ("个人信息待审核", 6),
        ("个人信息", "未提交"),
        ("部门审核待处理", 12),
        ("单位审核中", 12),
        ("未提交", 12),
    ]


def test_the_bureau_sees_what_reached_it_and_has_no_user_centre(login, house):
    response = login(make.make_officer()).get("/")

    assert figures(response) == [("待受理", 12), ("已受理", 12), ("不予受理", 12)]
    assert "用户中心" not in text_of(response)


def test_a_person_sees_their_own_record_and_proposals(login, house):
    pi = house.call.proposals.first().pi

    assert figures(login(pi.user).get("/")) == [
        ("个人信息", "审核已通过"),
        ("未提交", 1),
        ("审核中", 3),
        ("已受理", 1),
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [(ReviewState.PENDING, "待审核"), (ReviewState.REJECTED, "审核不通过"), (ReviewState.APPROVED, "审核已通过")],
)
def test_the_latest_request_says_how_the_own_record_stands(login, state, words):
    person, unit = make.make_person(), make.make_unit()
    make.make_request(person, unit, state=ReviewState.REPLACED)
    make.make_request(person, unit, state=state)

    assert figures(login(person.user).get("/"))[0] == ("个人信息", words)


def test_an_incomplete_unit_is_told_what_is_missing(login):
    unit = make.make_unit(complete=False, contact_name="样例", email="a@example.com", bank_name="样例银行")

    response = login(unit.account).get("/")

    assert figures(response)[1] == ("单位信息", "缺 4 项")
    [todo] = response.context["desk"].todos
    assert todo.title == "补全单位信息：单位联系人手机、单位联系人办公电话、银行账号、银行行号"
    assert (todo.verb, todo.url) == ("去补全", reverse("unit-edit"))


def test_todos_come_oldest_first_and_at_most_eight(login, house):
    response = login(house.account).get("/")

    desk = response.context["desk"]
    assert [todo.title for todo in desk.todos] == [f"单位审核{number}" for number in range(11, 3, -1)]
    assert [todo.verb for todo in desk.todos] == ["处理"] * 8
    assert [todo.late for todo in desk.todos] == [True] * 7 + [False]
    assert desk.todos[0].wait == "已等待 11 天"
    assert desk.todo_total == 18
    assert "全部 18 件" in text_of(response)


def test_reviews_and_decisions_are_sorted_together(login):
    unit = make.make_unit()
    now = timezone.now()
    make.make_proposal(
        make.make_person(unit=unit), state=State.UNIT, title="两天前", state_since=now - timedelta(days=2)
    )
    request = make.make_request(make.make_person("样例人"), unit)
    type(request).objects.filter(pk=request.pk).update(submitted_at=now - timedelta(days=3))

    desk = login(unit.account).get("/").context["desk"]

    assert [(todo.title, todo.verb) for todo in desk.todos] == [("样例人的个人信息", "审核"), ("两天前", "处理")]


def test_a_pis_returned_draft_and_refused_record_are_todos(login):
    unit = make.make_unit()
    pi = make.make_person(unit=unit)
    now = timezone.now()
    returned = make.make_proposal(
        pi,
        submissions=1,
        title="退回的",
        returned_from=State.UNIT,
        return_reason="请补充协议",
        state_since=now - timedelta(days=1),
    )
    make.make_proposal(pi, title="没有退回的")
    make.make_request(pi, unit, state=ReviewState.REJECTED)

    desk = login(pi.user).get("/").context["desk"]

    day = timezone.localtime(now - timedelta(days=1))
    assert [(todo.title, todo.detail, todo.url) for todo in desk.todos] == [
        ("退回的", f"{day:%m-%d} 单位审核退回：请补充协议", reverse("proposal-edit", args=[returned.pk, "basics"])),
        ("您的个人信息审核不通过", "驳回原因：职称与证书不一致", reverse("person-edit")),
    ]


def test_nobody_has_their_own_proposal_among_the_todos(login):
    unit = make.make_unit()
    agent = make.make_agent(unit)
    make.approve_person(agent.person, unit)
    make.make_proposal(agent.person, state=State.UNIT)

    desk = login(agent).get("/").context["desk"]

    assert desk.todos == []
    assert {figure.words: figure.value for figure in desk.project_figures}["单位审核待处理"] == 0


def test_calls_under_way_are_listed_with_the_units_three_numbers(login, house):
    now = timezone.now()
    make.make_call("还没有开始", opens_at=now + timedelta(days=1))
    make.make_call("没有发布", published=False)
    times = {"closes_at": now - timedelta(days=1), "review_closes_at": now + timedelta(days=3, hours=1)}
    make.make_call("只等单位审核", **times)

    rows = login(house.account).get("/").context["desk"].calls

    assert [
        (row.call.name, row.deadline_words, str(row.left), row.drafts, row.reviewing, row.reported) for row in rows
    ] == [
        ("只等单位审核", "单位审核截止", "3 天", 0, 0, 0),
        (house.call.name, "申报截止", "9 天", 12, 24, 36),
    ]
    assert [row.call.name for row in login(make.make_user()).get("/").context["desk"].calls] == [house.call.name]


def test_an_empty_desk_says_so(login):
    unit = make.make_unit()

    words = text_of(login(unit.account).get("/"))

    assert "都办完了" in words
    assert "现在没有正在受理的批次" in words


def test_a_legal_account_without_a_code_is_told_what_to_do(login):
    user = User.objects.create_ykb(
        kind="legal", issuer=make.ISSUER, subject="no-code", name="某单位", privacy_version=privacy.VERSION
    )

    response = login(user).get("/")

    assert response.status_code == 200
    assert "渝快办没有给出这个账号的统一社会信用代码" in text_of(response)


def test_an_officer_without_the_group_is_told_what_to_do(login):
    officer = make.make_officer()
    officer.groups.remove(Group.objects.get(user=officer))

    response = login(officer).get("/")

    assert response.status_code == 200
    assert "请联系系统管理员把您的账号加入科技局工作组" in text_of(response)


@pytest.mark.parametrize(
    ("who", "number"), [("legal", 8), ("agent", 10), ("manager", 9), ("person", 8), ("bureau", 7), ("nobody", 2)]
)
def test_the_portal_takes_a_fixed_number_of_queries(login, house, who, number):
    """Two of them say who is asking (session with account and unread messages; role), three for staff."""
    client = login(user_at(house, who))

    response, taken = queries_of(client, "/")

    assert response.status_code == 200
    assert taken == number


@pytest.mark.parametrize(("who", "number"), [("legal", 6), ("agent", 8), ("manager", 7), ("person", 6), ("bureau", 5)])
def test_what_everybody_is_shown_is_read_once_in_some_seconds(login, house, settings, monkeypatch, who, number):
    settings.REMEMBERED_SECONDS = 5
    clock = SimpleNamespace(now=monotonic())
    monkeypatch.setattr("zhgg.kit.remembered.monotonic", lambda: clock.now)
    for remembered in (desk._PUBLISHED, context._ANNOUNCEMENTS):
        monkeypatch.setattr(remembered, "_found", {})
    client = login(user_at(house, who))
    client.get("/")
    make.make_call("刚发布的")

    response, taken = queries_of(client, "/")
    assert taken == number
    assert [row.call.name for row in response.context["desk"].calls] == [house.call.name]

    clock.now += 5
    response, _ = queries_of(client, "/")
    assert {row.call.name for row in response.context["desk"].calls} == {house.call.name, "刚发布的"}


def user_at(house, who):
    """An account of the house in this role."""
    users = {
        "legal": lambda: house.account,
        "agent": lambda: house.agent,
        "manager": lambda: house.manager,
        "person": lambda: house.call.proposals.first().pi.user,
        "bureau": make.make_officer,
        "nobody": lambda: User.objects.create_ykb(
            kind="legal", issuer=make.ISSUER, subject="none", name="某单位", privacy_version=privacy.VERSION
        ),
    }
    return users[who]()


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (0, "夜深了"),
        (5, "上午好"),
        (11, "上午好"),
        (12, "中午好"),
        (14, "下午好"),
        (17, "下午好"),
        (18, "晚上好"),
        (23, "晚上好"),
    ],
)
def test_the_greeting_follows_the_local_hour(hour, words):
    moment = timezone.make_aware(timezone.datetime(2026, 11, 22, hour))

    assert greeting(moment) == words
    assert today(moment) == "2026 年 11 月 22 日 星期日"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=13, hours=5), "13 天"),
        (timedelta(days=2), "2 天"),
        (timedelta(days=2, seconds=-1), "47 小时"),
        (timedelta(hours=1), "1 小时"),
        (timedelta(minutes=59, seconds=59), "59 分钟"),
        (timedelta(seconds=1), "1 分钟"),
        (timedelta(0), "None"),
    ],
)
def test_what_is_left_is_counted_down_and_over_at_the_stroke(left, words):
    now = timezone.now()

    assert str(remaining(now + left, now)) == words
