"""申报看板: exact numbers, each of them that of the list it links to."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import AuditEvent
from orgs.models import Unit
from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from zhgg.kit.charts import Bar, Cell, nice
from zhgg.kit.templatetags.ui.charts import bars

pytestmark = pytest.mark.django_db
URL = "/figures/"


@pytest.fixture
def house():
    """Two units, two open calls and one that is over, and 申报书 of every state, age and field."""
    now = timezone.now()
    unit = make.make_unit("江合研究院", departments=["软件所", "数学所"])
    unit.software, unit.maths = unit.made_departments
    other = make.make_unit("渝北研究院")
    Unit.objects.filter(pk=other.pk).update(district="500107", contact_name="吴样昊", contact_phone="023-65120001")
    unit.first = make.make_call("面上项目", closes_at=now + timedelta(hours=5), opens_at=now - timedelta(days=20))
    unit.second = make.make_call("重点项目")
    unit.over = make.make_call(
        "去年的", opens_at=now - timedelta(days=50), closes_at=now - timedelta(days=30),
        review_closes_at=now - timedelta(days=20),
    )  # fmt: skip
    software = make.make_person(unit=unit, department=unit.software)
    maths = make.make_person(unit=unit, department=unit.maths)
    elsewhere = make.make_person(unit=other)

    def add(pi, call, state, days=0, field="101"):
        at = now - timedelta(days=days)
        return make.make_proposal(
            pi, call, state=state, tech_field=field, state_since=at, updated_at=at, title=f"{state.label}{days}",
            **({"submitted_at": at} if state != State.DRAFT else {}),
        )  # fmt: skip

    add(software, unit.first, State.DRAFT)
    add(software, unit.first, State.DEPARTMENT, days=2)
    add(software, unit.first, State.DEPARTMENT, days=11)
    add(maths, unit.first, State.UNIT, days=3, field="201")
    add(maths, unit.second, State.UNIT, days=5, field="")
    add(elsewhere, unit.first, State.UNIT, days=12)
    add(elsewhere, unit.second, State.BUREAU, days=6)
    add(elsewhere, unit.second, State.BUREAU, days=10)
    add(software, unit.over, State.ACCEPTED, days=40)
    add(software, unit.first, State.DECLINED)
    unit.other, unit.officer = other, make.make_officer()
    return unit


def figures_of(client, query=""):
    response = client.get(URL + query)
    return response, {figure.title: figure for figure in response.context["figures"]}


def values(figure):
    """`{head of the row: numbers}`"""
    return {row[0]: [cell.value if isinstance(cell, Cell) else cell for cell in row[1:]] for row in figure.table.rows}


def test_the_bureau_sees_what_is_under_way_first(login, house):
    response, found = figures_of(login(house.officer))

    assert response.context["board"].scope.label == "正在进行的批次"
    assert values(found["各环节到达数"]) == {
        "已创建": [9], "已提交": [8], "已到单位审核": [6], "已到科技局": [3], "已受理": [0],
        "未提交": [1], "部门审核": [2], "单位审核": [3], "科技局审核": [2], "不予受理": [1],
    }  # fmt: skip
    assert values(found["在谁那里、等了多久"]) == {
        "部门审核": [1, 0, 0, 1, 2],
        "单位审核": [0, 2, 0, 1, 3],
        "科技局审核": [0, 0, 2, 0, 2],
    }
    assert values(found["区县提交数"]) == {"渝中区": [5], "九龙坡区": [3]}
    assert values(found["单位提交数"]) == {"江合研究院": [5], "渝北研究院": [3]}
    assert values(found["技术领域"]) == {"电子信息": [6], "生物与新医药": [1], "未填写": [1]}
    assert sum(number for number, _ in values(found["累计提交"]).values()) == 8
    assert values(found["部门、单位审核超时"]) == {
        "渝北研究院": ["九龙坡区", 0, 1, "12 天", "吴样昊", "023*****0001"],
        "江合研究院": ["渝中区", 1, 0, "11 天", "样例联系人", "023*****0001"],
    }


def test_one_call_and_all_of_them(login, house):
    client = login(house.officer)
    _, one = figures_of(client, f"?call={house.first.pk}")
    _, everything = figures_of(client, "?call=all")

    assert values(one["各环节到达数"])["已提交"] == [5]
    assert values(everything["各环节到达数"])["已受理"] == [1]
    assert values(everything["累计提交"])[f"{timezone.localdate() - timedelta(days=40)}"] == [1, 1]
    hours = values(one["申报截止前 48 小时"])
    assert len(hours) in (48, 49)
    assert sum(number for [number] in hours.values()) == 1
    assert "申报截止前 48 小时" not in everything


def test_hours_in_which_nothing_came_are_a_sentence(login, house):
    Proposal.objects.filter(call=house.first).update(submitted_at=timezone.now() - timedelta(days=4))

    page = login(house.officer).get(URL, {"call": house.first.pk})

    assert "这 48 小时没有提交的申报书。" in text_of(page)


@pytest.mark.parametrize("who", ["bureau", "legal", "agent", "manager"])
@pytest.mark.parametrize("scope", ["open", "all", "first"])
def test_each_number_is_that_of_the_list_it_links_to(login, house, who, scope):
    user = {
        "bureau": lambda: house.officer,
        "legal": lambda: house.account,
        "agent": lambda: make.make_agent(house),
        "manager": lambda: make.make_manager(house.software),
    }[who]()
    client = login(user)
    response, found = figures_of(client, f"?call={house.first.pk if scope == 'first' else scope}")
    linked = [cell for figure in found.values() for row in figure.table.rows for cell in row[1:]]
    linked = [(cell.url, cell.value) for cell in linked if isinstance(cell, Cell) and cell.url]
    bars = [(bar.url, bar.value) for figure in found.values() if figure.kind == "bars" for bar in figure.chart]
    chips = [(chip.url, chip.count) for chip in response.context["chips"]]

    listed = {url: client.get(url).context["total"] for url, _ in [*linked, *bars, *chips] if url}

    assert {url: value for url, value in [*linked, *bars, *chips] if url} == listed
    assert len(listed) > 10


def test_what_is_nobodys_list_is_no_link(login, house):
    _, found = figures_of(login(house.officer))

    links = {row[0]: bool(row[1].url) for row in found["各环节到达数"].table.rows}
    assert [label for label, link in links.items() if not link] == ["已创建", "未提交"]


def test_a_unit_sees_its_own_by_department_and_a_manager_theirs(login, house):
    _, legal = figures_of(login(house.account), "?call=open")
    _, manager = figures_of(login(make.make_manager(house.software)), "?call=open")

    assert list(legal) == ["各环节到达数", "在谁那里、等了多久", "累计提交", "二级单位"]
    assert values(legal["二级单位"]) == {"软件所": [4], "数学所": [2]}
    assert values(legal["各环节到达数"])["已创建"] == [6]
    assert list(manager) == ["各环节到达数", "在谁那里、等了多久", "累计提交"]
    assert values(manager["各环节到达数"])["已创建"] == [4]
    assert "渝北" not in text_of(login(house.account).get(URL))


def test_units_beyond_the_first_twenty_stand_together(login, house):
    for number in range(22):
        make.make_proposal(make.make_person(unit=make.make_unit(f"第 {number} 院")), house.second, state=State.UNIT)

    response, found = figures_of(login(house.officer))

    rows = found["单位提交数"].table.rows
    assert (len(rows), rows[-1]) == (21, ["其余 4 家", Cell(4)])
    assert "前 10 位，共 24 家" in text_of(response)


def test_days_and_hours_are_those_of_chongqing(login, house):
    proposal = Proposal.objects.get(title="单位审核5")
    Proposal.objects.filter(pk=proposal.pk).update(submitted_at=datetime(2026, 3, 4, 16, 30, tzinfo=UTC))
    client = login(house.officer)

    _, found = figures_of(client, "?call=all")

    assert values(found["累计提交"])["2026-03-05"][0] == 1
    for moment, number in (("2026-03-05", 1), ("2026-03-05 00", 1), ("2026-03-04", 0), ("2026-03-05 01", 0)):
        assert client.get("/projects/", {"submitted": moment}).context["total"] == number


@pytest.mark.parametrize("who", ["bureau", "legal"])
def test_it_takes_the_same_queries_for_few_and_for_many(login, house, who):
    client = login(house.officer if who == "bureau" else house.account)
    before = queries_of(client, URL)[1]
    for number in range(25):
        unit = make.make_unit(departments=["所"]) if who == "bureau" else house
        pi = make.make_person(unit=unit, department=make.make_department(unit))
        at = timezone.now() - timedelta(days=number)
        make.make_proposal(pi, house.second, state=State.UNIT, state_since=at, updated_at=at, submitted_at=at)

    assert queries_of(client, URL)[1] == before == {"bureau": 11, "legal": 6}[who]


def test_nothing_at_all_is_said_in_a_sentence(login):
    officer, unit = login(make.make_officer()), login(make.make_unit().account)

    for client in (officer, unit):
        page = client.get(URL)
        assert "还没有申报书" in text_of(page)
        assert "导出" not in text_of(page)
    make.make_call()
    assert "还没有申报书" in text_of(officer.get(URL))
    answer = officer.post("/figures/export/")
    assert (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).sheet_names[0] == "各环节到达数"
    )


@pytest.mark.parametrize("call", ["0", "9" * 40, "x", "\0", "第一"])
def test_an_unknown_call_is_not_found(login, house, call):
    assert login(house.officer).get(URL, {"call": call}).status_code == 404
    assert login(house.officer).post(f"/figures/export/?call={call.encode().hex()}").status_code == 404


def test_a_unit_is_not_told_of_calls_it_has_nothing_in(login, house):
    client = login(house.other.account)

    assert client.get(URL, {"call": house.over.pk}).status_code == 404
    assert {choice.label for choice in client.get(URL).context["choices"]} == {
        "正在进行的批次", "全部批次", "面上项目", "重点项目",
    }  # fmt: skip


def test_the_workbook_has_a_sheet_a_figure_and_leaves_a_line(login, house):
    client = login(house.officer)
    _, found = figures_of(client, "?call=open")

    answer = client.post("/figures/export/?call=open")

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheet_names == list(found)
    for title, figure in found.items():
        rows = book.get_sheet_by_name(title).to_python()
        assert rows[1] == figure.table.heads
        assert {row[0]: row[1:] for row in rows[2:]} == values(figure)
    event = AuditEvent.objects.get(action="export")
    assert (event.object_label, event.detail["conditions"]) == ("申报看板", ["申报批次为“正在进行的批次”"])


def test_charts_say_in_words_and_tables_what_they_show(login, house):
    body = login(house.officer).get(URL).content.decode()

    for svg in re.findall(r"<svg[^>]*preserveAspectRatio[^>]*>", body):
        assert 'aria-hidden="true"' in svg
    assert 'role="img" aria-label="累计提交数，数据见下表"' in body
    assert body.count("查看数据表") == 6
    assert "style=" not in body
    assert re.findall(r'class="(l-[1-5])" d="M0 5H30"', body) == ["l-1", "l-2"]


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (5, 8), (13, 16), (33, 40), (20_503, 24_000), (1_000_000, 1_200_000)]
)
def test_a_scale_ends_at_a_round_number_above_the_highest_value(value, top):
    assert nice(value) == top


def test_what_there_is_little_of_can_be_seen_beside_what_there_is_much_of():
    drawn = bars([Bar("甲", 60_000), Bar("乙", 1), Bar("丙", 0)])

    assert re.findall(r'class="f-1" width="([\d.]+)"', drawn) == ["100.0", "0.6", "0"]


def test_only_what_waits_too_long_is_red(login, house):
    client = login(house.officer)
    assert client.get(URL).content.decode().count('<rect class="f-late" x=') == 2
    Proposal.objects.update(state_since=timezone.now())
    body = client.get(URL).content.decode()
    assert body.count('<rect class="f-late" x=') == 0
    assert "没有超时的" in body
