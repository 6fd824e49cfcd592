"""二级单位 on the pages of the unit: the list, one of them, deleting it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from orgs import usage
from orgs.enums import GrantRole
from orgs.models import Department, Grant
from orgs.services.departments import end_department
from orgs.services.grants import grant_role
from profiles.enums import ReviewState
from projects.enums import State
from tests import factories as make
from tests.orgs.department_form import client, filled, manager_of, path_of, robots, unit
from tests.orgs.pages import filled_holder, posted, text
from tests.reveals import REASON, asks

__all__ = ["client", "robots", "unit"]

pytestmark = pytest.mark.django_db


# The list -------------------------------------------------------------------------------------------------------------


def test_a_unit_without_any_is_told_what_they_are_for(login):
    page = login(make.make_unit().account).get("/departments/")

    assert "还没有二级单位" in text(page)
    assert "可以设一个“机关”或“本部”" in text(page)
    assert page.content.decode().count('href="/departments/new/"') == 1


def test_a_row_shows_the_manager_masked_and_what_hangs_on_it(client, unit, robots):
    number = make.id_number()
    client.post(path_of(robots, "edit/"), filled(name=robots.name, seen_name=robots.name, holder_id_number=number))
    pi = make.make_person(unit=unit, department=robots)
    make.make_request(pi, unit, robots)
    make.make_request(make.make_person(), unit, robots)
    make.make_request(make.make_person(unit=unit, department=robots), unit, make.make_department(unit, "别所"))
    make.make_proposal(pi, state=State.DEPARTMENT)
    make.make_proposal(pi, state=State.UNIT)

    page = client.get("/departments/?q=机器人")

    row = text(page).split("操作 ")[1].split(" 编辑")[0]
    mask = f"{number[:6]}********{number[-4:]}"
    assert row == f"机器人研究所 周岚 待首次登录 169****0005 {mask} 3 人 3 个人信息 2，申报书 1"
    assert number not in page.content.decode()


def test_somebody_who_asks_to_leave_still_counts_until_approved_and_nobody_counts_twice(unit, robots):
    other = make.make_department(unit, "别所")
    person = make.make_person(unit=unit, department=robots)
    make.make_request(person, unit, robots, state=ReviewState.REJECTED)
    make.make_request(person, unit, other)

    rows = usage.with_figures(Department.objects.filter(pk__in=[robots.pk, other.pk])).order_by("pk")
    figures = [usage.figures(row) for row in rows]

    assert [each.people for each in figures] == [1, 1]
    assert [each.waiting for each in figures] == [(), (("个人信息", 1),)]
    assert [person.name for person in usage.people(other)] == [person.name]
    assert [row.in_force for row in usage.people(robots)] == [True]


@pytest.mark.parametrize("asked", ["ai研究", "ＡＩ 研究", "Ai"])
def test_the_search_finds_any_part_of_the_name_whatever_its_width(client, asked):
    client.post("/departments/new/", filled(name="AI 研究所"))

    page = client.get("/departments/", {"q": asked})

    assert [row.record.name for row in page.context["table"].paginated_rows] == ["AI 研究所"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("机%", "没有名称含“机%”的二级单位"),
        ("_", "没有名称含“_”的二级单位"),
        ("机" * 61, "最多 60 字，现在有 61 字"),
        ("\x00", "控制字符"),
    ],
)
def test_a_search_that_finds_nothing_says_so_and_offers_the_way_back(client, asked, answer):
    page = client.get("/departments/", {"q": asked})

    assert page.status_code == 200
    assert answer in text(page)
    assert "重置" in text(page)


def test_the_list_has_pages_of_twenty_by_name(client, unit):
    for serial in range(24):
        make.make_department(unit, f"样例所{serial:02}")

    first, last, beyond = (client.get("/departments/", {"page": page}) for page in ("1", "2", "99"))

    names = [[row.record.name for row in page.context["table"].paginated_rows] for page in (first, last, beyond)]
    assert (len(names[0]), len(names[1]), names[2]) == (20, 5, names[1])
    assert sorted(names[0] + names[1]) == sorted(Department.objects.values_list("name", flat=True))
    assert "共 25 个二级单位" in text(first)


def test_deleted_ones_and_those_of_other_units_are_not_listed(client, unit, robots):
    make.make_unit(departments=["外单位所"])
    end_department(actor=make.actor_of(unit.account), department=robots)

    assert "还没有二级单位" in text(client.get("/departments/"))
    assert client.get(path_of(robots)).status_code == 404


@pytest.mark.parametrize("rows", [1, 25])
def test_the_list_takes_the_same_number_of_queries_for_one_row_and_for_many(client, unit, robots, rows):
    made = [robots, *(make.make_department(unit) for _ in range(rows - 1))]
    for department in made:
        make.make_manager(department)
        pi = make.make_person(unit=unit, department=department)
        make.make_request(pi, unit, department)
        make.make_proposal(pi, state=State.DEPARTMENT)

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/departments/", {"size": "50"})

    assert len(page.context["table"].paginated_rows) == rows
    assert len(queries) == 6


# One of them ----------------------------------------------------------------------------------------------------------


def test_the_page_of_one_shows_managers_past_and_present_and_the_people(client, unit, robots):
    person = make.make_person("赵样一", unit=unit, department=robots)
    newcomer = make.make_person("钱样二")
    make.make_request(newcomer, unit, robots)
    for name in ("孙样三", "李样四"):
        page = posted(client.get(path_of(robots, "edit/")))
        client.post(path_of(robots, "edit/"), {**page, **filled_holder(name)})

    page = text(client.get(path_of(robots)))

    assert f"{person.name} 属于这个二级单位" in page
    assert f"{newcomer.name} 申请加入，待审核" in page
    assert page.index("李样四 169****0005") < page.index("孙样三 169****0005")
    assert "至今 法人账号" in page
    assert "（更改） 法人账号" in page
    assert "尚未登录" in page


def test_the_managers_number_is_shown_in_full_on_purpose_and_logged(client, robots):
    user = make.make_manager(robots)
    grant = manager_of(robots)

    answer = client.post("/reveal/", asks(f"grant-id-number:{grant.pk}", next=path_of(robots)), follow=True)

    assert user.id_number in text(answer)
    event = AuditEvent.objects.get(action="reveal")
    assert (event.object_label, event.detail) == (user.name, {"field": "grant-id-number", "reason": REASON})


def test_whose_number_may_not_be_seen_is_not_found(login, robots):
    make.make_manager(robots)
    agent_of_another = make.make_agent(make.make_unit())

    answer = login(agent_of_another).post("/reveal/", asks(f"grant-id-number:{manager_of(robots).pk}"))

    assert answer.status_code == 404
    assert not AuditEvent.objects.filter(action="reveal", ok=True).exists()


# Deleting -------------------------------------------------------------------------------------------------------------


def test_deleting_asks_first_and_names_who_loses_the_right(client, login, robots):
    manager = make.make_manager(robots)
    session = login(manager)

    asked = text(client.get(path_of(robots, "delete/")))
    still_there = Department.objects.current().exists()
    answer = client.post(path_of(robots, "delete/"), follow=True)

    assert "删除“机器人研究所”？" in asked
    assert f"将同时停用管理人员 {manager.name} 的二级单位权限。该人员的个人账号不受影响。" in asked
    assert (still_there, Department.objects.current().exists()) == (True, False)
    assert "已删除“机器人研究所”。" in text(answer)
    assert (session.get("/reviews/").status_code, session.get("/person/").status_code) == (404, 200)


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 409)])
def test_one_in_use_says_by_how_many_and_links_to_them(client, unit, robots, method, status):
    pi = make.make_person(unit=unit, department=robots)
    make.make_request(make.make_person(), unit, robots)
    make.make_proposal(pi, state=State.DEPARTMENT)

    page = getattr(client, method)(path_of(robots, "delete/"))

    assert page.status_code == status
    assert "有 2 人的个人信息填写了这个二级单位；有 1 份申报书正在它的部门审核，因此不能删除。" in text(page)
    for way in (
        f"{path_of(robots)}#people",
        f"/projects/?state=department&amp;department={robots.pk}",
        path_of(robots, "edit/"),
    ):
        assert f'href="{way}"' in page.content.decode()
        assert client.get(way).status_code == 200
    assert Department.objects.current().get() == robots


def test_agent_who_was_replaced_while_the_form_was_open_saves_nothing(login, unit, robots):
    agent = make.make_agent(unit)
    client = login(agent)
    page = posted(client.get(path_of(robots, "edit/")))
    grant_role(actor=make.actor_of(unit.account), role=GrantRole.AGENT, unit=unit, **filled_holder("新人"))

    answer = client.post(path_of(robots, "edit/"), {**page, **filled_holder("周岚")})

    assert answer.status_code == 404
    assert not Grant.objects.filter(department=robots).exists()
