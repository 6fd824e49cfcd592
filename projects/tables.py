"""How lists of 申报书 look."""

from functools import cache

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from projects.bulletin import audience_words
from projects.enums import Phase, Showing, State, Tab
from projects.models import Announcement, Call, Proposal
from projects.progress import remark, route
from projects.rules import capacity_of, is_closed, is_step_of, may_edit, phase_of, showing_of
from projects.workflow import badge
from zhgg.kit.markup import markup, text
from zhgg.kit.moments import moment
from zhgg.kit.tables import Table
from zhgg.kit.templatetags.ui.marks import draw_badge, draw_route
from zhgg.kit.ui import ActionsColumn, Badge, RowCheckColumn, row_action

UNTITLED = "（未填写项目名称）"


def draw_title(proposal, address=None):
    """项目名称 as a link to `address` (default: its page), 申报编号 and 受理编号 under it."""
    title = (
        f'<a class="title" href="{text(address or proposal.get_absolute_url())}">{text(proposal.title or UNTITLED)}</a>'
    )
    accepted = f" · 受理编号 {text(proposal.accepted_number)}" if proposal.accepted_number else ""
    return markup(f'{title}<span class="sub num">{text(proposal.number)}{accepted}</span>')


def draw_state(proposal, actor, now, *, closed):
    """The badge as this viewer sees it, the route dots, and how long it has waited.

    `closed` is what `rules.is_closed` says of it.
    """
    shown, dots = _signs(proposal.state, capacity_of(actor, proposal), closed, route(proposal))
    return markup(f'{shown}<span class="sub">{dots} {text(remark(proposal, now, closed=closed))}</span>')


@cache
def _signs(state, capacity, closed, way):
    return draw_badge(badge(state, capacity, closed=closed)), draw_route(way)


class ProposalTable(Table):
    """全部项目 and 本单位的项目. The unit is shown to 科技局 alone."""

    title = tables.Column("项目名称", empty_values=())
    pi = tables.Column("负责人", empty_values=())
    unit = tables.Column("申报单位")
    call = tables.Column("申报批次")
    state = tables.Column("状态", empty_values=(), attrs={"td": {"class": "c-badge nw"}})
    updated_at = tables.Column(
        "最近更新时间", orderable=True, attrs={"td": {"class": "nw num", "data-label": "更新时间"}}
    )

    class Meta:
        orderable = False
        sequence = ("check", "...")

    def __init__(self, rows, *, actor, now, caption, address=Proposal.get_absolute_url, **options):
        self.actor, self.now, self.caption, self.address = actor, now, caption, address
        # Asked for the box to tick, for the state and for the verb at the end of each row.
        self.closed = {row.pk: is_closed(row, now) for row in rows}
        # rules.is_mine_to_decide, of what is known already.
        self.mine = {row.pk for row in rows if not self.closed[row.pk] and is_step_of(actor, row)}
        check = RowCheckColumn(may=self.is_mine, value_of=lambda row: f"{row.pk}-{row.step_count}")
        super().__init__(rows, extra_columns=[("check", check), ("actions", ActionsColumn(self.actions_of))], **options)

    def is_mine(self, record):
        """Whether a review step in this state is the viewer's, and in time; as `rules.is_mine_to_decide` says."""
        return record.pk in self.mine

    def actions_of(self, record):
        """【处理】 for what is the viewer's to decide, else 【查看】."""
        name = record.title or record.number
        if self.is_mine(record):
            return row_action("处理", self.address(record), name, tone="todo")
        return row_action("查看", self.address(record), name)

    def render_title(self, record):
        return draw_title(record, self.address(record))

    def render_pi(self, record):
        department = record.department.name if record.department_id else ""
        return markup(f'{text(record.pi.name)}<span class="sub">{text(department)}</span>')

    def render_state(self, record):
        return draw_state(record, self.actor, self.now, closed=self.closed[record.pk])

    def render_updated_at(self, value):
        return moment(value)


class OwnProposalTable(Table):
    """我的申报."""

    caption = "我的申报"
    title = tables.Column("项目名称", empty_values=())
    call = tables.Column("申报批次")
    state = tables.Column("状态", empty_values=(), attrs={"td": {"class": "c-badge nw"}})
    updated_at = tables.Column("最近更新时间", attrs={"td": {"class": "nw num", "data-label": "更新时间"}})

    class Meta:
        orderable = False

    def __init__(self, rows, *, actor, now, **options):
        self.actor, self.now = actor, now
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    def actions_of(self, record):
        """【编辑】 while it may be edited, else 【查看】."""
        name = record.title or record.number
        if may_edit(self.actor, record, self.now):
            return row_action("编辑", reverse("proposal-edit", args=[record.pk, Tab.BASICS]), name, tone="todo")
        return row_action("查看", record.get_absolute_url(), name)

    def render_title(self, record):
        return draw_title(record)

    def render_state(self, record):
        return draw_state(record, self.actor, self.now, closed=is_closed(record, self.now))

    def render_updated_at(self, value):
        return moment(value)


