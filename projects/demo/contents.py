"""What the demo's 申报书 say in their tabs: plausible, plainly invented, the same with every run."""

from datetime import date

from projects.enums import Tab
from zhgg.kit.identifiers.synthetic import synthetic_mobile, synthetic_resident_id, synthetic_uscc

NOTE = "（演示内容，不是真实项目）"
SURNAMES = ("赵样例", "钱样例", "孙样例", "李样例", "周样例", "吴样例", "郑样例", "王样例", "冯样例", "陈样例")
PARTNERS = (
    ("四川样例工业大学（虚构）", "20", "510000"),
    ("重庆样例检测认证有限公司（虚构）", "12", "500000"),
    ("贵州样例研究院（虚构）", "30", "520000"),
)


def tabs(*, number, title, keywords, unit_name, first_year, with_own_money):
    """`{tab: data}` of everything but 项目基本信息, complete and in order, for a project over three years.

    `number` tells the 申报书 apart: members and amounts follow from it.
    """
    first, second, third = keywords
    words = {"title": title, "first": first, "second": second, "third": third}
    return {
        Tab.PARTNERS: {"partners": [_partner(number)] if with_own_money and number % 3 else []},
        Tab.TEAM: _team(number, unit_name, words),
        Tab.RESEARCH: {name: text.format(note=NOTE, **words) for name, text in RESEARCH.items()},
        Tab.TARGETS: _targets(number, words),
        Tab.SCHEDULE: _schedule(first_year, words),
        Tab.BUDGET: _budget(number, with_own_money),
    }


def _partner(number):
    name, nature, province = PARTNERS[number % len(PARTNERS)]
    return {
        "key": "1",
        "name": name,
        "uscc": synthetic_uscc(900_000 + number, "12" if nature != "12" else "91"),
        "nature": nature,
        "province": province,
        "contact_name": SURNAMES[number % 10],
        "contact_mobile": synthetic_mobile(9_000_000 + number),
        "fiscal": f"{8 + number % 5}.00",
        "own": f"{5 + number % 4}.00",
        "signed": "yes",
        "task": "承担样机试制与外场测试，提供试验场地和测试数据，配合完成系统集成、应用示范与验收。",
    }


def _team(number, unit_name, words):
    duties = (
        f"负责{words['first']}方向的方案设计与关键算法",
        f"负责{words['second']}部分的实现与试验",
        "负责测试验证、数据整理与报告撰写",
        "参与样机调试与应用示范",
    )
    return {
        "pi_months": str(4 + number % 5),
        "achievements": (
            f"{NOTE}近五年围绕{words['first']}、{words['second']}主持省部级项目 2 项，发表论文 {8 + number % 9} 篇，"
            f"授权发明专利 {2 + number % 5} 件，成果在 {1 + number % 3} 家企业应用。"
        ),
        "avoid_experts": "无",
        "members": [
            {
                "key": str(row + 1),
                "name": SURNAMES[(number + row * 3) % 10],
                "id_type": "01",
                "id_number": synthetic_resident_id(
                    date(1984 + (number + row) % 14, 1 + number % 12, 1 + row), 500 + number * 4 + row
                ),
                "unit": unit_name,
                "education": ("11", "14", "21", "14")[row],
                "degree": "",
                "title_level": ("411", "412", "420", "499")[row],
                "major": words["first"],
                "months": str(6 + (number + row) % 5),
                "student": "yes" if row == 3 else "no",
                "duty": duty,
            }
            for row, duty in enumerate(duties[: 2 + number % 3])
        ],
    }


