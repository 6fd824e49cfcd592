"""The completeness check over all tabs, rule by rule: each 申报书 breaks one rule and nothing else (E01-E22 and the
warnings of the field rules)."""

from datetime import date

import pytest
from django.utils import timezone

from orgs.models import Unit
from profiles.models import Person
from projects.completeness.check import gaps, numbers_by_tab, stored_tabs, warnings
from projects.enums import State, Tab
from projects.models import Proposal
from tests import factories as make
from tests.full_proposal import FULL, TEXT, make_full_call, make_full_proposal

pytestmark = pytest.mark.django_db

MEMBER = FULL[Tab.TEAM]["members"][0]
PARTNER = FULL[Tab.PARTNERS]["partners"][0]
TECHNICAL, ECONOMIC = FULL[Tab.TARGETS]["targets"]
FIRST, SECOND = FULL[Tab.SCHEDULE]["stages"]
OTHER_MEMBER = {**MEMBER, "key": "2", "name": "样例另一成员"}


def member(**changes):
    return {Tab.TEAM: {"members": [{**MEMBER, **changes}]}}


def partner(**changes):
    return {Tab.PARTNERS: {"partners": [{**PARTNER, **changes}]}}


def target(**changes):
    return {Tab.TARGETS: {"targets": [{**TECHNICAL, **changes}, ECONOMIC]}}


def stage(**changes):
    return {Tab.SCHEDULE: {"stages": [FIRST, {**SECOND, **changes}]}}


def budget(**changes):
    return {Tab.BUDGET: changes}


EQUIPMENT = {"key": "1", "name": "测试台", "model": "T1", "quantity": "1", "price": "60.00", "use": "用于整机测试"}
TOO_LONG = {
    "background": 3000,
    "state_of_art": 3000,
    "content": 5000,
    "route": 5000,
    "innovation": 1500,
    "foundation": 3000,
    "risks": 1500,
}
TOO_SHORT = {
    "background": 200,
    "state_of_art": 200,
    "content": 300,
    "route": 200,
    "innovation": 100,
    "foundation": 200,
}
RESEARCH = {
    "background": "立项背景与意义",
    "state_of_art": "国内外研究现状",
    "content": "研究内容与关键问题",
    "route": "技术路线",
    "innovation": "创新点",
    "foundation": "研究基础与条件",
    "risks": "风险与对策",
}

