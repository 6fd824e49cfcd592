"""Choices of the projects app with their Chinese labels."""

from django.db.models import TextChoices


class State(TextChoices):
    """The states of an 申报书."""

    DRAFT = "draft", "未提交"
    DEPARTMENT = "department", "部门审核"
    UNIT = "unit", "单位审核"
    BUREAU = "bureau", "科技局审核"
    ACCEPTED = "accepted", "已受理"
    DECLINED = "declined", "不予受理"


UNDER_WAY = (State.DRAFT, State.DEPARTMENT, State.UNIT)
"""States in which a deadline still means something: nothing of it has reached 科技局 for good."""


class Age(TextChoices):
    """For how many days by the calendar something has waited."""

    FRESH = "0-2", "0–2 天"
    DAYS = "3-5", "3–5 天"
    WEEK = "6-10", "6–10 天"
    LATE = "over10", "超过 10 天"


class Reached(TextChoices):
    """How far an 申报书 has come, whatever became of it there."""

    SUBMITTED = "submitted", "已提交"
    UNIT = "unit", "单位审核及以后"
    BUREAU = "bureau", "科技局审核及以后"


class Capacity(TextChoices):
    """In which capacity somebody deals with one particular 申报书."""

    PI = "pi", "项目负责人"
    MANAGER = "manager", "二级单位管理人员"
    LEGAL = "legal", "法人单位"
    AGENT = "agent", "法人单位授权人"
    BUREAU = "bureau", "科技局"


class Tab(TextChoices):
    """The tabs of an 申报书 that hold what the PI fills in."""

    BASICS = "basics", "项目基本信息"
    PARTNERS = "partners", "申报与合作单位"
    TEAM = "team", "负责人与成员"
    RESEARCH = "research", "研究内容"
    TARGETS = "targets", "考核指标"
    SCHEDULE = "schedule", "进度安排"
    BUDGET = "budget", "经费预算"
    ATTACHMENTS = "attachments", "附件"


class BudgetMode(TextChoices):
    """How a call wants the 经费预算."""

    DETAILED = "detailed", "按科目编制"
    LUMP_SUM = "lump_sum", "包干制（只填总额）"


class Phase(TextChoices):
    """Where a call stands at a moment, as 科技局 lists it."""

    UNPUBLISHED = "unpublished", "未发布"
    COMING = "coming", "未开始"
    OPEN = "open", "受理中"
    REVIEW = "review", "单位审核中"
    OVER = "over", "已结束"


class Scope(TextChoices):
    """For whom a deadline of a call is extended (延期)."""

    ALL = "all", "全部申报书"
    UNITS = "units", "部分单位"
    PROPOSAL = "proposal", "一份申报书"
    BEGUN = "begun", "截止前已开始填写的申报书"


class LimitRole(TextChoices):
    """What a 限项 counts."""

    LED = "led", "每人牵头申报"
    JOINED = "joined", "每人牵头和参与"
    UNIT = "unit", "每单位申报"


class DeadlineTask(TextChoices):
    """What somebody is reminded to do before a deadline."""

    SUBMIT = "submit", "提交申报书"
    REVIEW = "review", "审核申报书"


class Paper(TextChoices):
    """What of an 申报书 there is as PDF. The values stand in addresses."""

    SUBMISSION = "submission", "申报书"
    DRAFT = "draft", "申报书预览"
    PROMISE = "promise", "科研诚信承诺书"
    OPINION = "opinion", "申报单位承诺与审查意见页"


class PaperState(TextChoices):
    """How far a PDF has come."""

    WAITING = "waiting", "正在生成"
    READY = "ready", "已生成"
    FAILED = "failed", "没有生成"


class Audience(TextChoices):
    """Whom an announcement is for."""

    ALL = "all", "所有人（不登录也能看到）"
    UNIT = "unit", "法人单位和授权人"
    MANAGER = "manager", "二级单位管理人员"
    PERSON = "person", "个人"
    BUREAU = "bureau", "科技局"


class Showing(TextChoices):
    """Where an announcement stands."""

    UNPUBLISHED = "unpublished", "未发布"
    COMING = "coming", "待展示"
    SHOWN = "shown", "展示中"
    OVER = "over", "已过期"
