"""The completeness check, rule by rule: each 申报书 breaks one rule and nothing else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.completeness.check import gaps
from projects.models import Proposal
from tests import factories as make

pytestmark = pytest.mark.django_db


BREAKS = {
    "title missing": ({"title": ""}, "项目名称", "请填写"),
    "title too short": ({"title": "五个字的题"}, "项目名称", "至少 6 字，现在只有 5 字，请补充"),
    "title too long": ({"title": "题" * 61}, "项目名称", "最多 60 字，现在有 61 字，请删减"),
    "direction missing": ({"direction": ""}, "指南方向", "请选择"),
    "direction withdrawn": ({"direction": "9.9 不存在"}, "指南方向", "所选的项不存在或已停用，请重新选择"),
    "category missing": ({"category": ""}, "项目类别", "请选择"),
    "category withdrawn": ({"category": "没有的类别"}, "项目类别", "所选的项不存在或已停用，请重新选择"),
    "tech field missing": ({"tech_field": ""}, "技术领域", "请选择"),
    "tech field unknown": ({"tech_field": "zzz"}, "技术领域", "所选的项不存在或已停用，请从列表中重新选择"),
    "discipline missing": ({"discipline": ""}, "学科", "请选择"),
    "industry missing": ({"industry": ""}, "国民经济行业", "请选择"),
    "research type missing": ({"research_type": ""}, "研究类型", "请选择"),
    "begin missing": ({"starts_on": ""}, "开始年月", "请填写"),
    "begin malformed": ({"starts_on": "明年"}, "开始年月", "请按 2027-01 的格式填写年月"),
    "end missing": ({"ends_on": ""}, "结束年月", "请填写"),
    "end before begin": ({"ends_on": "2026-12"}, "结束年月", "结束年月应不早于开始年月"),
    "too many months": ({"ends_on": "2030-01"}, "结束年月", "实施周期是 37 个月，本批次最长 36 个月"),
    "keywords missing": ({"keywords": []}, "关键词", "请填写"),
    "too few keywords": (
        {"keywords": ["低空", "物流"]},
        "关键词",
        "应为 3 至 5 个关键词，现在是 2 个，请用逗号分隔",
    ),
    "too many keywords": (
        {"keywords": ["一一", "二二", "三三", "四四", "五五", "六六"]},
        "关键词",
        "应为 3 至 5 个关键词，现在是 6 个，请用逗号分隔",
    ),
    "keyword too short": (
        {"keywords": ["低空", "物流", "云"]},
        "关键词",
        "“云”有 1 字，每个关键词应为 2 至 20 字",
    ),
    "abstract missing": ({"abstract": ""}, "摘要", "请填写"),
    "abstract too short": ({"abstract": "短" * 99}, "摘要", "至少 100 字，现在只有 99 字，请补充"),
    "abstract too long": ({"abstract": "长" * 801}, "摘要", "最多 800 字，现在有 801 字，请删减"),
    "classified missing": ({"classified": ""}, "是否涉密", "请选择"),
    "classified": ({"classified": "yes"}, "是否涉密", "涉密项目不能在本系统申报，请与科技局联系线下办理"),
    "ethics missing": ({"ethics": []}, "伦理、实验动物、人类遗传资源", "请选择"),
    "ethics contradicts itself": (
        {"ethics": ["none", "animals"]},
        "伦理、实验动物、人类遗传资源",
        "选了“不涉及”就不能再选其他项",
    ),
    "outcomes missing": ({"outcomes": []}, "预期成果形式", "请选择"),
    "outcome unknown": ({"outcomes": ["paper", "gold"]}, "预期成果形式", "所选的项不存在或已停用，请重新选择"),
    "contact missing": ({"contact_name": ""}, "项目联系人", "请填写"),
    "mobile missing": ({"contact_mobile": ""}, "联系人手机", "请填写"),
    "mobile wrong": ({"contact_mobile": "1390000"}, "联系人手机", "应为 11 位数字，现在是 7 位"),
}


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def lines(proposal):
    return [(gap.place, gap.label, gap.message) for gap in gaps(fresh(proposal))]


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit())


def test_a_complete_proposal_has_no_gap(pi):
    assert lines(make.make_proposal(pi)) == []


@pytest.mark.parametrize(
    "edge",
    [
        {"title": "六个字的题目"},
        {"title": "题" * 60},
        {"title": "𠮷" * 6},
        {"abstract": "短" * 100},
        {"abstract": "长" * 800},
        {"starts_on": "2027-01", "ends_on": "2027-01"},
        {"starts_on": "2027-01", "ends_on": "2029-12"},
        {"keywords": ["一一", "二二", "三三", "四四", "五五"]},
        {"ethics": ["ethics", "animals", "genetic"]},
    ],
)
def test_the_edges_of_the_rules_pass(pi, edge):
    assert lines(make.make_proposal(pi, basics=edge)) == []


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_finds_its_own_gap_and_no_other(pi, rule):
    broken, label, message = BREAKS[rule]

    found = lines(make.make_proposal(pi, basics=broken, title="样例"))

    assert [(place, where) for place, where, _ in found] == [("项目基本信息", label)]
    assert found[0][2].startswith(message)


def test_a_gap_links_to_its_field(pi):
    proposal = make.make_proposal(pi, basics={"direction": ""})

    [gap] = gaps(fresh(proposal))

    assert gap.url == f"{reverse('proposal-edit', args=[proposal.pk, 'basics'])}#id_direction"


def test_a_tab_never_saved_misses_every_required_field(pi):
    proposal = make.make_proposal(pi)
    proposal.sections.all().delete()

    assert len(lines(proposal)) == 17


def test_a_pi_without_an_approved_record_is_sent_to_their_record(pi):
    proposal = make.make_proposal(pi)
    pi.approved_at = None
    pi.save()

    [gap] = gaps(fresh(proposal))

    assert (gap.place, gap.message, gap.url) == (
        "个人信息",
        "您的个人信息还没有审核通过，请先提交审核并等待通过",
        reverse("person"),
    )


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("contact_name", "单位联系人姓名"),
        ("contact_mobile", "单位联系人手机"),
        ("contact_phone", "单位联系人办公电话"),
        ("email", "E-mail"),
        ("bank_name", "开户银行"),
        ("bank_account", "银行账号"),
        ("bank_code", "银行行号"),
    ],
)
def test_each_required_field_of_the_unit_is_asked_for(field, label):
    pi = make.make_person(unit=make.make_unit("样例单位", **{field: ""}))

    assert lines(make.make_proposal(pi)) == [
        ("单位信息", label, f"样例单位还没有填写{label}，请联系单位在“单位信息”中补全")
    ]


def test_the_call_decides_how_many_months(pi):
    call = make.make_call(max_months=12, closes_at=timezone.now() + timedelta(days=1))

    [(_, _, message)] = lines(make.make_proposal(pi, call))

    assert message == "实施周期是 36 个月，本批次最长 12 个月"
