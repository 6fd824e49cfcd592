"""How the list of 个人信息审核 looks."""

import django_tables2 as tables

from orgs import codes
from profiles.enums import ReviewState
from profiles.facts import place
from profiles.workflow import badge
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.templatetags.ui.values import moment
from zhgg.kit.ui import ActionsColumn, RowCheckColumn, row_action

NARROW = {"td": {"class": "nw"}}
NOT_ON_PHONE = {"td": {"class": "nw c-hide"}, "th": {"class": "nw"}}


class ReviewTable(tables.Table):
    """个人信息审核: the columns of the guide. Numbers are masked; in full they are shown on the page of one person."""

    check = RowCheckColumn(
        may=lambda row: row.state == ReviewState.PENDING, name_of=lambda row: row.person.name, name="id"
    )
    name = tables.Column("姓名", accessor="person__name", attrs=NARROW)
    sex = tables.Column("性别", accessor="person__sex", default="", attrs=NOT_ON_PHONE)
    id_number = tables.Column("证件号码", default="", attrs={"td": {"class": "nw num"}})
    mobile = tables.Column("手机号码", accessor="person__mobile", default="", attrs={"td": {"class": "nw num c-hide"}})
    education = tables.Column("最高学历", attrs=NOT_ON_PHONE)
    title_level = tables.Column("职称", attrs=NOT_ON_PHONE)
    unit = tables.Column("工作单位（部门）", attrs={"td": {"data-label": "部门"}})
    updated_at = tables.Column(
        "最近更新时间", orderable=True, attrs={"td": {"class": "nw num", "data-label": "更新时间"}}
    )
    state = tables.Column("状态", orderable=True, attrs={"td": {"class": "c-badge nw"}})

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

    def render_id_number(self, value):
        return mask_id(value)

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
