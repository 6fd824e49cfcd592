"""Every tab as submitted, what changed from one submission to the next, and the page of the differences (B3)."""

import json
import time
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import State, Tab
from projects.models import Submission
from projects.sections.passages import Passage, passages
from projects.snapshot import FRAME, frame
from projects.versions import changes, present_and_last
from tests import factories as make
from tests.full_proposal import FULL, make_full_call
from tests.projects.pages import queries_of, text_of
from tests.reveals import asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    unit = make.make_unit("样例大学", departments=["软件学院"])
    unit.department = unit.made_departments[0]
    unit.manager = make.make_manager(unit.department)
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    unit.call = make_full_call()
    return unit


def submitted(house, *versions, state=State.UNIT, **fields):
    """An 申报书 with a frozen submission for each of these contents."""
    proposal = make.make_proposal(
        house.pi, house.call, state=state, submissions=0, **{"submission_count": len(versions), **fields}
    )
    for number, data in enumerate(versions, start=1):
        Submission.objects.create(
            proposal=proposal,
            number=number,
            data={**data, FRAME: frame(proposal)},
            unit=house.pi.unit,
            department=house.pi.department,
            submitted_at=timezone.now(),
        )
    return proposal


def changed_budget():
    data = json.loads(json.dumps(FULL, default=str))
    data[Tab.BUDGET]["fiscal_1201"] = "31.00"
    data[Tab.BUDGET]["basis"] = data[Tab.BUDGET]["basis"] + "另有一句新的说明。"
    return data


def page(client, proposal, **query):
    return client.get(proposal.get_absolute_url(), query)


# Every tab -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tab", "lines"),
    [
        (
            Tab.PARTNERS,
            ["申报单位", "统一社会信用代码", "银行账号", "合作单位", "四川样例大学（虚构）", "承担风场建模与外场试验"],
        ),
        (Tab.TEAM, ["证件号码", "项目组成员", "样例成员", "重庆样例大学（虚构）", "负责调度算法", "副高"]),
        (Tab.TARGETS, ["考核指标", "技术指标"]),
        (Tab.SCHEDULE, ["进度安排", "阶段 1"]),
        (Tab.BUDGET, ["经费来源", "来源合计", "支出合计", "直接费用", "财政间接费用", "上限", "测算说明"]),
    ],
)
def test_every_tab_reads_as_it_was_submitted_rows_in_tables(login, house, tab, lines):
    proposal = submitted(house, FULL)

    words = text_of(page(login(house.account), proposal, tab=tab))

    for line in lines:
        assert line in words


def test_the_numbers_of_pi_and_unit_are_masked_and_shown_on_purpose(login, house):
    proposal = submitted(house, FULL)
    client = login(house.manager)
    number = house.pi.id_number

    team = page(client, proposal, tab=Tab.TEAM)
    partners = page(client, proposal, tab=Tab.PARTNERS)

    assert number not in team.content.decode()
    assert f"{number[:6]}********{number[-4:]}" in text_of(team)
    assert "9999990000000006" not in partners.content.decode()
    assert "9999 **** **** 0006" in text_of(partners)
    client.post(reverse("reveal"), asks(f"proposal-bank:{proposal.pk}"))
    assert "9999990000000006" in text_of(page(client, proposal, tab=Tab.PARTNERS))


def test_pi_and_unit_are_those_of_the_submission_and_not_of_today(login, house):
    proposal = submitted(house, FULL)
    house.pi.position = "首席科学家"
    house.pi.save()

    words = text_of(page(login(house.account), proposal, tab=Tab.TEAM))

    assert "职务 研究员" in words
    assert "首席科学家" not in words


def test_a_draft_shows_pi_and_unit_as_they_are_now(login, house):
    proposal = make.make_proposal(house.pi, house.call)
    house.pi.position = "首席科学家"
    house.pi.save()

    assert "职务 首席科学家" in text_of(page(login(house.account), proposal, tab=Tab.TEAM))


