"""The calls, and the 申报书 with everything that happened to them. Plain data.

"Days" are days before now; calls give their times in days from now (negative ones are over).
"""

from dataclasses import dataclass
from datetime import timedelta

from projects.demo.cast import INSTITUTE
from projects.enums import BudgetMode, LimitRole, Tab


@dataclass(frozen=True)
class DemoCall:
    """A call. `closes` is when 申报截止 is, `review_closes` when 单位审核截止 is; `asks` are fields of `Call` that say
    what the 申报书 must hold."""

    key: str
    name: str
    kind: str
    prefix: str
    guide: str
    directions: dict
    categories: tuple[str, ...]
    opens: timedelta
    closes: timedelta
    review_closes: timedelta
    asks: dict

    @property
    def with_own_money(self):
        """Whether the call wants 自筹经费."""
        return self.asks.get("min_own_ratio", 0) > 0


@dataclass(frozen=True)
class DemoExtension:
    """A 延期 for the people of one unit, granted `days` ago."""

    call: DemoCall
    unit: str
    days: float
    closes: timedelta
    review_closes: timedelta
    reason: str


@dataclass(frozen=True)
class Step:
    """Something that was done to an 申报书, by whoever's turn it was."""

    action: str
    days: float
    reason: str = ""
    tabs: tuple = ()


@dataclass(frozen=True)
class Story:
    """An 申报书: who wrote it, for which call, about what, since when, and the steps so far."""

    pi: str
    call: str
    theme: str
    title: str
    drafted: float
    steps: tuple[Step, ...] = ()
    category: int = 0
    unfinished: bool = False


OPEN, SOON, CLOSED = "open", "soon", "closed"

# theme → 技术领域, 学科, 国民经济行业, 研究类型, keywords
THEMES = {
    "software": ("101", "520", "I65", "applied", ["大语言模型", "知识图谱", "可信计算"]),
    "low": ("301", "590", "C37", "applied", ["低空物流", "无人机", "集群调度"]),
    "machine": ("805", "460", "C34", "development", ["工业机器人", "精密减速器", "机器视觉"]),
    "life": ("201", "350", "C27", "basic", ["靶点发现", "抗体药物", "药效评价"]),
    "green": ("701", "610", "N77", "applied", ["水环境", "碳减排", "生态修复"]),
    "car": ("807", "580", "C36", "development", ["智能网联汽车", "车路协同", "功能安全"]),
    "testing": ("502", "413", "M74", "applied", ["检验检测", "标准物质", "计量溯源"]),
}


def _tabs_but(*left_out):
    return [tab for tab in Tab.values if tab not in left_out]


LIMITS = (
    ("年度主持限项（虚构）", LimitRole.LED, 2, (OPEN, SOON)),
    ("年度参与限项（虚构）", LimitRole.JOINED, 3, (OPEN, SOON)),
)
"""限项: name, what is counted, how many, over which calls."""

