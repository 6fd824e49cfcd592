"""【导出】 of the lists of 申报书."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import load_workbook

from accounts.models import AuditEvent
from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from tests.projects.pages import text_of

pytestmark = pytest.mark.django_db
LIST, FULL, OWN = "/projects/export/", "/projects/export/full/", "/my/export/"
HEADINGS = [
    "申报编号", "项目名称", "负责人", "申报单位", "二级单位", "申报批次", "项目类别", "技术领域", "申请经费（万元）",
    "状态", "已等待（天）", "最近提交时间", "最近更新时间", "受理编号",
]  # fmt: skip


@pytest.fixture
def unit():
    return make.make_unit("江合研究院", departments=["软件所"])


@pytest.fixture
def pi(unit):
    return make.make_person("张样明", unit=unit, department=unit.made_departments[0])


def rows_of(answer):
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    return load_workbook(content).get_sheet_by_index(0).to_python()


def cells_of(answer, notes=1):
    found = rows_of(answer)
    return [dict(zip(found[notes], row, strict=True)) for row in found[notes + 1 :]]


def trail():
    event = AuditEvent.objects.get(action="export")
    return event.object_label, event.detail


def test_a_row_says_what_the_list_and_the_record_say(login, unit, pi):
    now = timezone.now()
    one = make.make_proposal(
        pi, state=State.UNIT, title="=镁合金压铸", category="重点项目", tech_field="101", funding=Decimal("120.50"),
        state_since=now - timedelta(days=3), updated_at=now - timedelta(days=3),
    )  # fmt: skip
    make.make_proposal(pi, state=State.ACCEPTED, title="", accepted_number="SL0001-00001")

    found = rows_of(login(unit.account).post(LIST))

    assert found[0][0].endswith("导出，共 2 行；查询条件：无")
    assert found[1] == HEADINGS
    since = timezone.localtime(one.state_since).replace(tzinfo=None)
    assert found[2][:11] == [
        one.number, "'=镁合金压铸", "张样明", "江合研究院", "软件所", one.call.name, "重点项目", "软件", 120.5,
        "单位审核", 3,
    ]  # fmt: skip
    assert abs(found[2][12] - since) < timedelta(seconds=1)
    assert (found[2][13], found[3][1], found[3][9:11]) == ("", "（未填写项目名称）", ["已受理", ""])
    assert found[3][13] == "SL0001-00001"
    assert trail() == ("本单位的项目", {"rows": 2, "conditions": []})


def test_it_holds_what_the_list_shows_in_its_order(login, unit, pi):
    now = timezone.now()
    for days, state in ((3, State.UNIT), (1, State.UNIT), (2, State.DRAFT), (0, State.BUREAU)):
        at = now - timedelta(days=days)
        make.make_proposal(pi, state=state, title=f"{state.label}{days}", state_since=at, updated_at=at)
    make.make_proposal(make.make_person(unit=make.make_unit()), state=State.UNIT, title="外单位的")
    client = login(unit.account)

    def exported(query=""):
        return [row["项目名称"] for row in cells_of(client.post(LIST + query))]

    assert exported() == ["单位审核3", "单位审核1", "科技局审核0", "未提交2"]
    assert exported("?sort=updated_at") == ["单位审核3", "未提交2", "单位审核1", "科技局审核0"]
    assert exported("?state=unit&q=审核1&page=9") == ["单位审核1"]
    assert AuditEvent.objects.filter(action="export").latest("pk").detail == {
        "rows": 1,
        "conditions": ["项目名称或编号含“审核1”", "状态为“单位审核”"],
    }


def test_each_role_exports_its_own_list_alone(login, unit, pi):
    other = make.make_department(unit)
    make.make_proposal(pi, state=State.DEPARTMENT, title="本所的")
    make.make_proposal(make.make_person(unit=unit, department=other), state=State.BUREAU, title="别所的")
    make.make_proposal(pi, title="草稿")

    def titles(user):
        return {row["项目名称"] for row in cells_of(login(user).post(LIST))}

    assert titles(make.make_manager(unit.made_departments[0])) == {"本所的", "草稿"}
    assert titles(make.make_agent(unit)) == {"本所的", "别所的", "草稿"}
    assert titles(make.make_officer()) == {"本所的", "别所的"}


def test_my_own(login, unit, pi):
    make.make_proposal(pi, title="我的")
    make.make_proposal(make.make_person(unit=unit), title="别人的")

    assert [row["项目名称"] for row in cells_of(login(pi.user).post(OWN))] == ["我的"]
    assert trail() == ("我的申报", {"rows": 1, "conditions": []})


@pytest.mark.parametrize("query", ["?state=nonsense", "?updated_after=2026-13-01", "?q=%00"])
@pytest.mark.parametrize("address", [LIST, FULL])
def test_conditions_that_cannot_be_lead_back_to_the_list(login, pi, query, address):
    make.make_proposal(pi, state=State.BUREAU)

    answer = login(make.make_officer()).post(address + query, {"reason": "核对受理材料", "sure": "on"})

    assert (answer.status_code, answer["Location"]) == (302, "/projects/")
    assert not AuditEvent.objects.filter(action="export").exists()


@pytest.mark.parametrize("rows", [1, 25])
def test_it_takes_the_same_number_of_queries_for_one_row_and_for_many(login, unit, pi, rows):
    for _ in range(rows):
        make.make_proposal(pi, state=State.BUREAU)
    client = login(make.make_officer())

    with CaptureQueriesContext(connection) as queries:
        assert len(rows_of(client.post(LIST))) == rows + 2

    assert len(queries) == 8


# With full numbers ---------------------------------------------------------------------------------------------------


def test_the_bureau_gets_phone_numbers_masked_and_in_full_only_for_a_reason(login, pi):
    make.make_proposal(pi, state=State.BUREAU)
    officer = login(make.make_officer())

    [masked] = cells_of(officer.post(LIST))
    asked = officer.get(f"{FULL}?state=bureau")
    [full] = cells_of(officer.post(f"{FULL}?state=bureau", {"reason": "通知补正材料", "sure": "on"}), notes=2)

    assert "导出 1 行（状态为“科技局审核”），其中负责人手机号码不遮盖？" in text_of(asked)
    assert (masked["负责人手机号码"], full["负责人手机号码"]) == ("169****0002", "16900000002")
    assert AuditEvent.objects.filter(action="export").latest("pk").detail == {
        "rows": 1,
        "conditions": ["状态为“科技局审核”"],
        "full": True,
        "reason": "通知补正材料",
    }


def test_the_reason_stands_in_the_file_and_is_no_formula(login, pi):
    make.make_proposal(pi, state=State.BUREAU)

    found = rows_of(login(make.make_officer()).post(FULL, {"reason": "=1+1 核对", "sure": "on"}))

    assert found[1][0] == "含完整号码，请妥善保管，用完即删除。导出原因：=1+1 核对"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "reason"),
        ({"reason": "通知补正材料"}, "sure"),
        ({"reason": "知", "sure": "on"}, "reason"),
        ({"reason": "\0\0", "sure": "on"}, "reason"),
        ({"reason": "长" * 100_000, "sure": "on"}, "reason"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_without_a_reason_or_the_second_yes_nothing_leaves(login, pi, form, error):
    make.make_proposal(pi, state=State.BUREAU)

    answer = login(make.make_officer()).post(FULL, form)

    assert answer.status_code == 200
    assert error in answer.context["form"].errors
    assert "尚未导出" in text_of(answer)
    assert not AuditEvent.objects.filter(action="export").exists()


def test_the_buttons_stand_where_there_is_something_to_export(login, unit, pi):
    officer, legal, own = login(make.make_officer()), login(unit.account), login(pi.user)
    assert "导出" not in text_of(officer.get("/projects/")) + text_of(own.get("/my/"))
    Proposal.objects.filter(pk=make.make_proposal(pi, state=State.BUREAU).pk).update(title="镁")

    for client, has in ((officer, True), (legal, False)):
        page = client.get("/projects/?q=镁").content.decode()
        assert 'action="/projects/export/?q=%E9%95%81"' in page
        assert ('href="/projects/export/full/?q=%E9%95%81"' in page) is has
    assert 'action="/my/export/"' in own.get("/my/").content.decode()