BREAKS = {
    # T1
    "promise": ({Tab.BASICS: {"promise": False}}, "本人承诺", "提交前请勾选承诺"),
    # T2
    "partner without name": (partner(name=""), "合作单位 1 单位名称", "请填写"),
    "partner with wrong code": (
        partner(uscc=PARTNER["uscc"][:-1] + "0"),
        "合作单位 1 统一社会信用代码",
        "最后一位校验码与前 17 位不符，请对照证照逐位核对",
    ),
    "partner without nature": (partner(nature=""), "合作单位 1 单位性质", "请选择"),
    "partner without province": (partner(province=""), "合作单位 1 所在省市", "请选择"),
    "partner without share": (partner(fiscal=""), "合作单位 1 分配财政经费", "请填写"),
    "partner without own share": (partner(own=""), "合作单位 1 自筹经费", "请填写"),
    "partner without agreement": (partner(signed=""), "合作单位 1 已签合作协议", "请选择"),
    "partner without task": (partner(task=""), "合作单位 1 任务分工", "请填写"),
    "partner's task too short": (partner(task="短"), "合作单位 1 任务分工", "至少 20 字，现在只有 1 字，请补充"),
    "partner twice": (
        {Tab.PARTNERS: {"partners": [PARTNER, {**PARTNER, "key": "2"}]}},
        "合作单位 2 统一社会信用代码",
        "与合作单位 1的统一社会信用代码相同，请核对",
    ),
    "partners get too much": (
        partner(fiscal="100.01"),
        "合作单位财政经费",
        "合作单位财政经费合计 100.01 万元，超过经费预算中的财政经费 100.00 万元，请调整",
    ),
    "partners get too much own money": (
        partner(own="60.01"),
        "合作单位自筹经费",
        "合作单位自筹经费合计 60.01 万元，超过经费预算中的自筹经费 60.00 万元，请调整",
    ),
    # T3
    "PI's months": ({Tab.TEAM: {"pi_months": ""}}, "负责人每年投入（月）", "请填写"),
    "PI's months beyond the year": (
        {Tab.TEAM: {"pi_months": "13"}},
        "负责人每年投入（月）",
        "应为 1 至 12 的整数，请核对",
    ),
    "no member": ({Tab.TEAM: {"members": []}}, "项目组成员", "至少填写 1 行，请点【添加成员】"),
    "member without name": (member(name=""), "成员 1 姓名", "请填写"),
    "member without number": (member(id_number=""), "成员 1 证件号码", "请填写"),
    "member with wrong number": (
        member(id_number=MEMBER["id_number"][:-1] + ("1" if MEMBER["id_number"][-1] != "1" else "2")),
        "成员 1 证件号码",
        "最后一位校验码与前 17 位不符，请对照证件逐位核对",
    ),
    "member without unit": (member(unit=""), "成员 1 工作单位", "请填写"),
    "member without education": (member(education=""), "成员 1 学历", "请选择"),
    "member without title": (member(title_level=""), "成员 1 职称", "请选择"),
    "member without duty": (member(duty=""), "成员 1 分工", "请填写"),
    "member's duty too short": (member(duty="算法"), "成员 1 分工", "至少 5 字，现在只有 2 字，请补充"),
    "member without months": (member(months=""), "成员 1 每年投入（月）", "请填写"),
    "member's months beyond the year": (member(months="13"), "成员 1 每年投入（月）", "应为 1 至 12 的整数，请核对"),
    "member student unsaid": (member(student=""), "成员 1 是否研究生", "请选择"),
    "member twice": (
        {Tab.TEAM: {"members": [MEMBER, OTHER_MEMBER]}},
        "成员 2 证件号码",
        "与成员 1的证件号码相同，请核对；负责人不必再列为成员",
    ),
    # T4
    **{
        f"{name} too short": (
            {Tab.RESEARCH: {name: "短" * (least - 1)}},
            RESEARCH[name],
            f"至少 {least} 字，现在只有 {least - 1} 字，请补充",
        )
        for name, least in TOO_SHORT.items()
    },
    **{
        f"{name} too long": (
            {Tab.RESEARCH: {name: "长" * (most + 1)}},
            RESEARCH[name],
            f"最多 {most:,} 字，现在有 {most + 1:,} 字，请删减",
        )
        for name, most in TOO_LONG.items()
    },
    "too many references": (
        {Tab.RESEARCH: {"references": "\n".join(["某文献"] * 51)}},
        "参考文献",
        "最多 50 条，现在有 51 条，每行一条",
    ),
    # T5
    "no target": ({Tab.TARGETS: {"targets": []}}, "考核指标", "至少填写 1 行，请点【添加指标】"),
    "no technical target": (
        {Tab.TARGETS: {"targets": [ECONOMIC]}},
        "考核指标",
        "至少要有一项技术指标，请点【添加指标】补充",
    ),
    "no benefit": (
        {Tab.TARGETS: {"targets": [TECHNICAL]}},
        "考核指标",
        "至少要有一项经济效益或社会效益指标，请点【添加指标】补充",
    ),
    "target without category": (
        {Tab.TARGETS: {"targets": [TECHNICAL, ECONOMIC, {**ECONOMIC, "key": "3", "category": ""}]}},
        "指标 3 类别",
        "请选择",
    ),
    "target without name": (target(name=""), "指标 1 指标名称", "请填写"),
    "target without unit": (target(unit=""), "指标 1 单位", "请填写"),
    "target without final value": (target(after=""), "指标 1 完成值", "请填写"),
    "target that is no number": (
        target(after="显著提高"),
        "指标 1 完成值",
        "技术、经济和社会效益指标的完成值应为数值，例如 95、≥95 或 ≤0.3",
    ),
    "target without method": (target(method=""), "指标 1 测评方法", "请填写"),
    # T6
    "no stage": ({Tab.SCHEDULE: {"stages": []}}, "进度安排", "至少填写 1 行，请点【添加阶段】"),
    "stage without goal": (stage(goal=""), "阶段 2 阶段目标", "请填写"),
    "stage without content": (stage(content=""), "阶段 2 工作内容", "请填写"),
    "stage that ends before it begins": (
        {Tab.SCHEDULE: {"stages": [{**FIRST, "ends_on": "2029-12"}, {**SECOND, "ends_on": "2028-06"}]}},
        "阶段 2 结束年月",
        "结束年月应不早于开始年月",
    ),
    "first stage late": (
        {Tab.SCHEDULE: {"stages": [{**FIRST, "starts_on": "2027-02"}, SECOND]}},
        "进度安排",
        "第一个阶段从 2027-02 开始，项目从 2027-01 开始，请改为一致",
    ),
    "last stage early": (
        stage(ends_on="2029-11"),
        "进度安排",
        "最后一个阶段到 2029-11 结束，项目到 2029-12 结束，请改为一致",
    ),
    "gap of two months": (
        stage(starts_on="2028-09"),
        "进度安排",
        "2028-06 与 2028-09 之间有空档，请补上这段时间的安排",
    ),
    # T7
    "no money": (
        {Tab.BUDGET: dict.fromkeys(FULL[Tab.BUDGET], "") | {"basis": TEXT, "equipment": []}, **partner(fiscal="0")},
        "市级财政专项资金",
        "请填写经费来源",
    ),
    "no reckoning": (budget(basis=""), "测算说明", "请填写"),
    "spends too much": (
        budget(fiscal_1201="42.01"),
        "设备购置费（财政）",
        "财政支出合计 100.01 万元，比财政来源多 0.01 万元，请调整为相等",
    ),
    "spends too little": (
        budget(own_1201="59.00"),
        "设备购置费（自筹）",
        "自筹支出合计 59.00 万元，比自筹来源少 1.00 万元，请调整为相等",
    ),
    "indirect costs too high": (
        budget(fiscal_1201="41.00", fiscal_22="11.00"),
        "管理费用补偿（财政）",
        "财政间接费用 19.00 万元，超过上限 18.30 万元，请调减",
    ),
    "own indirect costs too high": (
        budget(own_1201="40.00", own_21="20.00"),
        "管理费用补偿（自筹）",
        "自筹间接费用 20.00 万元，超过上限 12.00 万元，请调减",
    ),
    "big equipment without a list": (
        budget(fiscal_1101="50.00", fiscal_1201="12.00", fiscal_22="0.00", fiscal_21="8.00", fiscal_1301="30.00"),
        "设备购置费（财政）",
        "设备购置费合计 50.00 万元，设备明细合计 0.00 万元，请调整为相等",
    ),
    "equipment that does not add up": (
        budget(equipment=[EQUIPMENT]),
        "设备购置费（财政）",
        "设备购置费合计 20.00 万元，设备明细合计 60.00 万元，请调整为相等",
    ),
    "equipment without use": (
        budget(equipment=[{**EQUIPMENT, "price": "20.00", "use": ""}]),
        "设备 1 用途",
        "请填写",
    ),
}


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit())


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def lines(proposal, find=gaps):
    return [(gap.label, gap.message) for gap in find(fresh(proposal))]