CALLS = (
    DemoCall(
        SOON,
        "{next} 年度重庆市自然科学基金面上项目（虚构）",
        "自然科学基金",
        "CSTB{next}NSCQ-MSX",
        "支持科研人员自主选题开展基础研究和应用基础研究。（演示内容）\n\n"
        "1. 资助方向见下，每项资助期限不超过三年，财政经费不超过 20 万元。\n"
        "2. 申报前请确认个人信息已审核通过，单位信息已填写完整。\n3. 涉密项目不得通过本系统申报。",
        {
            "software": "信息科学",
            "low": "工程与材料科学",
            "machine": "工程与材料科学",
            "life": "生命与医学科学",
            "green": "资源与环境科学",
            "car": "工程与材料科学",
            "testing": "工程与材料科学",
        },
        ("面上项目", "博士后项目"),
        timedelta(days=-35),
        timedelta(hours=30),
        timedelta(hours=30, days=4),
        {"tabs": _tabs_but(Tab.PARTNERS, Tab.ATTACHMENTS), "required_attachments": [], "max_funding": 20},
    ),
    DemoCall(
        OPEN,
        "{next} 年度重庆市技术创新与应用发展专项重点项目（虚构）",
        "技术创新与应用发展专项",
        "CSTB{next}TIAD-KPX",
        "围绕重点产业链部署创新链，支持关键核心技术攻关。（演示内容）\n\n"
        "# 申报条件\n\n1. 牵头单位应为在渝注册的法人单位。\n2. 实施周期不超过三年，从申报次年 1 月起算。\n"
        "3. 项目负责人同期主持的项目**不超过两项**。\n\n"
        "# 资助额度\n\n| 类别 | 财政经费 | 自筹经费 |\n| --- | --- | --- |\n"
        "| 重点项目 | 20 至 200 万元 | 不少于财政经费 |\n"
        "| 面上项目、青年项目 | 20 至 100 万元 | 不少于财政经费 |\n\n"
        "咨询请打页面底部的技术支持电话。",
        {
            "software": "1.1 人工智能与软件",
            "low": "1.2 低空经济",
            "machine": "2.1 高端装备与机器人",
            "car": "2.2 智能网联新能源汽车",
            "life": "3.1 生物医药与健康",
            "green": "4.1 生态环境与双碳",
            "testing": "5.1 检验检测与标准",
        },
        ("重点项目", "面上项目", "青年项目"),
        timedelta(days=-25),
        timedelta(days=9),
        timedelta(days=14),
        {
            "required_attachments": ["01", "05"],
            "min_funding": 20,
            "max_funding": 200,
            "min_own_ratio": 1,
            "advised_age": 57,
        },
    ),
    DemoCall(
        CLOSED,
        "{this} 年度重庆市科技成果转化专项（虚构）",
        "科技成果转化专项",
        "CSTB{this}CGZH-",
        "支持高校院所的科技成果在渝转化。（演示内容）",
        dict.fromkeys(THEMES, "成果转化与产业化"),
        ("一般项目",),
        timedelta(days=-60),
        timedelta(days=-12),
        timedelta(days=-5),
        {
            "tabs": [Tab.BASICS, Tab.TEAM, Tab.TARGETS, Tab.BUDGET],
            "required_attachments": [],
            "budget_mode": BudgetMode.LUMP_SUM,
            "min_own_ratio": 1,
        },
    ),
)

EXTENSION = DemoExtension(
    CALLS[1],
    INSTITUTE,
    days=1.4,
    closes=timedelta(days=12),
    review_closes=timedelta(days=16),
    reason="该院近期迁址，网络中断五天，经申请同意延期。",
)

PREPARED = DemoCall(
    "prepared",
    "{next} 年度重庆市技术预见与制度创新项目（虚构）",
    "技术预见与制度创新专项",
    "CSTB{next}TFII-",
    "围绕科技管理与政策开展研究，为决策提供参考。（演示内容）\n\n"
    "# 申报条件\n\n1. 牵头单位应为在渝注册的法人单位。\n2. 同一负责人限报一项。\n\n"
    "# 资助额度\n\n每项财政经费不超过 10 万元，实施周期不超过一年。",
    {"software": "科技治理", "green": "产业技术预见"},
    ("重点项目", "一般项目"),
    timedelta(days=20),
    timedelta(days=50),
    timedelta(days=57),
    {
        "tabs": [Tab.BASICS, Tab.TEAM, Tab.RESEARCH, Tab.BUDGET],
        "required_attachments": [],
        "budget_mode": BudgetMode.LUMP_SUM,
        "max_months": 12,
        "max_funding": 10,
    },
)
"""Not published yet: officers alone see it."""


def submit(days):
    """The PI submits."""
    return Step("submit", days)


def to_unit(days):
    """The 二级单位 passes it on."""
    return Step("pass-to-unit", days)


def to_bureau(days):
    """The unit passes it on."""
    return Step("pass-to-bureau", days)


def back(days, reason):
    """Whoever has it sends it back, and says which tabs it is about."""
    return Step("send-back", days, reason, (Tab.TARGETS if reason == RETURNED_FORMAT else Tab.BASICS,))


