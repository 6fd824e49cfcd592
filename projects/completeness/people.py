"""What must be true of the PI and of the unit before anything can be submitted."""

from django.urls import reverse

from orgs.rules import unit_warnings
from projects.completeness.gap import Gap


def errors(proposal):
    """The PI has an approved record, and the unit has filled in what it must."""
    if not proposal.pi.is_approved:
        message = "您的个人信息还没有审核通过，请先提交审核并等待通过"
        yield Gap("个人信息", "审核状态", message, reverse("person"))
    unit = proposal.pi.unit
    if unit is not None:
        for label in unit.missing():
            yield Gap("单位信息", label, f"{unit.name}还没有填写{label}，请联系单位在“单位信息”中补全", "")


def warnings(proposal):
    """What looks odd in the data of the unit, which only the unit can change."""
    if proposal.pi.unit is not None:
        for message in unit_warnings(proposal.pi.unit):
            yield Gap("单位信息", "请单位核对", message, "", True)