def test_a_complete_one_has_no_gap_and_no_warning(pi):
    proposal = make_full_proposal(pi)

    assert (lines(proposal), lines(proposal, warnings)) == ([], [])


@pytest.mark.parametrize("rule", BREAKS)
def test_what_breaks_one_rule_has_one_gap(pi, rule):
    changes, label, message = BREAKS[rule]

    found = lines(make_full_proposal(pi, changes=changes))

    assert [message_ for _, message_ in found] == [message]
    assert found[0][0].startswith(label)


def test_every_gap_of_a_row_leads_to_its_field(pi):
    proposal = make_full_proposal(pi, changes=member(duty=""))

    (gap,) = gaps(fresh(proposal))

    assert gap.url == f"/projects/{proposal.pk}/edit/team/#id_members-1-duty"
    assert gap.place == "负责人与成员"


def test_the_pi_is_no_member(pi):
    proposal = make_full_proposal(pi, changes=member(id_number=pi.id_number))

    assert lines(proposal) == [("成员 1 证件号码", "与项目负责人的证件号码相同，请核对；负责人不必再列为成员")]


def test_the_unit_is_no_partner(pi):
    proposal = make_full_proposal(pi, changes=partner(uscc=pi.unit.uscc))

    assert lines(proposal) == [("合作单位 1 统一社会信用代码", "与申报单位的统一社会信用代码相同，请核对")]


def test_the_unit_fills_in_what_it_must_first(pi):
    Unit.objects.filter(pk=pi.unit_id).update(bank_name="")

    found = gaps(fresh(make_full_proposal(pi)))

    assert [(gap.place, gap.label, gap.url) for gap in found] == [("单位信息", "开户银行", "")]


CALLS = {
    "below the least": (
        {"min_funding": "100.01"},
        "市级财政专项资金",
        "申请财政经费 100.00 万元，少于本批次下限 100.01 万元",
    ),
    "above the most": (
        {"max_funding": "99"},
        "市级财政专项资金",
        "申请财政经费 100.00 万元，超过本批次上限 99.00 万元",
    ),
    "too little of one's own": (
        {"min_own_ratio": "1.5"},
        "单位自有货币资金",
        "自筹经费 60.00 万元，本批次要求不少于财政经费的 1.5 倍，即 150.00 万元",
    ),
    "too early": ({"earliest_start": "2027-03"}, "开始年月", "本批次的项目最早从 2027-03 开始"),
    "partner of a province": (
        {"partner_province": "520000"},
        "合作单位",
        "本批次要求至少有一家贵州省的合作单位，请点【添加合作单位】补充",
    ),
    "too long": ({"max_months": 35}, "结束年月", "实施周期是 36 个月，本批次最长 35 个月"),
}