RETURNED_FORMAT = "技术指标没有给出可考核的数值，请补充考核指标后再次提交。"
RETURNED_TITLE = "项目名称与指南方向不符，请按指南方向调整项目名称和摘要。"
RETURNED_UNIT = "与本单位已推荐的项目研究内容重复，请说明区别，并更新联系人手机。"
RETURNED_BUREAU = "摘要中缺少与国内外同类技术的比较，请补正后提交；其他内容无需改动。"
DECLINED = "申报单位在该方向已有同类在研项目，不符合指南第三条，不予受理。"

STORIES = (
    # 重庆样例大学 软件学院
    Story("zhang", OPEN, "low", "山地城市低空物流无人机集群调度关键技术研究", 12, (submit(5.2),)),
    Story("wang", OPEN, "software", "面向政务服务的大语言模型可信问答关键技术研究", 9, (submit(2.4),), category=1),
    Story("ayi", OPEN, "software", "多语种科技文献知识图谱构建与智能检索系统研发", 3, (submit(0.3),), category=2),
    Story("liu", SOON, "software", "软件供应链漏洞传播机理与主动防御方法研究", 20, (submit(8.1), to_unit(6.3))),
    Story("huang", OPEN, "software", "工业软件几何内核的并行求解方法研究", 8, (submit(6), back(4.2, RETURNED_FORMAT))),
    # A manager's own: starts in 单位审核.
    Story("chen", OPEN, "software", "自主可控的工业仿真软件平台研发及示范应用", 11, (submit(4.4),)),
    Story(
        "zhang",
        SOON,
        "software",
        "复杂网络环境下分布式任务协同的理论与方法",
        18,
        (submit(12), back(10.3, RETURNED_TITLE), submit(9.1), to_unit(7.2)),
    ),
    Story(
        "wang",
        CLOSED,
        "software",
        "“智慧审图”软件成果转化与推广",
        40,
        (submit(30), to_unit(26), to_bureau(22), Step("accept", 9)),
    ),
    # 计算机学院
    Story("sun", OPEN, "car", "车路云一体化场景下的边缘计算资源调度研究", 7, (submit(3.1),)),
    Story(
        "zhou_f", OPEN, "car", "智能网联汽车信息安全攻防靶场关键技术研究", 10, (submit(6.2), to_unit(4.1)), category=2
    ),
    Story(
        "wu",
        SOON,
        "software",
        "面向隐私保护的联邦学习收敛性与公平性研究",
        21,
        (submit(14), to_unit(12.2), to_bureau(10.1)),
    ),
    Story("zheng", OPEN, "software", "AI 辅助的古籍文献修复与𠀀𠀁字形补全方法研究", 1.4, unfinished=True),
    Story(
        "sun",
        CLOSED,
        "software",
        "校园能耗监测平台成果转化",
        45,
        (submit(31), to_unit(28), to_bureau(24), Step("decline", 8, DECLINED)),
    ),
    # 机械工程学院
    Story(
        "feng",
        OPEN,
        "machine",
        "机器人精密减速器疲劳寿命预测与加速试验方法",
        15,
        (submit(10), to_unit(8.1), to_bureau(6.2)),
    ),
    Story(
        "chu",
        OPEN,
        "machine",
        "复杂曲面零件五轴加工误差在线补偿技术研究",
        13,
        (submit(9.3), to_unit(8.2), back(5.8, RETURNED_UNIT)),
    ),
    Story("wei_g", SOON, "machine", "仿生柔性夹爪的变刚度机理与控制方法研究", 9, (submit(1.2),)),
    Story("feng", SOON, "machine", "高速主轴热误差建模的基础理论研究", 0.8, unfinished=True),
    # 生命科学学院
    Story("jiang", OPEN, "life", "抗肿瘤双特异性抗体药物的靶点发现与药效评价", 12, (submit(5.4), to_unit(3.3))),
    Story(
        "shen",
        OPEN,
        "life",
        "柑橘采后病害绿色防控生物制剂研发",
        17,
        (submit(12.1), to_unit(10.2), to_bureau(8.3), back(2.2, RETURNED_BUREAU)),
    ),
    Story(
        "han",
        OPEN,
        "life",
        "基于类器官的中药复方药效物质发现与质量评价",
        18,
        (submit(14.2), to_unit(13.1), to_bureau(12.2), back(9.4, RETURNED_BUREAU), submit(7.1), to_unit(5.2)),
    ),
    # Not sent on in time: shows 已截止.
    Story("han", CLOSED, "life", "道地药材种质资源保护成果转化", 42, (submit(25), to_unit(20))),
    # 机关
    Story("yang", OPEN, "green", "三峡库区消落带生态修复植物筛选与示范", 2.3),
    # The agent's own: only the legal account decides about it.
    Story("zhou_ly", OPEN, "testing", "高校科研仪器开放共享标准体系研究", 8, (submit(3.4), to_unit(1.3)), category=1),
    Story("qin", SOON, "green", "山地城市内涝风险的多尺度评估方法", 19, (submit(11.2), to_unit(9.3), to_bureau(7.4))),
    # 重庆样例先进技术研究院
    Story("he_sf", OPEN, "machine", "特种作业机器人在隧道巡检中的自主导航技术研究", 9, (submit(4.3),)),
    Story("lv", OPEN, "machine", "协作机器人安全力控关键部件研发", 8, (submit(4.6), to_unit(2.5)), category=2),
    Story(
        "shi",
        SOON,
        "testing",
        "微量污染物标准物质定值不确定度评定方法研究",
        16,
        (submit(9.4), to_unit(7.3), to_bureau(5.1)),
    ),
    Story(
        "zhang_lx",
        OPEN,
        "testing",
        "新能源汽车动力电池安全检测装备研发与标准研制",
        21,
        (submit(16.1), to_unit(15.2), to_bureau(13.3), Step("accept", 6.1)),
    ),
    Story("kong", OPEN, "low", "低空飞行器噪声监测与适航符合性验证技术研究", 4, (submit(0.6),)),
    Story(
        "cao",
        OPEN,
        "low",
        "面向山地应急救援的多旋翼无人机与直升机协同投送体系关键技术研究及其在渝东北三峡库区城镇群的集成示范应用和标准研制（一期）",
        16,
        (submit(11.3), to_unit(9.2), back(7.3, RETURNED_UNIT), submit(3.2)),
    ),
    Story("abdu", OPEN, "low", "高原山地低空气象精细化预报与航路规划方法", 9, (submit(6.4), to_unit(3.6))),
    Story(
        "cao",
        CLOSED,
        "low",
        "低空测绘数据快速处理软件成果转化",
        44,
        (submit(29), to_unit(27), to_bureau(23), Step("accept", 9.2)),
    ),
    # 重庆样例智能装备有限公司: no 二级单位, so everything starts in 单位审核
    Story("hua", OPEN, "machine", "高端数控刀具智能产线关键装备研发", 7, (submit(3.5),)),
    Story("jin", OPEN, "machine", "基于机器视觉的汽车零部件柔性装配工作站研发", 5, (submit(1.1),), category=1),
    Story("wei_x", SOON, "machine", "轻量化关节模组的多目标优化设计方法", 15, (submit(6.6),)),
    Story("tao", OPEN, "car", "新能源汽车一体化压铸智能检测装备研发", 12, (submit(7.2), to_bureau(4.4))),
    Story(
        "hua", CLOSED, "machine", "工业机器人焊接工作站成果转化", 41, (submit(26), to_bureau(21), Step("accept", 8.4))
    ),
    Story(
        "jin", SOON, "machine", "机器视觉缺陷检测中的小样本学习方法研究", 12, (submit(7.7), back(5.3, RETURNED_UNIT))
    ),
    Story("wei_x", OPEN, "machine", "智能仓储穿梭机器人能量回收技术研发", 6, (submit(4.7), Step("withdraw", 4.5))),
    Story("tao", SOON, "car", "压铸模具热疲劳裂纹萌生机理研究", 1.6, unfinished=True),
    # 重庆样例生物医药有限公司: the draft is complete, its 单位信息 is not
    Story("xie", OPEN, "life", "长效缓释微球制剂产业化关键技术研发", 2.8),
)
