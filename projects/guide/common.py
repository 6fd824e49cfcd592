"""What the guides of several roles have in common: the login, 个人信息, 消息."""

from projects.guide.parts import Picture, Task

LOGIN_PAGE = Picture("login", "登录页：【法人用户】和【个人用户】两个入口，下面有注册的链接和技术支持电话")


def log_in(entrance, with_what, portal, how_known=""):
    """The first task of a role: through which entrance, with whose account, and what comes first."""
    return Task(
        "login",
        "登录",
        "登录页",
        "login",
        (
            f"点【{entrance}】，{with_what}。没有账号的，先到渝快办注册。",
            "首次登录先阅读个人信息保护告知，点【我已阅读并知悉】。",
            "登录后是门户首页：上方是最近的截止时间，“我的待办”列出等您办理的事项，等得最久的在最上面。",
        ),
        (LOGIN_PAGE, portal),
        (
            *([how_known] if how_known else []),
            "30 分钟没有操作即退出，退出前会提醒；填写中的内容登录后可以恢复。",
            "要大一些的字，点页面右上角的“大字版”。",
        ),
    )


MESSAGES = Task(
    "messages",
    "看消息",
    "页面右上角 → 消息",
    "messages",
    (
        "页面右上角“消息”旁的数字是未读条数。申报书送到您这里，您的事项办完或被退回，都有一条消息；待审核的个人信息列在门户首页的“我的待办”中。",
        "点【查看】，即到那件事的页面；看过的可以点【全部标为已读】。",
        "渝快办账号登记了 E-mail 的，同时收到邮件。截止前 72、24、2 小时各提醒一次。",
    ),
)

OWN_RECORD = Task(
    "person",
    "填写本人的个人信息",
    "用户中心 → 个人信息",
    "person",
    (
        "打开“个人信息”，点【维护个人信息】。",
        "选择工作单位：只能选已经注册的单位，输入名称中的几个字即可查找。单位设有二级单位的，还要选一个。",
        "填写学历、学位、职称、职务等，上传学历、学位、职称证书。",
        "点【保存并提交审核】。审核通过后即可申报项目；不通过的，看驳回原因，修改后再次提交。",
    ),
    (
        Picture("person", "个人信息：标题旁是状态，右上角是【维护个人信息】，下面是基本信息"),
        Picture("person-edit", "维护个人信息：灰色带锁的不能修改，需审核的内容都有注明，下方是【保存并提交审核】"),
    ),
    (
        "修改证件号码、工作单位、最高学历、最高学位、职称、职务要审核，其他内容保存即生效。",
        "变更待审期间，此前审核通过的内容继续有效，不影响申报。",
    ),
)
