"""Who there is: units with their 二级单位, and people with what became of their 个人信息. Plain data.

"Days" are days before now. Everything is invented; `projects.demo` says how that can be seen.
"""

from dataclasses import dataclass, field
from datetime import date

from orgs.enums import GrantRole


@dataclass(frozen=True)
class DemoUnit:
    """A unit: what 渝快办 states about it, what it filled in (`info`), its 二级单位, and why it is `suspended`."""

    key: str
    name: str
    serial: int
    prefix: str
    stated: dict
    info: dict = field(default_factory=dict)
    departments: tuple[str, ...] = ()
    joined: int = 120
    suspended: str = ""


@dataclass(frozen=True)
class Submitted:
    """One submission of 个人信息: when, what was changed over the person's own values, and the decision if any."""

    days: float
    changes: dict = field(default_factory=dict)
    decided: float | None = None
    refused: str = ""


@dataclass(frozen=True)
class DemoPerson:
    """A 个人用户: their values, the grant they hold, and their submissions in order."""

    key: str
    name: str
    sex: str
    born: date
    unit: str = ""
    department: str = ""
    education: str = "11"
    degree: str = "2"
    title_level: str = "412"
    position: str = "副研究员"
    major: str = ""
    submissions: tuple[Submitted, ...] = ()
    role: GrantRole | None = None
    joined: float | None = 80
    stated: tuple[str, ...] = ("id_number", "phone_number", "email")


UNIVERSITY, INSTITUTE, COMPANY, PHARMA, NEWCOMER = "university", "institute", "company", "pharma", "newcomer"
CONSULTANTS = "consultants"

UNITS = (
    DemoUnit(
        UNIVERSITY,
        "重庆样例大学（虚构）",
        serial=1,
        prefix="12",
        stated={
            "legal_rep_name": "样例校长",
            "registered_on": "1986-09-01",
            "registered_capital": "125600",
            "registration_type": "950",
            "district": "500106",
            "address": "重庆市沙坪坝区样例路 1 号（虚构）",
        },
        info={
            "postcode": "400030",
            "nature": "20",
            "new_area": "CQ02",
            "industry": "P83",
            "contact_name": "样例科研处",
            "contact_mobile": "16900000101",
            "contact_phone": "023-20000101",
            "email": "university@example.com",
            "keywords": ["人工智能", "智能制造", "生命科学", "生态环境"],
            "bank_name": "样例银行重庆沙坪坝支行（虚构）",
            "bank_account": "999990000000000101",
            "bank_code": "999653000014",
        },
        departments=("软件学院", "计算机学院", "机械工程学院", "生命科学学院", "环境学院", "机关"),
    ),
    DemoUnit(
        INSTITUTE,
        "重庆样例先进技术研究院（虚构）",
        serial=2,
        prefix="12",
        stated={
            "legal_rep_name": "样例院长",
            "registered_on": "2015-03-18",
            "registered_capital": "8000",
            "registration_type": "950",
            "district": "500157",
            "address": "重庆市两江新区样例大道 2 号（虚构）",
        },
        info={
            "postcode": "401120",
            "nature": "31",
            "new_area": "CQ01",
            "industry": "M73",
            "contact_name": "样例科技处",
            "contact_mobile": "16900000102",
            "contact_phone": "023-20000102",
            "email": "institute@example.com",
            "keywords": ["机器人", "检验检测", "低空技术"],
            "bank_name": "样例银行重庆两江支行（虚构）",
            "bank_account": "999990000000000102",
            "bank_code": "999653000014",
        },
        departments=("机器人研究所", "检测认证中心", "低空技术研究所"),
    ),
    DemoUnit(
        COMPANY,
        "重庆样例智能装备有限公司（虚构）",
        serial=3,
        prefix="91",
        stated={
            "legal_rep_name": "样例董事长",
            "registered_on": "2012-06-06",
            "registered_capital": "5000",
            "paid_in_capital": "3200.5",
            "registration_type": "112",
            "district": "500107",
            "address": "重庆市九龙坡区样例工业园 3 号（虚构）",
        },
        info={
            "postcode": "400050",
            "nature": "12",
            "new_area": "CQ02",
            "industry": "C34",
            "contact_name": "样例项目部",
            "contact_mobile": "16900000103",
            "contact_phone": "023-20000103",
            "email": "company@example.com",
            "keywords": ["智能装备", "工业机器人", "机器视觉"],
            "bank_name": "样例银行重庆九龙坡支行（虚构）",
            "bank_account": "999990000000000103",
            "bank_code": "999653000014",
        },
    ),
    DemoUnit(
        PHARMA,
        "重庆样例生物医药有限公司（虚构）",
        serial=4,
        prefix="91",
        stated={
            "legal_rep_name": "样例经理",
            "registered_on": "2019-11-11",
            "registered_capital": "2000",
            "registration_type": "119",
            "district": "500113",
            "address": "重庆市巴南区样例生物城 4 号（虚构）",
        },
        # 银行账号 and E-mail are still missing, so nobody of this unit can submit.
        info={"nature": "12", "industry": "C27", "contact_name": "样例行政部", "contact_mobile": "16900000104"},
        joined=60,
    ),
    # Logged in once; 渝快办 states next to nothing about it, and it has filled in nothing.
    DemoUnit(NEWCOMER, "重庆样例新材料科技有限公司（虚构）", serial=5, prefix="91", stated={}, joined=0.1),
    # 科技局 has suspended it.
    DemoUnit(
        CONSULTANTS,
        "重庆样例科技咨询有限公司（虚构）",
        serial=6,
        prefix="91",
        stated={"legal_rep_name": "样例执行董事", "district": "500105", "registration_type": "119"},
        info={
            "nature": "12",
            "industry": "M75",
            "contact_name": "样例综合部",
            "contact_mobile": "16900000106",
            "contact_phone": "023-20000106",
            "email": "consultants@example.com",
            "bank_name": "样例银行重庆江北支行（虚构）",
            "bank_account": "999990000000000106",
            "bank_code": "999653000014",
        },
        joined=90,
        suspended="营业执照已被吊销，待提交新的证明材料",
    ),
)