@pytest.mark.parametrize("rule", CALLS)
def test_what_the_call_asks_for_is_checked(pi, rule):
    fields, label, message = CALLS[rule]

    assert lines(make_full_proposal(pi, make_full_call(**fields))) == [(label, message)]


def test_exactly_at_the_bounds_is_in_order(pi):
    call = make_full_call(
        min_funding=100, max_funding=100, min_own_ratio="0.6", earliest_start="2027-01", max_months=36
    )

    assert lines(make_full_proposal(pi, call)) == []


def test_a_lump_sum_call_checks_the_sources_alone(pi):
    call = make_full_call(budget_mode="lump_sum", max_funding=50)

    assert lines(make_full_proposal(pi, call)) == [
        ("市级财政专项资金", "申请财政经费 100.00 万元，超过本批次上限 50.00 万元")
    ]


def test_tabs_the_call_does_not_ask_for_are_not_checked(pi):
    call = make_full_call(tabs=[Tab.BASICS, Tab.RESEARCH])
    changes = {Tab.TEAM: {"pi_months": "", "members": []}, Tab.BUDGET: {"source_11": ""}}

    assert lines(make_full_proposal(pi, call, changes=changes)) == []


# Warnings ------------------------------------------------------------------------------------------------------------

WARNINGS = {
    "unused keyword": (
        {Tab.BASICS: {"keywords": ["低空物流", "无人机", "量子通信"]}},
        "关键词",
        "项目名称和摘要中没有出现“量子通信”，请核对",
    ),
    "no experts to avoid": (
        {Tab.TEAM: {"avoid_experts": ""}},
        "专家回避说明",
        "没有填写专家回避说明；没有需要回避的专家，请填“无”",
    ),
    "overlap": (
        stage(starts_on="2028-06"),
        "进度安排",
        "从 2028-06 开始的阶段与前一阶段（到 2028-06）重叠，请核对",
    ),
}


@pytest.mark.parametrize("rule", WARNINGS)
def test_a_warning_does_not_keep_anybody_from_submitting(pi, rule):
    changes, label, message = WARNINGS[rule]
    proposal = make_full_proposal(pi, changes=changes)

    assert lines(proposal, warnings) == [(label, message)]
    assert lines(proposal) == []


def test_a_gap_of_one_month_is_no_gap(pi):
    assert lines(make_full_proposal(pi, changes=stage(starts_on="2028-08"))) == []


def test_age_and_title_of_the_pi_are_advised_not_required(pi):
    today = timezone.localdate()
    Person.objects.filter(pk=pi.pk).update(birth_date=date(today.year - 41, 1, 1), title_level="420")
    proposal = make_full_proposal(pi, make_full_call(advised_age=40, advised_titles=["411", "412"]))

    assert lines(proposal, warnings) == [
        ("年龄", "本批次建议负责人不超过 40 岁，您现在 41 岁"),
        ("职称", "本批次建议负责人的职称为正高、副高"),
    ]
    assert lines(proposal) == []


def test_what_looks_odd_in_the_units_data_is_a_warning(pi):
    Unit.objects.filter(pk=pi.unit_id).update(province="500000", postcode="100000")

    assert lines(make_full_proposal(pi), warnings) == [
        ("请单位核对", "邮政编码 100000 不是重庆市的邮政编码（应以 40 开头），请核对。")
    ]


def test_a_title_like_anothers_is_a_warning(pi):
    other = make.make_person(unit=make.make_unit())
    make.make_proposal(other, state=State.UNIT, title="山地城市低空物流无人机调度技术研究Ⅱ")
    proposal = make_full_proposal(pi)

    ((label, message),) = lines(proposal, warnings)

    assert label == "项目名称"
    assert message == "与2026 年度样例专项的“山地城市低空物流无人机调度技术研究Ⅱ”相似，请确认不是重复申报"


def test_the_numbers_beside_the_form_follow_what_is_saved_and_what_the_call_asks(pi):
    proposal = make_full_proposal(pi)
    data = stored_tabs(proposal)
    counted = [+numbers_by_tab(proposal, data)]

    broken = data | {Tab.TEAM: {"members": [{**MEMBER, "name": ""}]}}
    counted += [+numbers_by_tab(proposal, broken), +numbers_by_tab(proposal, data)]
    proposal.call.max_months, proposal.call.version = 1, proposal.call.version + 1
    counted.append(+numbers_by_tab(proposal, data))

    assert counted[0] == counted[2] == {}
    assert counted[1] == {Tab.TEAM.label: 2}
    assert counted[3] == {Tab.BASICS.label: 1}