RESEARCH = {
    "background": (
        "{note}{first}是本领域近年来的研究重点，直接关系到产业链关键环节的自主可控。重庆山地地形复杂、应用场景集中，"
        "现有方法在复杂工况下精度不足、部署成本偏高，难以满足规模化应用的要求。\n"
        "“{title}”拟从{second}和{third}两个方面入手，研究可验证、可推广的方法与装备，形成可复制的示范应用，"
        "对提升我市相关产业的技术水平、带动上下游企业协同创新具有现实意义；研究成果也可为制定地方标准提供依据，"
        "并为同类场景的规模化推广积累数据和经验。"
    ),
    "state_of_art": (
        "{note}国外研究起步较早，在{first}的理论建模方面积累较多，但多以平原、低密度场景为对象，参数难以直接迁移。\n"
        "国内多家单位围绕{second}开展了研究，在仿真精度和实时性上取得进展，工程样机的可靠性和成本仍是短板。\n"
        "总体来看，{third}在真实环境中的长期验证数据不足，缺少统一的评价方法；不同单位的数据口径不一，"
        "结果难以相互比较。本项目在前期工作的基础上，以真实场景数据为牵引，补上方法验证和标准研制两个环节。"
    ),
    "content": (
        "{note}研究内容一：{first}的建模与分析。采集典型场景数据，建立面向复杂工况的模型，给出误差来源和适用范围，"
        "并以公开数据和自采数据分别检验。\n"
        "研究内容二：{second}的关键方法。提出兼顾精度和实时性的求解方法，完成原型实现，与三种以上的基准方法比较，"
        "明确其优势和局限。\n"
        "研究内容三：{third}与系统集成。研制样机，开展不少于 500 小时的可靠性试验，在 2 个以上真实场景开展应用示范，"
        "形成测试报告和标准草案。\n"
        "拟解决的关键问题：（1）小样本条件下模型的泛化能力；（2）多源数据的时空一致性；（3）样机在高温高湿环境中的稳定性。"
        "上述问题相互关联，其中第一个问题决定方法能否推广，后两个问题决定样机能否长期运行。"
    ),
    "route": (
        "{note}采用“场景数据—模型方法—样机集成—示范验证”的技术路线。首先建立数据采集规范和质量控制流程；"
        "其次以{first}为核心建立模型，通过仿真筛选方案；再次围绕{second}研制样机，按阶段开展室内和外场试验；"
        "最后结合{third}开展应用示范，依据测试结果迭代改进。\n"
        "每个阶段设置可检查的节点：数据集、原型、样机、示范报告。节点不通过的，分析原因并调整方案，不带问题进入下一阶段。"
        "试验数据由第三方检测机构抽查，保证结果可复现、可追溯。"
    ),
    "innovation": (
        "{note}（1）面向山地复杂场景提出{first}的建模方法，给出可计算的误差界。\n"
        "（2）将{second}与在线校正结合，在算力受限的条件下满足实时性要求。\n"
        "（3）形成{third}的评价指标和测试方法，为标准研制提供依据，填补同类场景缺少统一评价方法的空白。"
    ),
    "foundation": (
        "{note}项目组长期从事{first}研究，承担过相关省部级项目，已积累典型场景数据 3 TB，研制原理样机 1 套，"
        "具备开展本项目的技术基础。\n"
        "依托单位拥有相关实验平台和检测设备，可满足建模、仿真和样机试制的需要；合作单位可提供外场试验条件和应用场景。\n"
        "项目组成员专业结构合理，覆盖{second}、{third}等方向，其中高级职称人员和博士不少于三分之一，"
        "能够保证研究所需的时间投入。依托单位在经费、场地和管理上给予支持，前期工作没有知识产权争议。"
    ),
    "risks": "{note}外场试验受天气影响较大，拟预留两个月机动时间，并准备第二试验场地。",
    "references": (
        "样例作者. {first}研究进展（虚构）[J]. 样例学报, 2025, 1(1): 1-12.\n"
        "样例作者. {second}方法综述（虚构）[J]. 样例学报, 2024, 2(3): 34-48."
    ),
}


def _targets(number, words):
    rows = [
        ("technical", f"{words['first']}误差", "%", "15", "10", f"≤{5 + number % 3}", "第三方检测"),
        ("technical", "样机连续无故障运行时间", "小时", "50", "200", "≥500", "第三方检测"),
        ("economic", "新增产值", "万元", "0", "300", f"≥{800 + 100 * (number % 7)}", "专项审计"),
        ("property", "申请发明专利", "件", "0", "1", str(3 + number % 4), "受理通知书"),
        ("people", "培养研究生", "人", "0", "2", str(4 + number % 3), "学位证书"),
    ]
    names = ("category", "name", "unit", "before", "halfway", "after", "method")
    return {"targets": [{"key": str(key), **dict(zip(names, row, strict=True))} for key, row in enumerate(rows, 1)]}


def _schedule(first_year, words):
    stages = (
        (
            f"{first_year}-01",
            f"{first_year}-12",
            f"完成典型场景数据采集和质量控制，建立{words['first']}模型并完成仿真验证。",
            "形成数据集 1 套，模型通过内部评审",
        ),
        (
            f"{first_year + 1}-01",
            f"{first_year + 1}-12",
            f"完成{words['second']}方法的原型实现，研制样机并开展室内试验和第一轮外场试验。",
            "样机通过室内试验，完成中期检查",
        ),
        (
            f"{first_year + 2}-01",
            f"{first_year + 2}-12",
            f"开展{words['third']}的应用示范，完成可靠性试验、第三方检测和标准草案，准备验收。",
            "完成应用示范和第三方检测，提交验收材料",
        ),
    )
    names = ("starts_on", "ends_on", "content", "goal")
    return {
        "stages": [
            {"key": str(key), "responsible": "", **dict(zip(names, stage, strict=True))}
            for key, stage in enumerate(stages, 1)
        ]
    }


def _budget(number, with_own_money):
    """财政 in the ratio 20 equipment, 45 业务, 25 劳务, 10 间接; the same again from one's own money where it is asked
    for, in 材料费 alone."""
    fiscal = 60 + 10 * (number % 7) if with_own_money else 20
    own = fiscal + 10 * (number % 3) if with_own_money else 0
    spent = {"1101": 20, "1201": 20, "1202": 15, "1204": 10, "1301": 20, "1302": 5, "21": 4, "22": 6}
    return {
        "source_11": f"{fiscal}.00",
        "source_12": "",
        "source_21": f"{own}.00" if own else "",
        "source_22": "",
        "source_29": "",
        **{f"fiscal_{code}": f"{fiscal * share / 100:.2f}" for code, share in spent.items()},
        **({"own_1201": f"{own}.00"} if own else {}),
        "basis": (
            f"{NOTE}设备购置按三家询价的中位数测算；材料与测试费按试验次数和单价测算；差旅与会议按每年 6 人次测算；"
            "劳务费按参与人月和本单位标准测算；间接费用未超过规定比例。自筹经费全部用于试验材料。"
        ),
        "equipment": [],
    }


def corrected_basics(data):
    """The first tab with a sentence more in its 摘要."""
    addition = "与国内外同类技术相比，本项目在复杂场景下的精度和部署成本上有明显优势。"
    return {**data, "abstract": f"{data['abstract']}{addition}"}


def corrected_targets(data):
    """The 考核指标 with the first one measured by a third party."""
    first, *rest = data["targets"]
    return {**data, "targets": [{**first, "method": "由具备资质的第三方机构按国家标准测试，出具检测报告"}, *rest]}