AGENT, MANAGER = GrantRole.AGENT, GrantRole.MANAGER
SOFTWARE, COMPUTING, MECHANICS, LIFE, ENVIRONMENT, OFFICE = UNITS[0].departments
ROBOTS, TESTING, LOW_ALTITUDE = UNITS[1].departments
MASTER = {"education": "14", "degree": "3"}
SENIOR = {"title_level": "411", "position": "教授"}
JUNIOR = {"title_level": "420", "position": "讲师"}
FIRST = (Submitted(75, decided=73),)
"""Submitted once and approved."""

PEOPLE = (
    # 重庆样例大学: managers and agent
    DemoPerson(
        "chen", "陈样安", "1", date(1974, 3, 12), UNIVERSITY, SOFTWARE, **SENIOR, submissions=FIRST, role=MANAGER
    ),
    DemoPerson(
        "lin",
        "林例舟",
        "2",
        date(1979, 7, 5),
        UNIVERSITY,
        COMPUTING,
        title_level="412",
        position="副教授",
        # A manager's own change goes to the unit.
        submissions=(*FIRST, Submitted(1.2, {"title_level": "411", "position": "教授、副院长"})),
        role=MANAGER,
    ),
    DemoPerson(
        "he", "何拟川", "1", date(1977, 1, 30), UNIVERSITY, MECHANICS, **SENIOR, submissions=FIRST, role=MANAGER
    ),
    DemoPerson("ouyang", "欧阳试宁", "2", date(1981, 11, 2), UNIVERSITY, LIFE, submissions=FIRST, role=MANAGER),
    # Named as manager and never logged in: what goes to 环境学院 waits.
    DemoPerson("wei_cl", "魏测澜", "2", date(1983, 5, 21), UNIVERSITY, ENVIRONMENT, role=MANAGER, joined=None),
    DemoPerson(
        "su", "苏样和", "2", date(1985, 9, 9), UNIVERSITY, OFFICE, **MASTER, **JUNIOR, submissions=FIRST, role=MANAGER
    ),
    DemoPerson(
        "zhou_ly",
        "周例言",
        "1",
        date(1980, 4, 16),
        UNIVERSITY,
        OFFICE,
        position="科研处副处长",
        submissions=FIRST,
        role=AGENT,
    ),
    # 软件学院
    DemoPerson(
        "zhang", "张样明", "1", date(1984, 2, 29), UNIVERSITY, SOFTWARE, major="软件工程", submissions=FIRST, **SENIOR
    ),
    DemoPerson("wang", "王𬀩例", "1", date(1988, 8, 18), UNIVERSITY, SOFTWARE, major="人工智能", submissions=FIRST),
    DemoPerson("ayi", "阿依古丽·样例", "2", date(1990, 6, 1), UNIVERSITY, SOFTWARE, submissions=FIRST, **JUNIOR),
    DemoPerson("liu", "刘试", "1", date(1986, 12, 24), UNIVERSITY, SOFTWARE, major="信息安全", submissions=FIRST),
    DemoPerson(
        "huang",
        "黄拟涛",
        "1",
        date(1989, 10, 10),
        UNIVERSITY,
        SOFTWARE,
        submissions=(*FIRST, Submitted(2.1, {"title_level": "411", "position": "研究员"})),
        title_level="412",
    ),
    DemoPerson(
        "zhao", "赵测远", "1", date(1993, 4, 4), UNIVERSITY, SOFTWARE, submissions=(Submitted(5.3),), joined=6, **JUNIOR
    ),
    DemoPerson(
        "fan",
        "范样雪",
        "2",
        date(1992, 1, 15),
        UNIVERSITY,
        SOFTWARE,
        joined=9,
        submissions=(
            Submitted(
                8.4, {"title_level": "412"}, decided=6.2, refused="职称证书上是“讲师（中级）”，请按证书填写职称。"
            ),
            Submitted(1.1),
        ),
        **JUNIOR,
    ),
    # 计算机学院
    DemoPerson("sun", "孙样棋", "1", date(1987, 3, 3), UNIVERSITY, COMPUTING, submissions=FIRST),
    DemoPerson("zhou_f", "周𫖯例", "1", date(1991, 7, 20), UNIVERSITY, COMPUTING, submissions=FIRST, **JUNIOR),
    DemoPerson("wu", "吴例", "2", date(1982, 9, 27), UNIVERSITY, COMPUTING, submissions=FIRST, **SENIOR),
    DemoPerson("zheng", "郑拟源", "1", date(1990, 2, 11), UNIVERSITY, COMPUTING, submissions=FIRST, **JUNIOR),
    DemoPerson(
        "lu",
        "陆试瑶",
        "2",
        date(1995, 5, 5),
        UNIVERSITY,
        COMPUTING,
        joined=12,
        submissions=(
            Submitted(
                11, decided=9, refused="工作单位填写有误：您的人事关系在机械工程学院，请改选二级单位后再次提交。"
            ),
        ),
        **MASTER,
        **JUNIOR,
    ),
    # 机械工程学院
    DemoPerson("feng", "冯试铭", "1", date(1976, 6, 6), UNIVERSITY, MECHANICS, submissions=FIRST, **SENIOR),
    DemoPerson("chu", "褚样锋", "1", date(1985, 8, 8), UNIVERSITY, MECHANICS, submissions=FIRST),
    DemoPerson("wei_g", "卫例刚", "1", date(1988, 11, 11), UNIVERSITY, MECHANICS, submissions=FIRST),
    # 生命科学学院
    DemoPerson("jiang", "蒋测雯", "2", date(1986, 4, 23), UNIVERSITY, LIFE, major="药理学", submissions=FIRST),
    DemoPerson("shen", "沈样禾", "2", date(1983, 10, 1), UNIVERSITY, LIFE, major="生物化学", submissions=FIRST),
    DemoPerson("han", "韩𬭎例", "1", date(1979, 12, 31), UNIVERSITY, LIFE, submissions=FIRST, **SENIOR),
    # 环境学院, 机关
    DemoPerson(
        "yang",
        "杨例溪",
        "2",
        date(1989, 3, 28),
        UNIVERSITY,
        OFFICE,
        submissions=(*FIRST, Submitted(3.2, {"department": ENVIRONMENT, "position": "副教授"})),
    ),
    DemoPerson(
        "zhu",
        "朱试清",
        "1",
        date(1994, 9, 13),
        UNIVERSITY,
        ENVIRONMENT,
        joined=7,
        submissions=(Submitted(6.5),),
        **JUNIOR,
    ),
    DemoPerson("qin", "秦样文", "1", date(1984, 1, 1), UNIVERSITY, OFFICE, submissions=FIRST),
    # 重庆样例先进技术研究院
    DemoPerson("sima", "司马例川", "1", date(1975, 5, 15), INSTITUTE, ROBOTS, submissions=FIRST, role=MANAGER),
    DemoPerson("xu", "许拟恒", "1", date(1980, 8, 20), INSTITUTE, TESTING, submissions=FIRST, role=MANAGER),
    DemoPerson("you", "尤样岚", "2", date(1984, 6, 18), INSTITUTE, LOW_ALTITUDE, submissions=FIRST, role=MANAGER),
    DemoPerson("he_sf", "何试峰", "1", date(1986, 2, 14), INSTITUTE, ROBOTS, major="机器人学", submissions=FIRST),
    DemoPerson("lv", "吕测航", "1", date(1990, 10, 30), INSTITUTE, ROBOTS, submissions=FIRST, **MASTER),
    DemoPerson("shi", "施𬍛例", "2", date(1987, 7, 7), INSTITUTE, TESTING, submissions=FIRST),
    DemoPerson("zhang_lx", "张例翔", "1", date(1982, 3, 19), INSTITUTE, TESTING, submissions=FIRST),
    DemoPerson(
        "dong",
        "董样琪",
        "2",
        date(1996, 12, 12),
        INSTITUTE,
        TESTING,
        joined=5,
        submissions=(Submitted(4.5, decided=3.1, refused="最高学位与学历不一致，请核对后再次提交。"),),
        education="14",
        degree="4",
        title_level="430",
        position="助理研究员",
    ),
    DemoPerson("kong", "孔样骏", "1", date(1985, 5, 25), INSTITUTE, LOW_ALTITUDE, submissions=FIRST),
    DemoPerson("cao", "曹拟云", "2", date(1983, 11, 17), INSTITUTE, LOW_ALTITUDE, submissions=FIRST, **SENIOR),
    DemoPerson(
        "abdu",
        "阿卜杜热合曼·样例·买买提艾力·尼加提江",
        "1",
        date(1988, 4, 8),
        INSTITUTE,
        LOW_ALTITUDE,
        submissions=FIRST,
    ),
    DemoPerson(
        "pan", "潘试舒", "2", date(1994, 2, 2), INSTITUTE, LOW_ALTITUDE, submissions=(Submitted(0.4),), joined=0.6
    ),
    # 重庆样例智能装备有限公司 (no 二级单位)
    DemoPerson(
        "yan",
        "严例诚",
        "1",
        date(1982, 6, 26),
        COMPANY,
        position="项目部经理",
        title_level="420",
        **MASTER,
        submissions=FIRST,
        role=AGENT,
    ),
    DemoPerson("hua", "华样工", "1", date(1978, 9, 1), COMPANY, position="总工程师", submissions=FIRST),
    DemoPerson("jin", "金试程", "1", date(1986, 10, 16), COMPANY, position="高级工程师", **MASTER, submissions=FIRST),
    DemoPerson("wei_x", "魏例新", "2", date(1989, 1, 9), COMPANY, position="高级工程师", submissions=FIRST),
    DemoPerson("tao", "陶拟杰", "1", date(1984, 12, 3), COMPANY, position="研发总监", submissions=FIRST),
    DemoPerson(
        "jiang_h",
        "姜测华",
        "2",
        date(1991, 3, 8),
        COMPANY,
        title_level="420",
        position="工程师",
        **MASTER,
        submissions=(*FIRST, Submitted(2.6, {"title_level": "412", "position": "高级工程师"})),
    ),
    DemoPerson(
        "qi",
        "戚样帆",
        "1",
        date(1995, 7, 30),
        COMPANY,
        education="21",
        degree="4",
        title_level="430",
        position="助理工程师",
        joined=6,
        submissions=(Submitted(5.8),),
    ),
    # 重庆样例生物医药有限公司 (its 单位信息 is incomplete)
    DemoPerson(
        "xie", "谢例康", "1", date(1985, 4, 1), PHARMA, position="研发经理", submissions=(Submitted(50, decided=49),)
    ),
    DemoPerson(
        "zou", "邹样宁", "2", date(1992, 8, 6), PHARMA, position="研究员", submissions=(Submitted(1.9),), joined=2.5
    ),
    # Nothing submitted yet
    DemoPerson("yu", "喻试安", "2", date(1997, 6, 15), joined=1.5),
    DemoPerson("zhang_cr", "章测如", "2", date(1996, 4, 14), joined=0.9),
    DemoPerson("shui", "水样", "1", date(1998, 10, 20), joined=0.3, stated=("id_number",)),
    # 渝快办 states no 证件号码: they may log in, and what they type is reviewed.
    DemoPerson("bai", "柏例知", "2", date(1990, 12, 8), joined=3, stated=("phone_number", "email")),
)

OFFICER, ADMINISTRATOR = "kjj", "admin"
STAFF = (
    (OFFICER, "样例科员", "科技局工作人员（受理申报书）", False, "kjj-demo-2026"),
    (ADMINISTRATOR, "样例管理员", "管理员（管理后台）", True, "admin-demo-2026"),
)
"""`(username, name, role, superuser, password)`; the passwords are for development only."""
