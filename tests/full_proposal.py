"""A complete 申报书 in every tab, and a call that asks for all of them."""

from datetime import date

from django.utils import timezone

from projects.enums import Tab
from projects.models import Section
from projects.titles import title_key
from tests import factories as make
from zhgg.kit.identifiers import synthetic


def make_full_call(**fields):
    """A call that asks for every tab that is a form, with nothing else to hinder a complete 申报书."""
    return make.make_call(**{"tabs": [tab for tab in Tab.values if tab != Tab.ATTACHMENTS], **fields})


TEXT = "面向山地城市场景开展研究，提出可验证的方法并在真实环境中测试。"
FULL = {
    Tab.BASICS: {**make.BASICS, "keywords": ["低空物流", "无人机", "山地城市"]},
    Tab.PARTNERS: {
        "partners": [
            {
                "key": "1",
                "name": "四川样例大学（虚构）",
                "uscc": synthetic.synthetic_uscc(880_001, "12"),
                "nature": "20",
                "province": "510000",
                "contact_name": "样例乙",
                "contact_mobile": "16900000011",
                "fiscal": "20.00",
                "own": "0.00",
                "signed": "yes",
                "task": "承担风场建模与外场试验，提供试验场地和数据，配合集成测试与验收。",
            }
        ]
    },
    Tab.TEAM: {
        "pi_months": "6",
        "achievements": "",
        "avoid_experts": "无",
        "members": [
            {
                "key": "1",
                "name": "样例成员",
                "id_type": "01",
                "id_number": synthetic.synthetic_resident_id(date(1990, 1, 1), 881),
                "unit": "重庆样例大学（虚构）",
                "education": "11",
                "degree": "",
                "title_level": "412",
                "major": "控制工程",
                "months": "8",
                "student": "no",
                "duty": "负责调度算法",
            }
        ],
    },
    Tab.RESEARCH: {
        "background": TEXT * 8,
        "state_of_art": TEXT * 8,
        "content": TEXT * 12,
        "route": TEXT * 8,
        "innovation": TEXT * 4,
        "foundation": TEXT * 8,
        "risks": "",
        "references": "张样例. 山地风场建模. 2025.\n李样例. 无人机调度. 2024.",
    },
    Tab.TARGETS: {
        "targets": [
            {
                "key": "1",
                "category": "technical",
                "name": "定位误差",
                "unit": "cm",
                "before": "50",
                "halfway": "30",
                "after": "≤10",
                "method": "第三方检测",
            },
            {
                "key": "2",
                "category": "economic",
                "name": "新增产值",
                "unit": "万元",
                "before": "0",
                "halfway": "200",
                "after": "1000",
                "method": "审计报告",
            },
        ]
    },
    Tab.SCHEDULE: {
        "stages": [
            {
                "key": "1",
                "starts_on": "2027-01",
                "ends_on": "2028-06",
                "responsible": "",
                "content": "完成风场数据采集与建模，搭建仿真平台并完成算法原型。",
                "goal": "仿真平台通过内部验收",
            },
            {
                "key": "2",
                "starts_on": "2028-07",
                "ends_on": "2029-12",
                "responsible": "",
                "content": "完成外场试验与系统集成，形成标准草案并开展应用示范。",
                "goal": "完成应用示范并通过验收",
            },
        ]
    },
    # 财政 100: 直接费用 80 (设备购置 20), so that 间接费用 may be 30 % of 60; 自筹 60.
    Tab.BUDGET: {
        "source_11": "100.00",
        "source_12": "0.00",
        "source_21": "60.00",
        "source_22": "",
        "source_29": "",
        "fiscal_1101": "20.00",
        "fiscal_1201": "42.00",
        "fiscal_1301": "20.00",
        "fiscal_21": "8.00",
        "fiscal_22": "10.00",
        "own_1201": "60.00",
        "basis": "设备按三家询价的中位数测算，材料与测试费按试验次数测算，劳务费按人月测算。",
        "equipment": [],
    },
}
"""A complete 申报书 for `make_full_call`."""


def make_full_proposal(pi, call=None, **options):
    """A draft of `pi` in which every tab is filled in and in order; `changes` maps tabs to what is different."""
    changes = options.pop("changes", {})
    title = changes.get(Tab.BASICS, {}).get("title", make.BASICS["title"])
    proposal = make.make_proposal(
        pi,
        call or make_full_call(),
        **{"title": title, "title_key": title_key(title), "category": "一般项目", **options},
    )
    proposal.sections.all().delete()
    for tab, data in FULL.items():
        content = {**data, **changes.get(tab, {})}
        Section.objects.create(proposal=proposal, tab=tab, data=content, saved_at=timezone.now())
    return proposal
