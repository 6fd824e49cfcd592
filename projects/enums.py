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
