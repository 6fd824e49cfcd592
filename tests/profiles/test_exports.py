"""【导出】 of 个人信息审核: the list, and the result of a batch."""

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import load_workbook

from accounts.models import AuditEvent
from profiles.enums import ReviewState
from tests import factories as make

pytestmark = pytest.mark.django_db
LIST, RESULT = "/reviews/export/", "/reviews/batch/export/"


@pytest.fixture
def unit():
    return make.make_unit("江合研究院")


@pytest.fixture
def client(login, unit):
    return login(unit.account)


def asking(unit, name="张样", **options):
    return make.make_request(make.make_person(name), unit, **options)


def rows_of(answer):
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    return load_workbook(content).get_sheet_by_index(0).to_python()


def trail():
    event = AuditEvent.objects.get(action="export")
    return event.object_label, event.detail


def test_the_list_as_filtered_with_masked_numbers(client, unit):
    waiting = asking(unit, "张样一")
    asking(unit, "张样二", state=ReviewState.REJECTED)
    asking(unit, "李样三")
    asking(make.make_unit(), "张样外")

    found = rows_of(client.post(f"{LIST}?name=张样&sort=-state"))

    number = waiting.person.user.id_number
    assert found[0][0].endswith("导出，共 2 行；查询条件：姓名含“张样”")
    cells = [dict(zip(found[1], row, strict=True)) for row in found[2:]]
    assert [(each["姓名"], each["状态"], each["驳回原因"]) for each in cells] == [
        ("张样二", "审核不通过", "职称与证书不一致"),
        ("张样一", "待审核", ""),
    ]
    assert cells[1]["证件号码"] == f"{number[:6]}********{number[-4:]}"
    assert cells[1]["手机号码"] == "169****0002"
    assert cells[1]["工作单位（部门）"] == "江合研究院"
    assert trail() == ("个人信息审核", {"rows": 2, "conditions": ["姓名含“张样”"]})


def test_a_search_by_number_stands_nowhere_in_clear(client, unit):
    found = asking(unit)
    number = found.person.user.id_number
    address = client.post("/reviews/", {"id": number})["Location"]

    rows = rows_of(client.post(address.replace("/reviews/", LIST)))

    assert len(rows) == 3
    assert trail()[1]["conditions"] == ["证件号码为所填号码"]
    assert number not in str(rows) + str(AuditEvent.objects.latest("pk").detail)


@pytest.mark.parametrize("query", [f"id={'5' * 17}X", "updated_after=2026-13-01", "name=%00"])
def test_conditions_that_cannot_be_lead_back_to_the_list(client, unit, query):
    asking(unit)

    answer = client.post(f"{LIST}?{query}")

    assert (answer.status_code, answer["Location"]) == (302, "/reviews/")
    assert not AuditEvent.objects.filter(action="export").exists()


def test_a_manager_exports_what_was_routed_to_them_alone(login, unit):
    department, other = make.make_department(unit), make.make_department(unit)
    asking(unit, "张样一", department=department)
    asking(unit, "张样二", department=other)

    found = rows_of(login(make.make_manager(department)).post(LIST))

    assert [row[0] for row in found[2:]] == ["张样一"]


@pytest.mark.parametrize("address", [LIST, RESULT])
def test_who_reviews_nothing_exports_nothing(login, unit, address):
    for user in (make.make_person(unit=unit).user, make.make_officer()):
        assert login(user).post(address).status_code == 404
    assert not AuditEvent.objects.filter(action="export").exists()


@pytest.mark.parametrize("rows", [1, 25])
def test_the_list_takes_the_same_number_of_queries_for_one_row_and_for_many(client, unit, rows):
    for _ in range(rows):
        asking(unit)

    with CaptureQueriesContext(connection) as queries:
        assert len(rows_of(client.post(LIST))) == rows + 2

    assert len(queries) == 6


def test_full_numbers_leave_only_with_a_reason_a_second_yes_and_a_line_in_the_trail(client, unit):
    number = asking(unit, "张样一").person.user.id_number
    address = f"{LIST}full/?name=张样"

    assert "导出 1 行（姓名含“张样”），其中证件号码和手机号码不遮盖？" in client.get(address).content.decode()
    assert list(client.post(address, {"reason": "核对证书原件"}).context["form"].errors) == ["sure"]
    assert not AuditEvent.objects.filter(action="export").exists()
    found = rows_of(client.post(address, {"reason": "核对证书原件", "sure": "on"}))

    assert found[1][0].endswith("导出原因：核对证书原件")
    assert (found[3][2], found[3][3]) == (number, "16900000002")
    assert trail() == (
        "个人信息审核",
        {"rows": 1, "conditions": ["姓名含“张样”"], "full": True, "reason": "核对证书原件"},
    )


# The result of a batch -----------------------------------------------------------------------------------------------


def decided(client, *requests, action="approve"):
    """The result page's token."""
    question = client.post("/reviews/batch/", {"action": action, "id": [each.pk for each in requests]})
    form = dict(re.findall(r'name="(selection|list)" value="([^"]*)"', question.content.decode()))
    page = client.post("/reviews/batch/", {"action": action, **form})
    return re.search(r'name="result" value="([^"]+)"', page.content.decode())[1]


def test_the_result_says_of_each_row_what_became_of_it(client, unit):
    fine, late = asking(unit, "张样一"), asking(unit, "张样二", state=ReviewState.REJECTED)

    found = rows_of(client.post(RESULT, {"result": decided(client, fine, late)}))

    number = fine.person.user.id_number
    assert found[1] == ["姓名", "证件号码", "工作单位（部门）", "办理结果", "说明"]
    assert [(row[0], row[3], bool(row[4])) for row in found[2:]] == [
        ("张样二", "没有办理", True),
        ("张样一", "审核通过", False),
    ]
    assert found[3][1:3] == [f"{number[:6]}********{number[-4:]}", "江合研究院"]
    assert trail() == ("批量审核通过结果", {"rows": 2, "conditions": []})


def test_a_result_is_its_reviewers_alone_and_names_nobody_who_has_left(client, login, unit):
    found = asking(unit, "张样一")
    token = decided(client, found)
    other = make.make_unit()
    make.approve_person(found.person, other)

    [row] = rows_of(client.post(RESULT, {"result": token}))[2:]
    foreign = login(other.account).post(RESULT, {"result": token}, follow=True)

    assert row[:3] == ["（已不由您审核）", "", ""]
    assert "办理结果的页面已过期，没有导出" in foreign.content.decode()


@pytest.mark.parametrize("token", ["", "x", "\x00", "a:b:c"])
def test_a_broken_result_leads_back_to_the_list(client, token):
    assert client.post(RESULT, {"result": token})["Location"] == "/reviews/"
