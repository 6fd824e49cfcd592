"""A tab as a form: rows that come and go, what is stored, what is read again, what differs."""

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from orgs import codes
from projects.enums import BudgetMode, Tab
from projects.models import Call
from projects.sections.base import bound, change_rows, stored
from projects.sections.basics import BasicsForm
from projects.sections.budget import BudgetForm
from projects.sections.reading import Change, differences, readable
from projects.sections.registry import FORMS, forms_of
from projects.sections.schedule import ScheduleForm
from projects.sections.team import TeamForm
from tests.full_proposal import FULL
from zhgg.kit.ui import Masked

CALL = Call(directions=["1.1 人工智能", "1.2 先进制造"], categories=["一般项目", "重点项目"])
STAGE = FULL[Tab.SCHEDULE]["stages"][0]


def posted(**fields):
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data


def schedule(data, *, draft=True, **options):
    return ScheduleForm(data, call=CALL, draft=draft, **options)


@pytest.mark.parametrize("tab", FORMS)
def test_what_is_stored_is_in_order_and_reads_back_as_it_was(tab):
    form = bound(FORMS[tab], FULL[tab], call=CALL)

    assert form.is_valid(), form.error_list
    again = bound(FORMS[tab], stored(form), call=CALL)
    assert again.is_valid()
    assert stored(again) == stored(form)


@pytest.mark.parametrize("tab", FORMS)
def test_an_empty_tab_can_be_saved_as_a_draft(tab):
    form = FORMS[tab](MultiValueDict(), call=CALL, draft=True)

    assert form.is_valid(), form.error_list


def test_rows_are_stored_in_the_order_of_the_page_and_keep_their_numbers():
    form = schedule(posted(stages=["3", "1"], stages__1__goal="先做的", stages__3__goal="后做的"))

    assert form.is_valid()
    assert [(row["key"], row["goal"]) for row in stored(form)["stages"]] == [("3", "后做的"), ("1", "先做的")]


def test_a_row_nobody_typed_into_is_not_stored():
    form = schedule(posted(stages=["1", "2"], stages__1__goal="  ", stages__2__goal="阶段目标"))

    assert form.is_valid()
    assert [row["key"] for row in stored(form)["stages"]] == ["2"]


def test_a_member_with_nothing_but_the_usual_type_of_document_is_not_stored():
    form = TeamForm(posted(members=["1"], members__1__id_type="01"), call=CALL, draft=True)

    assert form.is_valid()
    assert stored(form)["members"] == []


def test_numbers_of_rows_that_are_none_are_left_out():
    form = schedule(posted(stages=["x", "-1", "0", "999999", "2", "2"], stages__2__goal="阶段目标"))

    assert form.is_valid()
    assert [row["key"] for row in stored(form)["stages"]] == ["2"]


def test_too_many_rows_are_refused_with_a_sentence():
    form = schedule(posted(stages=[str(number) for number in range(1, 1001)]))

    assert not form.is_valid()
    assert form.error_list == [("table-stages", "进度安排", "最多 24 行，现在有 1000 行，请删减")]


def test_a_mistake_in_a_row_names_the_row_and_links_to_its_field():
    form = schedule(posted(stages=["7"], stages__7__starts_on="1月"))

    assert not form.is_valid()
    assert form.error_list == [("id_stages-7-starts_on", "阶段 1 开始年月", "请按 2027-01 的格式填写年月")]


def test_the_check_asks_for_a_first_row():
    form = bound(ScheduleForm, {}, call=CALL)

    assert not form.is_valid()
    assert form.error_list == [("table-stages", "进度安排", "至少填写 1 行，请点【添加阶段】")]


def test_a_row_is_added_above_every_number_the_page_knew():
    data = posted(stages=["2"], stages__2__goal="阶段目标", **{"stages-highest": "5"})

    changed = change_rows(schedule(data), data, "add:stages")

    assert changed.getlist("stages") == ["2", "6"]
    assert changed["stages-2-goal"] == "阶段目标"


def test_a_row_is_removed_and_nothing_else_is_lost():
    data = posted(stages=["2", "6"], stages__2__goal="阶段目标", stages__6__goal="另一个")

    changed = change_rows(schedule(data), data, "remove:stages:2")

    assert changed.getlist("stages") == ["6"]
    assert changed["stages-6-goal"] == "另一个"


@pytest.mark.parametrize(
    "command", ["", "add", "add:", "add:members", "remove:stages", "remove:stages:9", "x:stages:2"]
)
def test_a_command_that_names_no_row_changes_nothing(command):
    data = posted(stages=["2"], stages__2__goal="阶段目标")

    assert change_rows(schedule(data), data, command) == data


def test_no_row_is_added_beyond_the_most():
    data = posted(stages=[str(number) for number in range(1, 25)])

    assert len(change_rows(schedule(data), data, "add:stages").getlist("stages")) == 24


def test_a_members_number_shows_masked_and_the_mask_sent_back_keeps_it():
    member = FULL[Tab.TEAM]["members"][0]
    saved = {"members": [member]}
    page = str(TeamForm(initial=saved, call=CALL, draft=True).row_sets["members"].forms[0]["id_number"])
    mask = f"{member['id_number'][:6]}{'*' * 8}{member['id_number'][-4:]}"
    assert mask in page
    assert member["id_number"] not in page

    form = TeamForm(
        posted(members=["1"], members__1__id_type="01", members__1__id_number=mask),
        initial=saved,
        call=CALL,
        draft=True,
    )

    assert form.is_valid(), form.error_list
    assert stored(form)["members"][0]["id_number"] == member["id_number"]


