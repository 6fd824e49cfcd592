"""How the list of 个人信息审核 looks."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from orgs import codes
from profiles.enums import ReviewState
from profiles.facts import place
from profiles.workflow import badge
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.moments import moment
from zhgg.kit.tables import Table
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.ui import ActionsColumn, Badge, RowCheckColumn, row_action

NARROW = {"td": {"class": "nw"}}
APPROVED = Badge("已通过审核", "ok", "circle-check")
NOT_APPROVED = Badge("未通过审核", "mute", "circle-dashed")
NOT_ON_PHONE = {"td": {"class": "nw c-hide"}, "th": {"class": "nw"}}


class ReviewTable(Table):
    """个人信息审核: the columns of the guide. Numbers are masked; in full they are shown on the page of one person."""

    check = RowCheckColumn(
        may=lambda row: row.state == ReviewState.PENDING, name_of=lambda row: row.person.name, name="id"
    )
    name = tables.Column("姓名", accessor="person__name", attrs=NARROW)
    sex = tables.Column("性别", accessor="person__sex", default="", attrs=NOT_ON_PHONE)
    id_number = tables.Column("证件号码", empty_values=(), attrs={"td": {"class": "nw num"}})
    mobile = tables.Column("手机号码", accessor="person__mobile", default="", attrs={"td": {"class": "nw num c-hide"}})
    education = tables.Column("最高学历", attrs=NOT_ON_PHONE)
    title_level = tables.Column("职称", attrs=NOT_ON_PHONE)
    unit = tables.Column("工作单位（部门）", empty_values=(), attrs={"td": {"data-label": "部门"}})
    updated_at = tables.Column(
        "最近更新时间", orderable=True, attrs={"td": {"class": "nw num", "data-label": "更新时间"}}
    )
    state = tables.Column("状态", orderable=True, empty_values=(), attrs={"td": {"class": "c-badge nw"}})

    caption = "个人信息审核"

    class Meta:
        orderable = False

    def __init__(self, rows, *, address, **options):
        """`address(row)` is where its page is, opened from this list."""
        self.address = address
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    def actions_of(self, record):
        """【审核】 for what waits, 【查看】 for what was reviewed."""
        waits = record.state == ReviewState.PENDING
        url = self.address(record)
        return row_action("审核" if waits else "查看", url, record.person.name, tone="todo" if waits else "")

    def render_sex(self, value):
        return codes.table("sex").name(value)

    def render_id_number(self, record):
        return mask_id(to_show(record, "id_number"))

    def render_mobile(self, value):
        return mask_phone(value)

    def render_education(self, value):
        return codes.table("education").name(value)

    def render_title_level(self, value):
        return codes.table("title_level").name(value)

    def render_unit(self, record):
        return place(record.unit, record.department)

    def render_updated_at(self, value):
        return moment(value)

    def render_state(self, record):
        return draw_badge(badge(record.state, reviewer=True))


class PersonTable(Table):
    """人员查询. Numbers are masked; in full they are shown on the page of one person."""

    name = tables.Column("姓名", attrs=NARROW)
    id_number = tables.Column("证件号码", empty_values=(), attrs={"td": {"class": "nw num"}})
    mobile = tables.Column("手机号码", default="—", attrs={"td": {"class": "nw num"}})
    unit = tables.Column("工作单位（部门）", default="—", attrs={"td": {"data-label": "部门"}})
    title_level = tables.Column("职称", default="—", attrs=NOT_ON_PHONE)
    state = tables.Column("个人信息", empty_values=(), attrs={"td": {"class": "c-badge nw"}})

    caption = "人员"

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
        return format_html('<a class="title" href="{}">{}</a>', self.address(record), record.name)

    def render_id_number(self, record):
        return mask_id(to_show(record, "id_number")) or "—"

    def render_mobile(self, value):
        return mask_phone(value)

    def render_unit(self, record):
        return place(record.unit, record.department)

    def render_title_level(self, value):
        return codes.table("title_level").name(value)

    def render_state(self, record):
        return draw_badge(APPROVED if record.is_approved else NOT_APPROVED)


class HeldGrantTable(Table):
    """What somebody acts or acted for."""

    role = tables.Column("身份", accessor="get_role_display", attrs=NARROW)
    place = tables.Column("单位", empty_values=())
    started_at = tables.Column("起", attrs={"td": {"class": "nw num"}})
    ended_at = tables.Column("止", empty_values=(), attrs={"td": {"class": "nw num"}})

    caption = "授权"

    class Meta:
        orderable = False

    def __init__(self, rows, **options):
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    @staticmethod
    def actions_of(record):
        """【结束授权】 of what is in force."""
        if record.ended_at:
            return []
        return row_action("结束授权", reverse("bureau-grant-end", args=[record.pk]), record.holder_name, tone="danger")

    def render_place(self, record):
        words = place(record.unit, record.department)
        return format_html('<a href="{}">{}</a>', reverse("bureau-unit", args=[record.unit_id]), words)

    def render_started_at(self, value):
        return moment(value)

    def render_ended_at(self, record):
        return moment(record.ended_at) if record.ended_at else "至今"
