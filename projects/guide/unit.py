"""For those who act for a 法人单位 or one of its 二级单位. The agent does what the unit does, 账号授权 aside."""

from orgs.enums import Role
from projects.guide.common import MESSAGES, OWN_RECORD, log_in
from projects.guide.parts import Guide, Picture, Task

LOG_IN = log_in(
    "法人用户",
    "用本单位的渝快办法人账号登录",
    Picture("unit-portal", "法人单位的门户首页：用户中心和项目管理系统两个入口，下面是我的待办和通知公告"),
)

UNIT_RECORD = Task(
    "unit",
    "维护单位信息",
    "用户中心 → 单位信息",
    "unit",
    (
        "打开“单位信息”，点【维护单位信息】。",
        "填写联系人、通信地址、研究领域关键词和银行账号。灰色的内容由渝快办带出，不能修改；标红星的必须填写。",
        "点【保存】。有需要修改的地方，页面上方会逐条列出，点一条即到那一项。",
    ),
    (Picture("unit-edit", "维护单位信息：灰色带锁的是渝快办带出的内容，邮政编码等可以填写，下方是【保存】"),),
    ("必填信息没有补全时，本单位的人员不能提交申报书。", "名称等灰色内容有误的，请在渝快办更正，下次登录时更新。"),
)

AUTHORISE = Task(
    "authorise",
    "授权一名法人单位授权人",
    "用户中心 → 账号授权",
    "authorisation",
    (
        "打开“账号授权”，点【新增授权】；已有授权人的点【更改】。",
        "填写授权人的姓名、手机号码和证件号码，点【授权】。",
        "授权人从【个人用户】登录即可办理；还没有登录过的，首次登录时生效。",
    ),
    (Picture("unit-authorise", "账号授权：现任授权人的姓名、手机号码和证件号码，右上角是【更改】和【取消授权】"),),
    (
        "每个单位只有一名授权人。授权人可以办理单位的全部事项，账号授权除外。",
        "授权人不能同时是二级单位管理人员。更改后，原授权人立即失去权限。",
    ),
)

DEPARTMENTS = Task(
    "departments",
    "设置二级单位和管理人员",
    "用户中心 → 二级单位",
    "departments",
    (
        "打开“二级单位”，点【新增二级单位】。",
        "填写二级单位（部门）名称，管理人员的姓名、手机和身份证号码，点【保存】。",
        "部门多的点【导入】，用 Excel 一次新增：先预览每一格的问题，全部正确才导入。",
        "换管理人员点【编辑】；不再需要的点【删除】。还有人员或申报书关联的不能删除，页面会说明先办什么。",
    ),
    (Picture("unit-departments", "二级单位列表：名称、管理人员、手机号码，每行有【编辑】和【删除】"),),
    (
        "设有二级单位的，人员的个人信息和申报书先由二级单位管理人员审核。",
        "一个二级单位一名管理人员，一人只管一个二级单位。",
    ),
)

REVIEW_STEPS = (
    "打开“个人信息审核”。待审核的在最前，等得最久的在最上面；也可以按姓名、证件号码、工作单位、状态查询。",
    "点【审核】，对照原值和新值，需要时打开佐证材料。",
    "无误的点【审核通过】；有问题的点【审核不通过】，填写驳回原因，点【确认】。本人会收到消息，修改后可以再次提交。",
    "人数多的，在列表中勾选后点【审核通过】或【审核不通过】，一次办完，逐条给出结果。",
)
REVIEWS_OF_UNIT = Task(
    "reviews",
    "审核个人信息",
    "用户中心 → 个人信息审核",
    "reviews",
    REVIEW_STEPS,
    (
        Picture(
            "unit-reviews",
            "个人信息审核列表：每行有姓名、遮盖的号码、学历、职称、状态，勾选后下方是【审核通过】和【审核不通过】",
        ),
    ),
    (
        "选了二级单位的人员由二级单位审核，不在单位的列表中；二级单位管理人员本人的由单位审核。",
        "列表中的号码只显示一部分。要看完整号码，打开一条后点【显示】并填写原因，将记入审计记录。",
    ),
)

