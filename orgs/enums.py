"""Choices of the orgs app with their Chinese labels."""

from django.db.models import TextChoices


class Role(TextChoices):
    """In which role somebody uses the site (one at a time, worked out for every request)."""

    LEGAL = "legal", "法人单位"
    AGENT = "agent", "法人单位授权人"
    MANAGER = "manager", "二级单位管理人员"
    PERSON = "person", "个人"
    BUREAU = "bureau", "科技局"
    NONE = "none", "未获授权"


class GrantRole(TextChoices):
    """The roles that are granted to a person by a unit."""

    AGENT = "agent", "法人单位授权人"
    MANAGER = "manager", "二级单位管理人员"