def test_a_lump_sum_call_asks_for_sources_alone():
    form = BudgetForm(call=Call(budget_mode=BudgetMode.LUMP_SUM))

    assert list(form.fields) == ["source_11", "source_12", "source_21", "source_22", "source_29"]
    assert form.row_sets == {}


def test_the_first_tab_is_asked_for_whatever_the_call_says():
    assert list(forms_of(Call(tabs=["team"]))) == [Tab.BASICS, Tab.TEAM]


# Reading -------------------------------------------------------------------------------------------------------------


class Owner:
    pk = 17


def test_a_stored_table_reads_row_by_row_with_codes_spelt_out_and_numbers_masked():
    member = FULL[Tab.TEAM]["members"][0]

    parts = readable(TeamForm, FULL[Tab.TEAM], call=CALL, owner=Owner)

    assert [(part.title, part.noun) for part in parts] == [("项目负责人", ""), ("项目组成员", "成员")]
    facts = {fact.label: fact.value for fact in parts[1].rows[0]}
    assert (facts["姓名"], facts["学历"], facts["职称"], facts["是否研究生"]) == (
        "样例成员",
        "博士研究生",
        "副高",
        "否",
    )
    assert facts["证件号码"] == Masked("proposal-ids", 17, member["id_number"], style="id")


def test_amounts_read_with_their_unit():
    parts = readable(BudgetForm, FULL[Tab.BUDGET], call=CALL, owner=Owner)

    assert {fact.label: fact.value for fact in parts[0].facts}["市级财政专项资金"] == "100.00 万元"


def test_words_follow_a_code_table_that_is_changed_and_what_is_no_longer_offered_stays_readable():
    def member():
        parts = readable(TeamForm, FULL[Tab.TEAM], call=CALL, owner=Owner)
        return {fact.label: fact.value for fact in parts[1].rows[0]}

    def first_source():
        return readable(BudgetForm, FULL[Tab.BUDGET], call=CALL, owner=Owner)[0].facts[0].label

    before = member()["学历"], first_source()
    education, sources = (codes.of_file(name).rows for name in ("education", "fund_source"))
    try:
        codes.use(
            [
                codes.of_rows("education", [{**row, "status": "ended"} for row in education.values()]),
                codes.of_rows("fund_source", [{**row, "name": f"新{row['name']}"} for row in sources.values()]),
            ]
        )
        after = member()["学历"], first_source()
    finally:
        codes.use([])

    assert before == ("博士研究生", "市级财政专项资金")
    assert after == ("博士研究生", "新市级财政专项资金")
    assert first_source() == "市级财政专项资金"


def test_forms_of_one_kind_share_no_field_and_no_control():
    def fields(call):
        form = BasicsForm(call=call, draft=True)
        return form.fields

    one, other = fields(CALL), fields(Call(directions=["9.9 其他"], categories=["重点项目"]))
    one["title"].widget.attrs["autofocus"] = True
    one["title"].label = "别的"

    assert "autofocus" not in other["title"].widget.attrs
    assert other["title"].label == "项目名称"
    assert [value for value, _ in one["direction"].widget.choices] == ["", *CALL.directions]
    assert [value for value, _ in other["direction"].widget.choices] == ["", "9.9 其他"]
    budgets = [BudgetForm(call=CALL, draft=True).fields["source_11"] for _ in range(2)]
    assert budgets[0] is not budgets[1]
    assert budgets[0].widget is not budgets[1].widget
    assert BudgetForm(call=CALL).fields["basis"].required is True


def test_the_words_of_one_call_are_not_those_of_another():
    other = Call(directions=["9.9 其他"], categories=["重点项目"])
    lump_sum = Call(directions=CALL.directions, categories=CALL.categories, budget_mode=BudgetMode.LUMP_SUM)

    def facts(form, tab, call):
        return [fact.label for part in readable(form, FULL[tab], call=call, owner=Owner) for fact in part.facts]

    assert differences(BasicsForm, {}, {"direction": "9.9 其他"}, call=other) == [Change("指南方向", "", "9.9 其他")]
    assert len(facts(BudgetForm, Tab.BUDGET, CALL)) > len(facts(BudgetForm, Tab.BUDGET, lump_sum)) > 0


def test_differences_name_fields_rows_added_removed_and_changed():
    before = {"stages": [STAGE, {**STAGE, "key": "2", "goal": "旧的目标内容要足够长"}]}
    after = {"stages": [{**STAGE, "goal": "新的目标内容要足够长"}, {"key": "5", "goal": "新增的一行"}]}

    assert differences(ScheduleForm, before, after, call=CALL) == [
        Change("阶段 1 阶段目标", "仿真平台通过内部验收", "新的目标内容要足够长"),
        Change("阶段 2", "", "新增的一行"),
        Change("阶段 2", f"2027-01，2028-06，{STAGE['content']}，旧的目标内容要足够长", ""),
    ]


def test_a_changed_number_shows_as_changed_although_its_mask_is_the_same():
    member = FULL[Tab.TEAM]["members"][0]
    other = {**member, "id_number": member["id_number"][:8] + "0505" + member["id_number"][12:]}

    (change,) = differences(TeamForm, {"members": [member]}, {"members": [other]}, call=CALL)

    mask = f"{member['id_number'][:6]}{'*' * 8}{member['id_number'][-4:]}"
    assert change == Change("成员 1 证件号码", mask, f"{mask}（已更换）")


def test_nothing_differs_between_nothing_and_an_empty_value():
    assert differences(TeamForm, {}, {"pi_months": "", "members": []}, call=CALL) == []