PHASE_BADGES = {
    Phase.UNPUBLISHED: Badge(Phase.UNPUBLISHED.label, "draft", "file-pen-line"),
    Phase.COMING: Badge(Phase.COMING.label, "info", "calendar-clock"),
    Phase.OPEN: Badge(Phase.OPEN.label, "ok", "megaphone"),
    Phase.REVIEW: Badge(Phase.REVIEW.label, "info", "building-2"),
    Phase.OVER: Badge(Phase.OVER.label, "mute", "calendar-check"),
}


class CallTable(Table):
    """申报批次, as 科技局 lists them. `numbers` says how many 申报书 of a call are in which state."""

    caption = "申报批次"
    name = tables.Column("批次名称")
    state = tables.Column("状态", empty_values=(), attrs={"td": {"class": "c-badge nw"}})
    closes_at = tables.Column("申报截止", attrs={"td": {"class": "nw num"}})
    review_closes_at = tables.Column("单位审核截止", attrs={"td": {"class": "nw num"}})
    drafts = tables.Column("未提交", empty_values=(), attrs={"td": {"class": "r num"}, "th": {"class": "r"}})
    reviewing = tables.Column("部门、单位审核", empty_values=(), attrs={"td": {"class": "r num"}, "th": {"class": "r"}})
    reported = tables.Column("已报送", empty_values=(), attrs={"td": {"class": "r num"}, "th": {"class": "r"}})

    class Meta:
        model = Call
        fields = ("name", "state", "closes_at", "review_closes_at")
        orderable = False

    def __init__(self, rows, *, now, numbers, **options):
        self.now, self.numbers = now, numbers
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    def actions_of(self, record):
        return row_action("查看", reverse("bureau-call", args=[record.pk]), record.name)

    def render_name(self, record):
        return format_html(
            '<a class="title" href="{}">{}</a><span class="sub">{}</span>',
            reverse("bureau-call", args=[record.pk]),
            record.name,
            record.kind,
        )

    def render_state(self, record):
        return draw_badge(PHASE_BADGES[phase_of(record, self.now)])

    def render_closes_at(self, value):
        return moment(value)

    def render_review_closes_at(self, value):
        return moment(value)

    def render_drafts(self, record):
        return self._number(record, State.DRAFT)

    def render_reviewing(self, record):
        return self._number(record, State.DEPARTMENT, State.UNIT)

    def render_reported(self, record):
        return self._number(record, State.BUREAU, State.ACCEPTED, State.DECLINED)

    def _number(self, record, *states):
        return f"{sum(self.numbers.get((record.pk, state), 0) for state in states):,}"


SHOWING_BADGES = {
    Showing.UNPUBLISHED: Badge(Showing.UNPUBLISHED.label, "draft", "file-pen-line"),
    Showing.COMING: Badge(Showing.COMING.label, "info", "calendar-clock"),
    Showing.SHOWN: Badge(Showing.SHOWN.label, "ok", "megaphone"),
    Showing.OVER: Badge(Showing.OVER.label, "mute", "calendar-check"),
}


class AnnouncementTable(Table):
    """通知公告, as 科技局 lists them."""

    caption = "通知公告"
    title = tables.Column("标题")
    state = tables.Column("状态", empty_values=(), attrs={"td": {"class": "c-badge nw"}})
    audience = tables.Column("谁能看到")
    shows_from = tables.Column("开始展示", attrs={"td": {"class": "nw num"}})
    shows_until = tables.Column("展示截止", empty_values=(), attrs={"td": {"class": "nw num"}})

    class Meta:
        model = Announcement
        fields = ("title", "state", "audience", "shows_from", "shows_until")
        orderable = False

    def __init__(self, rows, *, now, **options):
        self.now = now
        super().__init__(rows, extra_columns=[("actions", ActionsColumn(self.actions_of))], **options)

    def actions_of(self, record):
        return row_action("查看", reverse("bureau-announcement", args=[record.pk]), record.title)

    def render_title(self, record):
        pinned = format_html('<span class="tag tag--red">{}</span>', "置顶") if record.pinned else ""
        address = reverse("bureau-announcement", args=[record.pk])
        return format_html('{}<a class="title" href="{}">{}</a>', pinned, address, record.title)

    def render_state(self, record):
        return draw_badge(SHOWING_BADGES[showing_of(record, self.now)])

    def render_audience(self, value):
        return audience_words(value)

    def render_shows_from(self, value):
        return moment(value)

    def render_shows_until(self, record):
        return moment(record.shows_until) if record.shows_until else "不限"
