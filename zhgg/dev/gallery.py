"""/dev/components/: every component in every state, drawn from made-up values. Development only.

`?layout=` shows the same page in another layout (projects, user_centre, plain), `?error=404` an error page.
"""

from collections import namedtuple
from datetime import UTC, datetime
from types import SimpleNamespace

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django_filters.widgets import DateRangeWidget

from zhgg.kit.answers import error_page
from zhgg.kit.tables import Table
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.ui import ActionsColumn, Badge, Fact, Link, Masked, RowCheckColumn, TimelineItem, row_action

LAYOUTS = ("projects", "user_centre", "plain")
ERRORS = (400, 403, 404, 409, 413, 429, 500, 503)

ACTOR = SimpleNamespace(
    name="周岚",
    role="agent",
    role_label="法人单位授权人",
    unit_name="重庆江合智能装备研究院有限公司",
    department_name="",
    is_authenticated=True,
)
Group = namedtuple("Group", ["label", "items"])
SITE = {
    "scale": "",
    "demo": True,
    "unread": 3,
    "support_phones": ["023-67035473", "023-67605796"],
    "tabs": (
        Link("个人信息", "#"),
        Link("单位信息", "#", current=True),
        Link("二级单位", "#"),
        Link("个人信息审核", "#", count=12),
    ),
    "menu": (
        Group(
            "项目管理",
            (
                Link("本单位的项目", "#", count=11592, current=True, icon="folder-kanban"),
                Link("我的申报", "#", icon="file-pen-line"),
            ),
        ),
        Group("申报服务", (Link("申报通知", "#", icon="megaphone"),)),
    ),
}

STATES = {
    "draft": Badge("未提交", "draft", "file-pen-line", note="被退回 11-20"),
    "department": Badge("部门审核", "info", "users"),
    "unit": Badge("单位审核", "todo", "building-2", note="已等待 2 天"),
    "bureau": Badge("科技局审核", "info", "landmark"),
    "passed": Badge("审核已通过", "ok", "circle-check"),
    "refused": Badge("审核不通过", "bad", "circle-x"),
    "ended": Badge("不予受理", "mute", "circle-slash"),
}
PROJECTS = [
    ("山地城市低空物流无人机集群调度关键技术研究与应用", "STX0147", "张启航", "机器人研究所", "200", "unit"),
    ("面向汽车轻量化的高强镁合金一体化压铸工艺开发", "STX0152", "夏雨晴", "先进材料研究所", "300", "unit"),
    ("六维力传感器国产化与整机标定技术", "STX0161", "熊振宇", "机器人研究所", "150", "department"),
    ("智能网联汽车软件在环测试平台", "KPX0078", "贺子昂", "检测认证中心", "500", "bureau"),
]


class Projects(Table):
    """A list with a batch bar."""

    caption = "本单位的项目"
    check = RowCheckColumn(accessor="number", may=lambda row: row["state"] == "unit", name_of=lambda row: row["title"])
    title = tables.TemplateColumn(
        '<a class="title" href="#">{{ record.title }}</a><span class="sub num">{{ record.number }}</span>',
        verbose_name="项目名称",
        orderable=False,
    )
    leader = tables.TemplateColumn(
        '{{ record.leader }}<span class="sub">{{ record.department }}</span>',
        verbose_name="负责人",
        attrs={"td": {"class": "nw"}},
        orderable=False,
    )
    money = tables.Column(verbose_name="申请经费（万元）", attrs={"td": {"class": "r"}}, orderable=False)
    state = tables.Column(verbose_name="状态", attrs={"td": {"class": "c-badge nw"}}, orderable=False)
    updated = tables.Column(verbose_name="最近更新时间", attrs={"td": {"class": "nw", "data-label": "更新时间"}})
    actions = ActionsColumn(
        lambda row: row_action(
            "处理" if row["state"] == "unit" else "查看",
            "#",
            row["title"],
            tone="todo" if row["state"] == "unit" else "",
        )
    )

    def render_state(self, value):
        return draw_badge(STATES[value])


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="单位名称", initial="重庆江合智能装备研究院有限公司")
    mobile = forms.CharField(label="单位联系人手机", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    mail = forms.EmailField(label="E-mail", help_text="用于接收审核结果")
    capital = forms.DecimalField(label="注册资本", required=False, widget=forms.TextInput)
    zone = forms.ChoiceField(label="单位所在新区", choices=[("", "请选择"), ("lj", "两江新区"), ("no", "不在新区")])
    born = forms.DateField(label="出生日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(label="性别", choices=[("m", "男"), ("f", "女")], widget=forms.RadioSelect)
    kinds = forms.MultipleChoiceField(
        label="成果形式", choices=[("s", "软件"), ("p", "专利")], widget=forms.CheckboxSelectMultiple, required=False
    )
    agreed = forms.BooleanField(label="已阅读并同意填报须知")
    words = forms.CharField(label="研究领域关键词", required=False, help_text="3–5 个，用逗号分隔")
    reason = forms.CharField(label="驳回原因", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].read_only = self.fields["name"].disabled = True
        self.fields["capital"].suffix = "万元"
        self.fields["words"].show_optional = True
        self.fields["words"].span = self.fields["reason"].span = "full"


class Conditions(forms.Form):
    """The conditions of 个人信息审核."""

    name = forms.CharField(label="姓名", required=False)
    number = forms.CharField(label="证件号码", required=False)
    phone = forms.CharField(label="手机号码", required=False)
    unit = forms.CharField(label="工作单位", required=False)
    updated = forms.Field(label="更新时间", required=False, widget=DateRangeWidget(attrs={"type": "date"}))
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("waiting", "待审核")])


