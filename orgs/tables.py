"""How lists of 二级单位 and of grants look."""

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.enums import Kind
from orgs import codes, particulars, usage
from orgs.enums import Role
from zhgg.kit.fields import to_show
from zhgg.kit.icons import draw_icon
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.moments import moment
from zhgg.kit.tables import Table
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.ui import ActionsColumn, Badge, row_action

LONGEST_SHOWN = 60
NARROW = {"td": {"class": "nw"}}
NUMBER = {"td": {"class": "nw num"}}
RIGHT = {"td": {"class": "nw num r"}}
FIRST_LOGIN = Badge("待首次登录", "info", "hourglass")
NO_MANAGER = Badge("未设置", "bad", "triangle-alert")
SUCCEEDED = Badge("成功", "ok", "circle-check")
WAS_REFUSED = Badge("被拒绝", "bad", "circle-x")
UNIT_ACTIVE = Badge("正常", "ok", "circle-check")
UNIT_SUSPENDED = Badge("已停用", "bad", "ban")


class DepartmentTable(Table):
    """二级单位 with their managers. Numbers are masked; in full they are shown on the page of one of them.

    Rows carry the figures of `orgs.usage`, and in `managers` the grant in force with its `has_login`.
    """

    name = tables.Column("二级单位（部门）名称")
    manager = tables.Column("管理人员", empty_values=())
    mobile = tables.Column("手机号码", empty_values=(), attrs=NUMBER)
    id_number = tables.Column("身份证号码", empty_values=(), attrs=NUMBER)
    people = tables.Column("关联人员", empty_values=(), attrs=RIGHT)
    waiting = tables.Column("待办", empty_values=(), attrs=RIGHT)

    caption = "二级单位"

    class Meta:
        orderable = False

    def __init__(self, rows, **options):
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    @staticmethod
    def actions_of(record):
        """【编辑】 and 【删除】."""
        return [
            row_action("编辑", reverse("department-edit", args=[record.pk]), record.name),
            row_action("删除", reverse("department-delete", args=[record.pk]), record.name, tone="danger"),
        ]

    def render_name(self, record):
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.name)

    def render_manager(self, record):
        if not record.managers:
            return format_html("<span>{}</span>", draw_badge(NO_MANAGER))
        [manager] = record.managers
        badge = "" if manager.has_login else draw_badge(FIRST_LOGIN)
        return format_html("<span>{} {}</span>", manager.holder_name, badge)

    def render_mobile(self, record):
        return mask_phone(record.managers[0].holder_mobile) if record.managers else "—"

    def render_id_number(self, record):
        return mask_id(to_show(record.managers[0], "holder_id_number")) if record.managers else "—"

    def render_people(self, record):
        return f"{usage.figures(record).people:,} 人"

    def render_waiting(self, record):
        figures = usage.figures(record)
        parts = "，".join(f"{label} {number:,}" for label, number in figures.waiting)
        return format_html('<span>{}<span class="sub">{}</span></span>', figures.waiting_total, parts) if parts else "0"


class BureauDepartmentTable(DepartmentTable):
    """二级单位 of a unit as 科技局 sees them: to look at, and to end a wrong grant.

    The table stands beside another column, so the 手机号码 stands under the name.
    """

    class Meta(DepartmentTable.Meta):
        exclude = ("mobile",)

    @staticmethod
    def actions_of(record):
        """【结束授权】 where there is a manager."""
        if not record.managers:
            return []
        [manager] = record.managers
        url = reverse("bureau-grant-end", args=[manager.pk])
        return row_action("结束授权", url, f"{record.name} {manager.holder_name}", tone="danger")

    def render_name(self, record):
        return record.name

    def render_manager(self, record):
        mobile = mask_phone(record.managers[0].holder_mobile) if record.managers else ""
        return format_html('<span>{}<span class="sub num nw">{}</span></span>', super().render_manager(record), mobile)


class UnitTable(Table):
    """单位查询. Rows have `agents`, the grant in force, and `department_count`."""

    name = tables.Column("单位名称")
    district = tables.Column("区县", empty_values=(), attrs=NARROW)
    agent = tables.Column("授权人", empty_values=(), attrs=NARROW)
    departments = tables.Column("二级单位", accessor="department_count", attrs=RIGHT)
    updated_at = tables.Column("最近更新时间", attrs={"td": {"class": "nw num", "data-label": "更新时间"}})
    state = tables.Column("状态", empty_values=(), attrs={"td": {"class": "c-badge nw"}})

    caption = "单位"

    class Meta:
        orderable = False

    def __init__(self, rows, *, address, **options):
        """`address(row)` is where its page is, opened from this list."""
        self.address = address
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    def actions_of(self, record):
        """【查看】."""
        return row_action("查看", self.address(record), record.name)

    def render_name(self, record):
        return format_html(
            '<a class="title" href="{}">{}</a><span class="sub num">{}</span>',
            self.address(record),
            record.name,
            record.uscc,
        )

    def render_district(self, record):
        return codes.district_name(record.district) or "—"

    def render_agent(self, record):
        if not record.agents:
            return "—"
        [agent] = record.agents
        return format_html("<span>{} {}</span>", agent.holder_name, "" if agent.has_login else draw_badge(FIRST_LOGIN))

    def render_updated_at(self, value):
        return moment(value)

    def render_state(self, record):
        return draw_badge(UNIT_SUSPENDED if record.is_suspended else UNIT_ACTIVE)