PROPOSALS_OF_UNIT = Task(
    "proposals",
    "审核申报书，提交至科技局",
    "项目管理系统 → 本单位的项目",
    "proposals",
    (
        "打开“本单位的项目”。等您办理的在前，状态为“单位审核”；其他状态的点【查看】。",
        "点【处理】，逐个页签查看申报信息；再次提交的，页面上方写明与上一次相比改了哪几处。",
        "同意的点【提交至科技局】；要修改的点【退回】，填写原因，退回至负责人。",
        "要一次办理多份的，勾选后点【批量提交】：先看每份能不能提交，再确认；办完逐份给出结果。",
    ),
    (
        Picture("unit-projects", "本单位的项目：按状态筛选，勾选两份后下方是【批量提交】"),
        Picture(
            "unit-proposal", "处理一份申报书：左边是申报信息的页签，右边是办理进度，下方是【提交至科技局】和【退回】"
        ),
    ),
    ("请在单位审核截止前办完；逾期的，须由科技局延期后才能提交。",),
)

UNIT_GUIDE = Guide(
    Role.LEGAL,
    "building-2",
    "以单位的渝快办法人账号登录，维护单位信息，授权，审核",
    (LOG_IN, UNIT_RECORD, AUTHORISE, DEPARTMENTS, REVIEWS_OF_UNIT, PROPOSALS_OF_UNIT, MESSAGES),
)

AGENT_LOG_IN = log_in(
    "个人用户",
    "用本人的渝快办账号登录",
    Picture("agent-portal", "授权人的门户首页：名字下面写明身份是法人单位授权人，下面是我的待办"),
    "系统按渝快办核验的证件号码认出授权人，不需要另外申请。",
)

AGENT_GUIDE = Guide(
    Role.AGENT,
    "user-round-cog",
    "单位授权的一名个人，办理账号授权以外的单位事项",
    (
        AGENT_LOG_IN,
        OWN_RECORD,
        UNIT_RECORD,
        DEPARTMENTS,
        REVIEWS_OF_UNIT,
        Task(
            PROPOSALS_OF_UNIT.key,
            PROPOSALS_OF_UNIT.title,
            PROPOSALS_OF_UNIT.where,
            PROPOSALS_OF_UNIT.address,
            PROPOSALS_OF_UNIT.steps,
            PROPOSALS_OF_UNIT.pictures,
            (*PROPOSALS_OF_UNIT.notes, "您本人的个人信息和申报书不能由您审核，在单位一级由法人账号办理。"),
        ),
        MESSAGES,
    ),
)

MANAGER_LOG_IN = log_in(
    "个人用户",
    "用本人的渝快办账号登录",
    Picture("manager-portal", "二级单位管理人员的门户首页：待审核的个人信息和待处理的申报书列在我的待办中"),
    "单位设置管理人员时填写的身份证号码与渝快办核验的一致，首次登录即有权限。",
)

MANAGER_GUIDE = Guide(
    Role.MANAGER,
    "users",
    "审核本部门人员的个人信息和申报书",
    (
        MANAGER_LOG_IN,
        OWN_RECORD,
        Task(
            "reviews",
            "审核个人信息",
            "用户中心 → 个人信息审核",
            "reviews",
            REVIEW_STEPS,
            (
                Picture("manager-reviews", "个人信息审核列表：待审核的在最前，每行右边是【审核】，勾选后可以一并办理"),
                Picture("manager-review", "审核一个人的变更：原值和新值并排，下方是【审核通过】和【审核不通过】"),
            ),
            ("您本人的个人信息由单位审核。",),
        ),
        Task(
            "proposals",
            "审核申报书，提交至单位",
            "项目管理系统 → 本单位的项目",
            "proposals",
            (
                "打开“本单位的项目”。等您办理的在前，状态为“部门审核”；其他状态的点【查看】。",
                "点【处理】，逐个页签查看申报信息。",
                "同意的点【项目申报审核（单位）】，进入单位审核；要修改的点【退回】，填写原因，退回至负责人。",
                "要一次办理多份的，勾选后点【批量提交】，办完逐份给出结果。",
            ),
            (
                Picture(
                    "manager-projects",
                    "本部门的申报书：部门审核的在前，每行右边是【处理】，勾选两份后下方是【批量提交】",
                ),
                Picture("manager-proposal", "处理一份申报书：下方是【项目申报审核（单位）】和【退回】"),
            ),
            ("您本人主持的申报书直接进入单位审核。",),
        ),
        MESSAGES,
    ),
)