def test_the_former_unit_is_not_shown_the_record_at_the_new_one(login, house):
    proposal = submitted(house, FULL, state=State.DRAFT, returned_from=State.UNIT, return_reason="请补充")
    new = make.make_unit("样例新单位", bank_account="8888880000000003")
    make.approve_person(house.pi, new)

    words = text_of(page(login(house.account), proposal, tab=Tab.PARTNERS))

    assert "样例新单位" not in words
    assert "8888 **** **** 0003" not in words


def test_a_call_of_one_tab_shows_pi_and_unit_there(login, house):
    proposal = make.make_proposal(house.pi, make.make_call(name="只有一页的批次"))

    words = text_of(page(login(house.account), proposal))

    assert "申报单位" in words
    assert "统一社会信用代码" in words


def test_the_budget_adds_up_in_its_table(login, house):
    proposal = submitted(house, FULL)
    version, _ = present_and_last(proposal)
    _, spending = version.parts(Tab.BUDGET)[:2]

    rows = {cells[0][1].value: [cell.value for _, cell in cells[1:]] for _, cells in spending.table}

    fiscal, own, both = (Decimal(value.replace(",", "")) for value in rows["支出合计"])
    direct = [Decimal(value.replace(",", "")) for value in rows["直接费用"]]
    indirect = [Decimal(value.replace(",", "")) for value in rows["间接费用"]]
    assert both == fiscal + own > 0
    assert [a + b for a, b in zip(direct, indirect, strict=True)] == [fiscal, own, both]
    assert [fact.label for fact in spending.more] == ["财政间接费用", "自筹间接费用"]


@pytest.mark.parametrize("tab", [*FULL, "history"])
def test_every_tab_costs_the_same_few_queries_with_one_row_and_with_many(login, house, tab):
    many = json.loads(json.dumps(FULL, default=str))
    member = many[Tab.TEAM]["members"][0]
    many[Tab.TEAM]["members"] = [{**member, "key": str(key)} for key in range(1, 31)]
    few, full = submitted(house, FULL), submitted(house, FULL, many)
    client = login(house.account)

    taken = [queries_of(client, f"{each.get_absolute_url()}?tab={tab}")[1] for each in (few, full)]

    assert taken == [7, 7]


# What changed --------------------------------------------------------------------------------------------------------


def test_the_first_submission_has_no_marks(login, house):
    answer = page(login(house.account), submitted(house, FULL))

    assert answer.context["before"] is None
    assert "相比" not in text_of(answer)
    assert "与上次提交的差异" not in text_of(answer)


def test_tabs_say_how_much_changed_since_the_last_submission(login, house):
    proposal = submitted(house, FULL, changed_budget())
    client = login(house.account)

    first = page(client, proposal)
    budget = page(client, proposal, tab=Tab.BUDGET)

    assert "与第 1 次提交相比有 2 处修改： 经费预算 2 处。" in text_of(first)
    assert "经费预算 2 处修改" in text_of(first)
    assert first.context["pairs"] == []
    assert "本页有 2 处修改" in text_of(budget)
    assert [pair.label for pair in budget.context["pairs"]] == ["材料费（财政）", "测算说明"]


def test_a_resubmission_without_changes_says_so(login, house):
    assert "与第 1 次提交相比没有修改。" in text_of(page(login(house.account), submitted(house, FULL, FULL)))


def test_what_changed_in_the_record_of_the_pi_counts_too(house):
    proposal = submitted(house, FULL)
    house.pi.position, house.pi.mobile = "首席科学家", "16900000999"
    house.pi.save()
    proposal = type(proposal).objects.get(pk=proposal.pk)
    first, _ = present_and_last(proposal)
    second = type(first)(proposal, 2, {**first.data, FRAME: frame(proposal)}, [])

    found = changes(first, second)

    assert [(row.label, row.before, row.after) for row in found[Tab.TEAM]] == [
        ("项目负责人 职务", "研究员", "首席科学家"),
        ("项目负责人 手机", "169****0002", "169****0999"),
    ]


