"""本单位的项目, 全部项目: rows, actions, pages and the number of queries."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.utils import timezone

from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from tests.projects.listing import URL, house, offered, text_of_cell, titles, user_of
from tests.projects.pages import queries_of, text_of
from zhgg.kit import counts

__all__ = ["house"]

pytestmark = pytest.mark.django_db


# 处理 where workflows gives the viewer a decision in this state, 查看 in every other one.
PROCESSES = {"legal": State.UNIT, "agent": State.UNIT, "manager": State.DEPARTMENT, "bureau": State.BUREAU}


@pytest.mark.parametrize("who", PROCESSES)
def test_the_action_is_to_process_in_ones_own_state_and_to_look_in_all_others(login, house, who):
    response = login(user_of(house, who)).get(URL)

    visible = [state for state in State if who != "bureau" or state != State.DRAFT]
    assert offered(response) == {state: "处理" if state == PROCESSES[who] else "查看" for state in visible}


@pytest.mark.parametrize(("who", "state"), [("agent", State.UNIT), ("manager", State.DEPARTMENT)])
def test_ones_own_proposal_is_only_looked_at(login, house, who, state):
    user = user_of(house, who)
    make.approve_person(user.person, house, house.department)
    own = make.make_proposal(user.person, house.call, state=state, title="本人的")

    table = login(user).get(URL).context["table"]

    row = next(row for row in table.paginated_rows if row.record.pk == own.pk)
    assert text_of_cell(row.get_cell("actions")) == "查看"


@pytest.mark.parametrize("who", PROCESSES)
def test_the_chips_count_each_state(login, house, who):
    for _ in range(3):
        make.make_proposal(house.pi, house.call, state=State.BUREAU)
    make.make_proposal(make.make_person(unit=make.make_unit()), house.call, state=State.DECLINED)

    chips = login(user_of(house, who)).get(URL).context["chips"]

    counts = {"未提交": 1, "部门审核": 1, "单位审核": 1, "科技局审核": 4, "已受理": 1, "不予受理": 1}
    if who == "bureau":
        counts = {**counts, "不予受理": 2}
        del counts["未提交"]
    counts = {"全部": sum(counts.values()), **counts}
    assert {chip.label: chip.count for chip in chips} == counts
    assert [chip.label for chip in chips if chip.todo] == [PROCESSES[who].label]
    assert [chip.label for chip in chips if chip.current] == ["全部"]


def test_the_state_in_the_address_filters_the_rows(login, house):
    response = login(house.account).get(URL, {"state": "bureau"})

    assert [row.record.title for row in response.context["table"].paginated_rows] == ["科技局审核"]
    assert [chip.label for chip in response.context["chips"] if chip.current] == ["科技局审核"]


@pytest.mark.parametrize("who", PROCESSES)
@pytest.mark.parametrize(
    ("conditions", "field", "sentence"),
    [
        ({"state": "nonsense"}, "state", "所选的项不存在或已停用，请重新选择"),
        ({"state": "draft\x00"}, "state", "所选的项不存在或已停用，请重新选择"),
        ({"state": "x" * 5000}, "state", "所选的项不存在或已停用，请重新选择"),
        ({"call": "0"}, "call", "所选的项不存在或已停用，请重新选择"),
        ({"call": "9" * 40}, "call", "所选的项不存在或已停用，请重新选择"),
        ({"q": "长" * 101}, "q", "最多 100 字，现在有 101 字，请删减"),
        ({"q": "a\0b"}, "q", "第 2 个字是无法显示的控制字符（U+0000），请删除后再保存"),
        ({"q": "a\ud800b"}, "q", "第 2 个字是乱码（U+FFFD），请重新输入这个字"),
        ({"updated_after": "昨天"}, "updated", "请按 2026-11-22 的格式填写日期"),
        ({"updated_before": "0001-01-01"}, "updated", "应不早于 1900-01-01，请核对"),
        ({"updated_after": "2026-03-02", "updated_before": "2026-03-01"}, "updated", "起始日期在截止日期之后，请改正"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_wrong_condition_gets_a_sentence_and_stays_as_typed(login, house, who, conditions, field, sentence):
    query = urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in conditions.items()})
    response = login(user_of(house, who)).get(f"{URL}?{query}")

    assert response.status_code == 200
    assert response.context["form"].errors == {field: [sentence]}
    assert "查询条件有误" in text_of(response)


def test_drafts_are_no_state_for_the_bureau(login, house):
    response = login(make.make_officer()).get(URL, {"state": "draft"})

    assert list(response.context["form"].errors) == ["state"]


# rows -----------------------------------------------------------------------------------------------------------------


def test_pages_follow_one_another_without_gap_or_repetition_across_what_waits_and_what_does_not(login, house):
    now = timezone.now()
    late = make.make_call("已过期", closes_at=now - timedelta(days=2), review_closes_at=now - timedelta(days=1))
    for number in range(40):
        at = now - timedelta(hours=number)
        state = (State.UNIT, State.DEPARTMENT, State.BUREAU, State.UNIT)[number % 4]
        call = late if number % 8 == 3 else house.call
        make.make_proposal(house.pi, call, state=state, title=f"{number}", updated_at=at, state_since=at)
    client = login(house.account)

    pages = [titles(client.get(URL, {"size": "10", "page": page})) for page in range(1, 6)]

    shown = [title for page in pages for title in page]
    waiting = Proposal.objects.awaiting(make.actor_of(house.account))
    expected = [*waiting.order_by("state_since"), *Proposal.objects.exclude(pk__in=waiting).order_by("-updated_at")]
    assert shown == [proposal.title for proposal in expected]
    assert len(waiting) == 16


@pytest.mark.parametrize("who", ["person", "nobody"])
def test_without_a_place_there_is_no_such_list(login, house, who):
    user = house.pi.user if who == "person" else make.make_officer()
    if who == "nobody":
        user.groups.clear()

    assert login(user).get(URL).status_code == 404


def test_other_units_and_departments_are_not_listed(login, house):
    other = make.make_department(house)
    make.make_proposal(make.make_person(unit=house, department=other), house.call, state=State.DEPARTMENT)
    make.make_proposal(make.make_person(unit=make.make_unit()), house.call, state=State.UNIT)

    assert login(house.manager).get(URL).context["total"] == 6
    assert login(house.account).get(URL).context["total"] == 7
    assert login(make.make_officer()).get(URL).context["total"] == 7


def test_what_waits_for_the_viewer_comes_first_longest_waiting_on_top(login, house):
    now = timezone.now()
    for days in (1, 3, 2):
        since = now - timedelta(days=days)
        make.make_proposal(
            house.pi, house.call, state=State.UNIT, title=f"等{days}天", state_since=since, updated_at=since
        )

    titles = [row.record.title for row in login(house.account).get(URL).context["table"].paginated_rows]

    assert titles[:4] == ["等3天", "等2天", "等1天", "单位审核"]
    assert titles[4:] == ["不予受理", "已受理", "科技局审核", "部门审核", "未提交"]


def test_a_row_says_who_where_how_long_and_since_when(login, house):
    since = timezone.now() - timedelta(days=2)
    type(house.made[State.UNIT]).objects.filter(state=State.UNIT).update(state_since=since, updated_at=since)

    words = text_of(login(house.account).get(URL, {"state": "unit"}))

    number = house.made[State.UNIT].number
    shown = f"{timezone.localtime(since):%Y-%m-%d %H:%M}"
    assert f"单位审核 {number} 样例负责人 软件学院 {house.call.name} 单位审核 已等待 2 天 {shown} 处理" in words


def test_a_returned_draft_and_a_missed_deadline_are_said_beside_the_state(login, house):
    now = timezone.now()
    late = make.make_call("已过期", closes_at=now - timedelta(days=2), review_closes_at=now - timedelta(days=1))
    make.make_proposal(house.pi, late, state=State.UNIT, state_since=now - timedelta(days=3))
    back = make.make_proposal(house.pi, house.call, submissions=1, returned_from=State.UNIT, return_reason="缺")

    client = login(house.account)

    assert "已等待 3 天，已截止" in text_of(client.get(URL, {"state": "unit"}))
    assert f"被退回 {timezone.localtime(back.state_since):%m-%d}" in text_of(client.get(URL, {"state": "draft"}))


def test_the_unit_is_a_column_for_the_bureau_alone(login, house):
    assert f"样例负责人 软件学院 {house.name} {house.call.name}" in text_of(login(make.make_officer()).get(URL))
    assert f"样例负责人 软件学院 {house.call.name}" in text_of(login(house.account).get(URL))


def test_titles_are_escaped_and_missing_ones_named(login, house):
    make.make_proposal(house.pi, house.call, title="<script>alert(1)</script>&amp;")
    make.make_proposal(house.pi, house.call, title="")

    body = login(house.account).get(URL, {"state": "draft"}).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in body
    assert "<script>alert(1)" not in body
    assert "（未填写项目名称）" in body


@pytest.fixture
def many(house):
    """45 rows in 部门审核."""
    for number in range(44):
        make.make_proposal(house.pi, house.call, state=State.DEPARTMENT, title=f"第 {number} 份")
    return house


@pytest.mark.parametrize(
    ("query", "page", "rows"),
    [
        ({}, 1, 20),
        ({"page": "3"}, 3, 5),
        ({"page": "99999999999999999999"}, 3, 5),
        ({"page": "0"}, 3, 5),
        ({"page": "-1"}, 3, 5),
        ({"page": "nonsense"}, 1, 20),
        ({"page": "\x00"}, 1, 20),
        ({"page": "9" * 5000}, 1, 20),
        ({"size": "50"}, 1, 45),
        ({"size": "1000000"}, 1, 20),
        ({"per_page": "1000000"}, 1, 20),
        ({"sort": "-title"}, 1, 20),
        ({"sort": "state"}, 1, 20),
    ],
)
def test_twenty_rows_a_page_and_the_last_page_for_one_beyond(login, many, query, page, rows):
    response = login(many.account).get(URL, {"state": "department", **query})

    table = response.context["table"]
    assert response.status_code == 200
    assert (table.page.number, len(table.page.object_list)) == (page, rows)


LOOKED_AT = ("?state=bureau", "?", "?q=申&pi=样&updated_after=2020-01-01", "?sort=-updated_at", "?sort=updated_at")


@pytest.mark.parametrize(
    ("who", "numbers"),
    [
        ("legal", [8, 8, 10, 7, 7]),
        ("agent", [8, 8, 10, 7, 7]),
        ("manager", [7, 7, 9, 6, 6]),
        ("bureau", [8, 8, 11, 7, 7]),
    ],
)
def test_the_list_takes_the_same_queries_for_few_rows_and_for_25_more(login, house, who, numbers):
    Proposal.objects.update(title="申")
    client = login(user_of(house, who))
    few = [queries_of(client, f"{URL}{query}&size=100")[1] for query in LOOKED_AT]
    for _ in range(25):
        person = make.make_person(unit=house, department=house.department)
        make.make_proposal(person, house.call, state=State.BUREAU, title="申")
        make.make_proposal(person, house.call, state=PROCESSES[who], title="申")

    many = [queries_of(client, f"{URL}{query}&size=100")[1] for query in LOOKED_AT]

    assert (few, many) == (numbers, numbers)


def test_empty_lists_say_why_and_what_next(login):
    unit = make.make_unit()
    client = login(unit.account)

    assert "还没有项目" in text_of(client.get(URL))
    assert "没有等您办理的项目" in text_of(client.get(URL, {"state": "unit"}))
    assert "查不到符合条件的项目 状态为“部门审核”。" in text_of(client.get(URL, {"state": "department"}))


# large ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", PROCESSES)
def test_what_missed_its_deadline_waits_for_nobody_but_the_bureau(login, house, who):
    """Nothing can be decided about it, so neither list, count nor menu may say that it waits for a reviewer."""
    house.call.closes_at = timezone.now() - timedelta(days=2)
    house.call.review_closes_at = timezone.now() - timedelta(days=1)
    house.call.save()
    user = user_of(house, who)

    response = login(user).get(URL)

    waiting = {house.made[State.BUREAU]} if who == "bureau" else set()
    assert set(Proposal.objects.awaiting(make.actor_of(user))) == waiting
    assert "处理" in offered(response).values() if waiting else set(offered(response).values()) == {"查看"}


@pytest.mark.parametrize("who", ["legal", "agent", "manager"])
def test_numbers_of_a_place_are_those_of_its_rows(login, house, who):
    """Own ones, and those of a call that is over and of one that is not, in the state that waits for the viewer."""
    user = user_of(house, who)
    mine, over = PROCESSES[who], make.make_call(closes_at=timezone.now(), review_closes_at=timezone.now())
    if who != "legal":
        make.approve_person(user.person, house, house.department)
        make.make_proposal(user.person, house.call, state=mine)
    later = timezone.now() + timedelta(days=1)
    for extended in ({}, {"correction_due": later}, {"review_until": later}):
        make.make_proposal(house.pi, over, state=mine, **extended)
    actor = make.actor_of(user)

    numbers = {
        state: (number, waits) for state, number, waits in Proposal.objects.of_place(actor).numbers_in_place(actor)
    }

    place = Proposal.objects.of_place(actor)
    assert numbers == {state: (place.filter(state=state).count(), 3 if state == mine else 0) for state in State}
    assert numbers[mine][0] == 4 + (who != "legal")


class TestLargeNumbers:
    """Whoever has thousands of rows is not told of each one at once; whoever decides about few of them is."""

    @pytest.fixture(autouse=True)
    def _large(self, monkeypatch):
        cache.clear()
        monkeypatch.setattr(counts, "LARGE", 4)
        yield
        cache.clear()

    @staticmethod
    def chips(page):
        return {chip.label: chip.count for chip in page.context["chips"]}

    # Searching, the menu has a number of its own.
    @pytest.mark.parametrize(("query", "spared"), [("", 1), ("?q=科技局", 2)])
    def test_the_bureaus_are_counted_once_in_some_seconds(self, login, house, query, spared):
        client = login(make.make_officer())
        for _ in range(5):
            make.make_proposal(house.pi, house.call, state=State.BUREAU, title=State.BUREAU.label)
        first, taken = queries_of(client, URL + query)
        make.make_proposal(house.pi, house.call, state=State.BUREAU, title=State.BUREAU.label)

        again, taken_again = queries_of(client, URL + query)

        assert self.chips(again) == self.chips(first)
        assert self.chips(again)[State.BUREAU.label] == 6
        assert taken_again == taken - spared

    def test_other_conditions_are_other_numbers(self, login, house):
        client = login(make.make_officer())
        for _ in range(5):
            make.make_proposal(house.pi, house.call, state=State.BUREAU, title=State.BUREAU.label)

        assert self.chips(client.get(URL))["全部"] == 10
        assert self.chips(client.get(URL + "?q=科技局"))["全部"] == 6
        assert self.chips(client.get(URL + "?q=不存在的"))["全部"] == 0

    def test_a_units_are_counted_for_every_page(self, login, house):
        client = login(house.account)
        assert self.chips(client.get(URL))["全部"] == 6
        make.make_proposal(house.pi, house.call, state=State.UNIT)

        assert self.chips(client.get(URL))["全部"] == 7