@login_not_required
def gallery(request):
    """The page of all components."""
    if error := request.GET.get("error"):
        if not error.isdigit() or int(error) not in ERRORS:
            raise Http404
        return error_page(int(error))
    layout = request.GET.get("layout", "projects")
    if layout not in LAYOUTS:
        raise Http404
    request.actor = ACTOR
    messages.success(request, "保存成功。单位联系人手机已更新，下次登录时生效。")
    messages.error(request, "张启航的申报书 10:41 已被退回，没有重复办理。")
    rows = [
        {
            "title": title,
            "number": f"CSTB2026TIAD-{number}",
            "leader": leader,
            "department": department,
            "money": money,
            "state": state,
            "updated": "2026-11-21 16:40",
        }
        for title, number, leader, department, money, state in PROJECTS
    ]
    table = Projects(rows, order_by="-updated", request=request)
    moment = datetime(2026, 11, 19, 5, 9, tzinfo=UTC)
    return render(
        request,
        "ui/gallery.html",
        {
            "layout": f"layouts/{layout}.html",
            "site": SITE,
            "states": STATES.values(),
            "routes": [
                [("部门", "later"), ("单位", "later"), ("科技局", "later")],
                [("部门", "now"), ("单位", "later"), ("科技局", "later")],
                [("部门", "done"), ("单位", "now"), ("科技局", "later")],
                [("单位", "done"), ("科技局", "now")],
            ],
            "form": Example({"mobile": "1390000", "capital": "500", "sex": "m", "zone": "lj", "reason": ""}),
            "conditions": Conditions(),
            "table": table,
            "page": Paginator(range(1592), 20).page(7),
            "chips": [
                Link("全部", "?", count=1592, current=True),
                Link("待审核", "?state=waiting", count=12, icon="hourglass", todo=True),
                Link("审核已通过", "?state=passed", count=1549, icon="circle-check"),
            ],
            "tabs": [
                Link("项目基本信息", "#", current=True),
                Link("项目组成员", "#", count=14),
                Link("经费预算", "#"),
                Link("附件材料", "#", count=6, todo=True),
            ],
            "rows": [
                Fact("单位名称", "重庆江合智能装备研究院有限公司"),
                Fact("注册时间", moment),
                Fact("E-mail", ""),
                Fact("法定代表人证件号码", Masked("unit", 1, "500112197003124217")),
                Fact("单位联系人手机", Masked("unit-phone", 1, "13900004471", "phone")),
                Fact("银行账号", Masked("unit-bank", 1, "1201880620146635", "bank")),
                Fact("状态", STATES["passed"]),
                Fact("是否涉密", False),
                Fact("研究领域关键词", ["智能装备", "工业机器人", "镁合金"], full=True),
            ],
            "history": [
                TimelineItem("next", "科技局审核"),
                TimelineItem("now", "等待本单位审核", when=moment, note="已等待 3 天"),
                TimelineItem("done", "重新提交", who="韩明哲", when=moment, icon="send"),
                TimelineItem("back", "审核不通过", who="周岚", when=moment, quote="缺少职称证书，请补传后重新提交。"),
                TimelineItem("done", "提交审核", who="韩明哲", when=moment, icon="send"),
            ],
        },
    )