def test_the_draft_after_a_return_is_compared_with_the_last_submission(login, house):
    proposal = submitted(house, FULL, state=State.DRAFT, returned_from=State.UNIT, return_reason="请补充")
    section = proposal.sections.get()
    section.data = {**FULL[Tab.BASICS], "title": "改过的项目名称要长"}
    section.save()

    answer = page(login(house.manager), proposal)

    labels = [pair.label for pair in answer.context["pairs"]]
    assert labels == ["项目名称"]
    words = text_of(client_differences(login(house.manager), proposal))
    assert "最近一次保存的内容与第 1 次提交" in words


def client_differences(client, proposal, **query):
    return client.get(reverse("proposal-differences", args=[proposal.pk]), query)


def test_the_page_of_differences_puts_changed_tabs_first_and_names_the_others(login, house):
    proposal = submitted(house, FULL, changed_budget())

    answer = client_differences(login(house.account), proposal)
    words = text_of(answer)

    assert [title for title, _ in answer.context["sections"]] == ["经费预算"]
    assert "有 2 处修改" in words
    assert "未变：项目基本信息、申报与合作单位、负责人与成员、研究内容、考核指标、进度安排" in words
    before = FULL[Tab.BUDGET]["fiscal_1201"]
    assert f"<del>{before}</del>" in answer.content.decode()
    assert "<ins>31.00</ins>" in answer.content.decode()
    assert answer.context["choices"] == []


def test_any_two_of_several_submissions_are_compared_the_earlier_at_the_left(login, house):
    proposal = submitted(house, FULL, changed_budget(), FULL)
    client = login(house.account)

    usual = client_differences(client, proposal)
    ends = client_differences(client, proposal, **{"from": "3", "to": "1"})

    assert (usual.context["before"].number, usual.context["after"].number) == (2, 3)
    assert usual.context["number"] == 2
    assert (ends.context["before"].number, ends.context["after"].number) == (1, 3)
    assert ends.context["number"] == 0
    assert "没有修改" in text_of(ends)


@pytest.mark.parametrize("value", ["4", "0", "-1", "1e309", "١", "x" * 1000, "1\x00", str(10**40)])
def test_a_submission_that_does_not_exist_is_not_found(login, house, value):
    proposal = submitted(house, FULL, FULL, FULL)

    assert client_differences(login(house.account), proposal, **{"from": value}).status_code == 404


def test_who_may_not_see_the_proposal_sees_no_differences(login, house):
    proposal = submitted(house, FULL, FULL)

    for user in (make.make_user(), make.make_unit().account):
        assert client_differences(login(user), proposal).status_code == 404
    for user in (house.account, house.manager, house.pi.user, make.make_officer()):
        assert client_differences(login(user), proposal).status_code == 200


# Long texts ----------------------------------------------------------------------------------------------------------


def test_of_a_long_text_the_changed_sentences_stand_out_and_the_rest_is_cut():
    same = "这一段文字没有变化，说明研究的背景和意义。" * 5
    old, new = passages(f"{same}旧的一句话。{same}", f"{same}新的一句话。{same}")

    assert [passage.changed for passage in old] == [False, True, False]
    assert (old[1], new[1]) == (Passage("旧的一句话。", True), Passage("新的一句话。", True))
    assert old[0].text == f"……{same[-20:]}"
    assert old[2].text == f"{same[:20]}……"


def test_of_a_text_that_only_grew_both_ends_of_the_old_one_are_kept():
    same = "这一段文字没有变化，说明研究的背景和意义。" * 5

    old, new = passages(same, f"{same}新的一句话。")

    assert old == [Passage(f"{same[:20]}……{same[-20:]}", False)]
    assert new == [Passage(f"……{same[-20:]}", False), Passage("新的一句话。", True)]


def test_short_texts_are_shown_whole():
    assert passages("旧", "新") == ([Passage("旧", True)], [Passage("新", True)])


def test_comparing_ends_soon_whatever_was_typed():
    began = time.process_time()
    for before, after in (("。" * 5000, "。" * 4999), ("甲。" * 2500, "甲！" * 2500), ("\n甲" * 2500, "甲\n" * 2500)):
        old, new = passages(before, after)
        assert old
        assert new

    assert time.process_time() - began < 1
