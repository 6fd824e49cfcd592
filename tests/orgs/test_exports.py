"""【导出】 of the list of 二级单位."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import load_workbook

from accounts.models import AuditEvent
from orgs import exports
from orgs.models import Grant
from orgs.services.grants import end_grant
from projects.enums import State
from tests import factories as make
from tests.orgs.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所", "=先进材料所"])


@pytest.fixture
def client(login, unit):
    return login(unit.account)


def rows_of(answer):
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    return load_workbook(content).get_sheet_by_index(0).to_python()


def test_the_file_holds_the_list_with_masked_numbers_and_who_made_it(client, unit):
    robots = unit.made_departments[0]
    manager = make.make_manager(robots)
    pi = make.make_person(unit=unit, department=robots)
    make.make_request(pi, unit, robots)
    make.make_proposal(pi, state=State.DEPARTMENT)

    found = rows_of(client.post("/departments/export/"))

    number = manager.id_number
    assert found[0][0].startswith(f"{unit.name}（法人单位）于 20")
    assert found[0][0].endswith("导出，共 2 行；查询条件：无")
    assert found[1][:8] == [
        "二级单位（部门）名称", "管理人员", "管理人员情况", "手机号码", "身份证号码", "关联人员", "待办", "待办明细",
    ]  # fmt: skip
    assert [row[:8] for row in found[2:]] == [
        ["'=先进材料所", "", "未设置", "", "", 0, 0, ""],
        [
            "机器人研究所",
            manager.name,
            "已登录",
            "169****0003",
            f"{number[:6]}********{number[-4:]}",
            1,
            2,
            "个人信息 1，申报书 1",
        ],
    ]


def test_it_is_filtered_as_the_list_and_leaves_one_line_in_the_trail(client, unit):
    make.make_department(make.make_unit(), "外单位机器人所")
    answer = client.post("/departments/export/?q=机器人&page=7")

    found = rows_of(answer)

    assert [row[0] for row in found[2:]] == ["机器人研究所"]
    assert found[0][0].endswith("查询条件：名称含“机器人”")
    event = AuditEvent.objects.get(action="export")
    assert (event.user, event.role, event.unit_id) == (unit.account, "legal", unit.pk)
    assert (event.object_label, event.detail) == ("二级单位", {"rows": 1, "conditions": ["名称含“机器人”"]})


@pytest.mark.parametrize("rows", [2, 25])
def test_it_takes_the_same_number_of_queries_for_few_rows_and_for_many(client, unit, rows):
    for _ in range(rows - 2):
        make.make_department(unit)

    with CaptureQueriesContext(connection) as queries:
        assert len(rows_of(client.post("/departments/export/"))) == rows + 2

    assert len(queries) == 7


def test_the_button_stands_where_there_is_something_to_export_and_keeps_the_search(client, login):
    page = client.get("/departments/?q=机器人")
    nothing = client.get("/departments/?q=没有的")
    empty = login(make.make_unit().account).get("/departments/")

    assert 'action="/departments/export/?q=%E6%9C%BA%E5%99%A8%E4%BA%BA"' in page.content.decode()
    assert "导出" not in text(nothing)
    assert "导出" not in text(empty)
    assert "从 Excel 导入" in text(empty)


def test_too_many_rows_are_refused_with_a_way_out(client, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)

    answer = client.post("/departments/export/")

    assert answer.status_code == 409
    assert "共 2 行，一次最多导出 1 行。请先用查询条件缩小范围" in answer.content.decode()
    assert AuditEvent.objects.filter(action="export").count() == 0


def test_one_without_a_manager_any_more_says_so(client, unit):
    make.make_manager(unit.made_departments[0])
    end_grant(actor=make.actor_of(unit.account), grant=Grant.objects.get())

    found = rows_of(client.post("/departments/export/?q=机器人"))

    assert found[2][:5] == ["机器人研究所", "", "未设置", "", ""]
