"""Finding 申报书 by conditions, and sorting them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from tests.projects.listing import URL, house, titles
from tests.projects.pages import text_of

__all__ = ["house"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(house):
    """Four 申报书 that differ in everything that can be searched by."""
    other = make.make_department(house, "数学学院")
    call = make.make_call("自然科学基金面上项目")
    day = datetime(2026, 3, 5, 4, tzinfo=UTC)
    one = make.make_person("张广源", unit=house, department=house.department)
    two = make.make_person("阿依古丽·买买提", unit=house, department=other)
    for pi, of_call, title, at in (
        (one, house.call, "镁合金压铸", day),
        (one, call, "低空物流 100% 国产", day - timedelta(hours=12, seconds=1)),
        (two, house.call, "类器官芯片", day + timedelta(hours=12)),
        (two, call, "Graph Neural 网络", day),
    ):
        make.make_proposal(pi, of_call, state=State.UNIT, title=title, updated_at=at, state_since=at)
    house.other, house.second_call = other, call
    return house


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"q": "合金"}, {"镁合金压铸"}),
        ({"q": "%"}, {"低空物流 100% 国产"}),
        ({"q": "graph"}, {"Graph Neural 网络"}),
        ({"q": "_"}, set()),
        ({"pi": "广源"}, {"镁合金压铸", "低空物流 100% 国产"}),
        ({"pi": "古丽•买"}, {"类器官芯片", "Graph Neural 网络"}),
        ({"call": "second"}, {"低空物流 100% 国产", "Graph Neural 网络"}),
        ({"department": "other"}, {"类器官芯片", "Graph Neural 网络"}),
        ({"department": "other", "call": "second"}, {"Graph Neural 网络"}),
        ({"updated_after": "2026-03-05", "updated_before": "2026-03-05"}, {"镁合金压铸", "Graph Neural 网络"}),
        ({"updated_before": "2026-03-05"}, {"镁合金压铸", "Graph Neural 网络", "低空物流 100% 国产"}),
        ({"pi": "广源", "state": "bureau"}, set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_each_condition_finds_what_it_should(login, shelf, conditions, expected):
    pks = {"other": shelf.other.pk, "second": shelf.second_call.pk}
    asked = {name: pks.get(value, value) for name, value in conditions.items()}

    found = titles(login(shelf.account).get(URL, asked))

    assert set(found) == expected
    assert len(found) == len(expected)


def test_a_number_is_found_by_any_part_of_it(login, shelf):
    wanted = Proposal.objects.get(title="镁合金压铸")

    assert titles(login(shelf.account).get(URL, {"q": wanted.number.lower()})) == ["镁合金压铸"]


def test_the_bureau_searches_by_unit_and_the_others_do_not(login, shelf):
    elsewhere = make.make_unit("重庆别处大学（虚构）")
    make.make_proposal(make.make_person(unit=elsewhere), shelf.call, state=State.UNIT, title="别处的")
    officer = login(make.make_officer())

    assert titles(officer.get(URL, {"unit": "别处"})) == ["别处的"]

    def shown(client):
        return [field.name for field in client.get(URL).context["form"].visible_fields()]

    conditions = ["q", "unit", "district", "department_name", "call", "state", "updated"]
    assert shown(officer) == conditions
    assert shown(login(shelf.account)) == ["q", "pi", "call", "department", "state", "updated"]
    assert "department" not in shown(login(shelf.manager))


def test_choices_are_those_that_occur_in_ones_own_list(login, shelf):
    make.make_call("没有人申报的批次")
    make.make_department(shelf, "没有申报的学院")
    foreign = make.make_unit(departments=["外单位所"])
    make.make_proposal(
        make.make_person(unit=foreign, department=foreign.made_departments[0]), make.make_call("外单位的批次")
    )

    form = login(shelf.account).get(URL).context["form"]

    calls = {"全部", "正在进行的批次", shelf.call.name, "自然科学基金面上项目"}
    assert {label for _, label in form.fields["call"].choices} == calls
    assert {label for _, label in form.fields["department"].choices} == {"全部", "软件学院", "数学学院"}
    by_foreign = {"department": foreign.made_departments[0].pk}
    assert login(shelf.account).get(URL, by_foreign).context["form"].errors


def test_counts_of_the_states_follow_the_other_conditions_and_their_links_keep_them(login, shelf):
    response = login(shelf.account).get(URL, {"pi": "广源", "sort": "-updated_at", "size": "10", "page": "1"})

    chips = {chip.label: (chip.count, chip.url) for chip in response.context["chips"]}
    query = urlencode({"pi": "广源", "sort": "-updated_at", "size": "10", "state": "unit"})
    assert chips["单位审核"] == (2, f"{URL}?{query}")
    assert chips["部门审核"][0] == 0
    assert "共 2 项符合：负责人含“广源”。" in text_of(response).replace("项 符合", "项符合").replace("” 。", "”。")


def test_what_is_not_found_repeats_the_conditions_and_offers_to_reset(login, shelf):
    conditions = {"q": "没有", "call": shelf.call.pk, "updated_after": "2026-01-02", "state": "unit"}

    page = text_of(login(shelf.account).get(URL, conditions))

    assert "查不到符合条件的项目" in page
    words = f"项目名称或编号含“没有”，申报批次为“{shelf.call.name}”，状态为“单位审核”，更新时间2026-01-02至不限。"
    assert words in page


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("updated_at", ["早", "中", "晚"]),
        ("-updated_at", ["晚", "中", "早"]),
    ],
)
def test_the_list_is_sorted_as_asked(login, sort, expected):
    unit = make.make_unit()
    pi, call, now = make.make_person(unit=unit), make.make_call(), timezone.now()
    for days, state, title in ((3, State.UNIT, "早"), (2, State.DRAFT, "中"), (1, State.BUREAU, "晚")):
        at = now - timedelta(days=days)
        make.make_proposal(pi, call, state=state, title=title, updated_at=at, state_since=at)

    response = login(unit.account).get(URL, {"sort": sort})

    assert titles(response) == expected
    order = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{order}"' in response.content.decode()
