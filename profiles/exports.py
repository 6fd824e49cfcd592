"""What the Excel files of 个人信息审核 say of a row."""

from orgs import codes
from profiles.facts import place
from profiles.workflow import badge
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.spreadsheets.write import Column


def review_columns(*, full=False):
    """The columns of the list, and what else an office asks for. Rows are ReviewRequests with person, unit, department.

    Numbers are masked unless they are asked for in `full`.
    """
    show_id, show_phone = (str, str) if full else (mask_id, mask_phone)
    return [
        Column("姓名", 14, lambda row: row.person.name),
        Column("性别", 6, lambda row: codes.table("sex").name(row.person.sex)),
        Column("证件号码", 24, lambda row: show_id(to_show(row, "id_number"))),
        Column("手机号码", 16, lambda row: show_phone(row.person.mobile)),
        Column("最高学历", 16, lambda row: codes.table("education").name(row.education)),
        Column("最高学位", 12, lambda row: codes.table("degree").name(row.degree)),
        Column("职称", 16, lambda row: codes.table("title_level").name(row.title_level)),
        Column("职务", 16, lambda row: row.position),
        Column("工作单位（部门）", 40, lambda row: place(row.unit, row.department)),
        Column("提交时间", 18, lambda row: row.submitted_at),
        Column("最近更新时间", 18, lambda row: row.updated_at),
        Column("状态", 12, lambda row: badge(row.state, reviewer=True).label),
        Column("驳回原因", 40, lambda row: row.reason),
    ]


GONE = "（已不由您审核）"

RESULT_COLUMNS = [
    Column("姓名", 14, lambda row: row[0].person.name if row[0] else GONE),
    Column("证件号码", 24, lambda row: mask_id(to_show(row[0], "id_number")) if row[0] else ""),
    Column("工作单位（部门）", 40, lambda row: place(row[0].unit, row[0].department) if row[0] else ""),
    Column("办理结果", 14, lambda row: row[1]),
    Column("说明", 60, lambda row: row[2]),
]
"""Rows are `(request or None, result, what more there is to say)`."""