class AuditTable(Table):
    """审计记录."""

    at = tables.Column("时间", attrs=NUMBER)
    actor_label = tables.Column("操作人", empty_values=())
    action = tables.Column("操作", attrs=NARROW)
    object_label = tables.Column("对象", default="—")
    ok = tables.Column("结果", attrs={"td": {"class": "c-badge nw"}})
    address = tables.Column("地址", default="—", attrs=NUMBER)
    request_id = tables.Column("编号", default="—", attrs=NUMBER)

    caption = "审计记录"

    class Meta:
        orderable = False

    def render_at(self, value):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"

    def render_actor_label(self, record):
        return format_html('<span>{}<span class="sub">{}</span></span>', record.actor_label or "系统", role_of(record))

    def render_action(self, record):
        return record.action_label

    def render_object_label(self, record):
        return format_html(
            '<span>{}<span class="sub">{}</span></span>', record.object_label, particulars.in_words(record)
        )

    def render_ok(self, value):
        return draw_badge(SUCCEEDED if value else WAS_REFUSED)


def role_of(event):
    """The role of a line of the audit trail in words; "" where it has none."""
    return Role(event.role).label if event.role in Role.values else event.role


class ConflictTable(Table):
    """账号核实: logins that were refused because of whose number they brought."""

    name = tables.Column("渝快办提供的姓名或名称", default="—")
    account = tables.Column("涉及的账号")
    reason = tables.Column("原因", accessor="get_reason_display")
    at = tables.Column("首次被拒绝", attrs=NUMBER)
    outcome = tables.Column("结果", accessor="get_outcome_display", attrs=NARROW)
    settled_by = tables.Column("处理人", attrs=NARROW)

    caption = "账号核实"

    class Meta:
        orderable = False

    def __init__(self, rows, *, settled, **options):
        hidden = () if settled else ("outcome", "settled_by")
        actions = ActionsColumn(self.actions_of)
        super().__init__(rows, extra_columns=[("actions", actions)], exclude=hidden, **options)

    @staticmethod
    def actions_of(record):
        """【处理】 while it is open."""
        is_open = record.settled_at is None
        url = reverse("bureau-conflict", args=[record.pk])
        return row_action("处理" if is_open else "查看", url, record.name, tone="todo" if is_open else "")

    def render_at(self, value):
        return moment(value)


class GrantTable(Table):
    """授权记录: who held the role, from when to when, and who did it."""

    holder_name = tables.Column("姓名")
    holder_mobile = tables.Column("手机号码", attrs=NUMBER)
    started_at = tables.Column("起", attrs=NUMBER)
    ended_at = tables.Column("止", empty_values=(), attrs=NUMBER)
    by = tables.Column("操作人", empty_values=())

    class Meta:
        orderable = False

    def __init__(self, rows, *, caption, holder, **options):
        self.caption = caption
        super().__init__(rows, **options)
        self.columns["holder_name"].column.verbose_name = holder

    def render_holder_mobile(self, value):
        return mask_phone(value)

    def render_started_at(self, value):
        return moment(value)

    def render_ended_at(self, record):
        if record.ended_at is None:
            return "至今"
        ended = f"{moment(record.ended_at)}（{'更改' if record.replaced else '结束'}）"
        if not record.end_reason:
            return ended
        return format_html('<span>{}<span class="sub">原因：{}</span></span>', ended, record.end_reason)

    def render_by(self, record):
        began, ended = operator(record.started_by), operator(record.ended_by)
        return began if ended in ("", began) else f"{began}授权，{ended}结束"


def operator(user):
    """Who did it: 法人账号, 系统管理员, or the agent by name."""
    if user is None:
        return ""
    return {Kind.LEGAL: "法人账号", Kind.STAFF: "科技局"}.get(user.kind) or user.name


class PeopleTable(Table):
    """The people who refer to a 二级单位."""

    name = tables.Column("姓名")
    in_force = tables.Column("情况")

    caption = "关联人员"

    class Meta:
        orderable = False

    def render_in_force(self, value):
        return "属于这个二级单位" if value else "申请加入，待审核"


class ImportTable(Table):
    """Rows of an uploaded list of 二级单位 (`orgs.imports.ImportRow`), with what is wrong under each cell."""

    number = tables.Column("Excel 中", attrs=NUMBER)
    name = tables.Column("二级单位（部门）名称", empty_values=())
    holder_name = tables.Column("管理人员姓名", empty_values=())
    holder_mobile = tables.Column("管理人员手机", empty_values=())
    holder_id_number = tables.Column("管理人员身份证号码", empty_values=())

    caption = "导入预览"

    class Meta:
        orderable = False

    def render_number(self, value):
        return f"第 {value} 行"

    def render_name(self, record):
        return self._cell(record, "name")

    def render_holder_name(self, record):
        return self._cell(record, "holder_name")

    def render_holder_mobile(self, record):
        return self._cell(record, "holder_mobile", mask_phone)

    def render_holder_id_number(self, record):
        return self._cell(record, "holder_id_number", mask_id)

    @staticmethod
    def _cell(record, field, mask=str):
        """As it will be stored, or as it was typed where that cannot be stored; numbers masked either way."""
        text = mask(record.values.get(field) or record.typed[field][:LONGEST_SHOWN])
        if field not in record.errors:
            return format_html("<span>{}</span>", text)
        error = format_html(
            '<span class="err">{}<span>{}</span></span>', draw_icon("circle-alert"), record.errors[field]
        )
        return format_html("<span>{}{}</span>", text, error)
