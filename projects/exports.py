"""What the Excel files of 申报书 say of a row: tuples of FIELDS, so that 100,000 rows cost no 100,000 objects."""

from operator import itemgetter

from django.utils import timezone

from orgs import codes
from orgs.enums import Role
from projects.enums import State
from projects.progress import LEVELS
from projects.tables import UNTITLED
from zhgg.kit.masking import mask_phone
from zhgg.kit.spreadsheets.write import Column

FIELDS = (
    "number",
    "title",
    "pi__name",
    "pi__mobile",
    "unit__name",
    "department__name",
    "call__name",
    "category",
    "tech_field",
    "funding",
    "state",
    "state_since",
    "submitted_at",
    "updated_at",
    "accepted_number",
)
_PLACE = {name: place for place, name in enumerate(FIELDS)}
_LABELS = dict(State.choices)


def proposal_columns(actor, now, *, full=False):
    """The columns of a list of 申报书. 科技局 gets phone numbers of PIs too, masked unless asked for in `full`."""
    zone, tech_fields = timezone.get_current_timezone(), codes.table("tech_field")
    today = now.astimezone(zone).date()
    state, since, mobile, field = (_PLACE[name] for name in ("state", "state_since", "pi__mobile", "tech_field"))
    show = str if full else mask_phone

    def waited(row):
        return (today - row[since].astimezone(zone).date()).days if row[state] in LEVELS else None

    columns = [
        _column("申报编号", 24, "number"),
        Column("项目名称", 48, lambda row: row[1] or UNTITLED),
        _column("负责人", 12, "pi__name"),
        Column("负责人手机号码", 16, lambda row: show(row[mobile])),
        _column("申报单位", 36, "unit__name"),
        _column("二级单位", 20, "department__name"),
        _column("申报批次", 40, "call__name"),
        _column("项目类别", 14, "category"),
        Column("技术领域", 24, lambda row: tech_fields.name(row[field])),
        _column("申请经费（万元）", 16, "funding"),
        Column("状态", 12, lambda row: _LABELS[row[state]]),
        Column("已等待（天）", 12, waited),
        _column("最近提交时间", 18, "submitted_at"),
        _column("最近更新时间", 18, "updated_at"),
        _column("受理编号", 18, "accepted_number"),
    ]
    return columns if actor.role == Role.BUREAU else [each for each in columns if each.heading != "负责人手机号码"]


def _column(heading, width, name):
    return Column(heading, width, itemgetter(_PLACE[name]))


RESULT_COLUMNS = [
    Column("申报编号", 24, lambda row: row[0]["number"]),
    Column("项目名称", 48, lambda row: row[0]["title"] or UNTITLED),
    Column("负责人", 12, lambda row: row[0]["pi__name"]),
    Column("申报单位", 36, lambda row: row[0]["unit__name"]),
    Column("二级单位", 20, lambda row: row[0]["department__name"]),
    Column("受理编号", 18, lambda row: row[0]["accepted_number"]),
    Column("结果", 12, lambda row: row[1]),
    Column("说明", 60, lambda row: row[2]),
]
"""Rows are `(what is shown of the 申报书, result, what more there is to say)`."""
