"""How a call reads: the labels of its fields, and what they hold in words."""

from decimal import Decimal

from orgs import codes
from projects.enums import BudgetMode, Scope, Tab
from projects.models import Call
from zhgg.kit.moments import moment

BASICS = ("name", "kind", "number_prefix")
TIMES = ("opens_at", "closes_at", "review_closes_at")
ASKED = (
    "tabs",
    "required_attachments",
    "budget_mode",
    "min_funding",
    "max_funding",
    "min_own_ratio",
    "max_months",
    "earliest_start",
    "partner_province",
    "advised_age",
    "advised_titles",
)
OFFERED = ("directions", "categories")
EDITED = (*BASICS, *TIMES, *ASKED, "guide", *OFFERED)
"""What 科技局 fills in, in the order of the form."""


def label_of(name):
    """The Chinese name of a field of a call."""
    return Call._meta.get_field(name).verbose_name


def in_words(name, value):
    """What a field holds, in words; "" for nothing."""
    if value is None or value == "" or value == []:
        return ""
    if name == "tabs":
        return "、".join(Tab(tab).label for tab in Tab.values if tab in value)
    if name == "required_attachments":
        return "、".join(codes.table("attachment_type").name(code) for code in value)
    if name == "advised_titles":
        return "、".join(codes.table("title_level").name(code) for code in value)
    if name == "partner_province":
        return codes.table("province").name(value)
    if name == "budget_mode":
        return BudgetMode(value).label
    if name in OFFERED:
        return "；".join(value)
    if name in TIMES:
        return moment(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def extension_times(extension):
    """`[(label, time)]` of what an extension moves."""
    times = (("申报截止", extension.submit_until), ("单位审核截止", extension.review_until))
    return [(label, time) for label, time in times if time]


def extension_notes(extensions):
    """`[(sentence, reason)]` for those whom extensions concern, newest first."""
    return [(_sentence(each), each.reason) for each in extensions]


_FOR_WHOM = {
    Scope.ALL: "",
    Scope.BEGUN: "截止前已开始填写的申报书，",
    Scope.UNITS: "您单位的",
    Scope.PROPOSAL: "这份申报书的",
}


def _sentence(extension):
    times = "，".join(f"{label}延至 {moment(time)}" for label, time in extension_times(extension))
    return f"{_FOR_WHOM[extension.scope]}{times}。"


REASON = "原因"
"""What the line of a CallChange is called that holds why."""


def closing_note(change):
    """The sentence for everybody who reads the guide of a call that was closed before its time."""
    reason = next((after for label, _, after in change.values if label == REASON), "")
    return f"本批次已于 {moment(change.at)} 提前结束受理。原因：{reason}"
