"""【导出】: a list as filtered, as an Excel file, with its line in the audit trail."""

from dataclasses import replace

from django import forms
from django.utils import timezone

from orgs import particulars, usage
from orgs.services.exports import note_export
from orgs.tables import role_of
from zhgg.kit.errors import NotNow, TooOften
from zhgg.kit.fields import to_show
from zhgg.kit.formfields.texts import TextField
from zhgg.kit.forms import BaseForm
from zhgg.kit.masking import mask_id, mask_phone
from zhgg.kit.spreadsheets.write import Column, Sheet, download
from zhgg.kit.workflow import REASON_MAX, REASON_MIN

MOST_ROWS = 200_000


class FullExportForm(BaseForm):
    """What an export with full numbers is asked for: why, and once more whether."""

    reason = TextField(
        label="导出原因",
        rows=3,
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        help_text="写明用途，将记入审计记录，例如“核对受理材料，报计划处存档”。",
    )
    sure = forms.BooleanField(
        label="确认导出完整号码，由本人保管文件，用完即删除",
        error_messages={"required": "请勾选确认后再导出"},
    )


def export(*, columns, rows, name, **options):
    """The download of a list called `name`: `rows` (read one by one) in `columns`. Otherwise as `export_sheets`."""
    return export_sheets(name=name, sheets=[Sheet(name, columns, rows)], **options)


def export_sheets(*, actor, name, sheets, number, conditions=(), reason=""):
    """The download of a workbook called `name` with these sheets, which hold `number` rows together.

    `conditions` says in words, without any number of a person, what the list is filtered by; it stands in the file and
    in the audit trail. Columns hold masked numbers, unless there is a `reason` for full ones, which stands there too.
    Raises NotNow when there are too many rows, and TooOften as `note_export`.
    """
    if number > MOST_ROWS:
        raise NotNow(f"共 {number:,} 行，一次最多导出 {MOST_ROWS:,} 行。请先用查询条件缩小范围。", title="没有导出")
    asked = "，".join(conditions) or "无"
    note = f"{actor.signature}于 {timezone.localtime():%Y-%m-%d %H:%M} 导出，共 {number:,} 行；查询条件：{asked}"
    notes = [note, f"含完整号码，请妥善保管，用完即删除。导出原因：{reason}"] if reason else [note]
    detail = {"rows": number, "conditions": list(conditions), **({"full": True, "reason": reason} if reason else {})}
    try:
        note_export(actor=actor, name=name, detail=detail)
    except TooOften as refusal:
        refusal.kept = [("导出原因", reason)] if reason else []
        raise
    return download(name, [replace(sheet, notes=notes) for sheet in sheets])


def _manager(row, attribute):
    return to_show(row.managers[0], attribute) if row.managers else ""


def _login(row):
    if not row.managers:
        return "未设置"
    return "已登录" if row.managers[0].has_login else "待首次登录"


def _waiting(row):
    return "，".join(f"{label} {number:,}" for label, number in usage.figures(row).waiting)


AUDIT_COLUMNS = [
    Column("时间", 18, lambda row: row.at),
    Column("操作人", 20, lambda row: row.actor_label),
    Column("身份", 16, role_of),
    Column("操作", 20, lambda row: row.action_label),
    Column("对象", 40, lambda row: row.object_label),
    Column("说明", 40, particulars.in_words),
    Column("结果", 10, lambda row: "成功" if row.ok else "被拒绝"),
    Column("地址", 18, lambda row: row.address or ""),
    Column("编号", 12, lambda row: row.request_id),
]
"""审计记录 as the list shows them."""

DEPARTMENT_COLUMNS = [
    Column("二级单位（部门）名称", 36, lambda row: row.name),
    Column("管理人员", 16, lambda row: _manager(row, "holder_name")),
    Column("管理人员情况", 14, _login),
    Column("手机号码", 16, lambda row: mask_phone(_manager(row, "holder_mobile"))),
    Column("身份证号码", 24, lambda row: mask_id(_manager(row, "holder_id_number"))),
    Column("关联人员", 10, lambda row: usage.figures(row).people),
    Column("待办", 10, lambda row: usage.figures(row).waiting_total),
    Column("待办明细", 30, _waiting),
    Column("新增时间", 18, lambda row: row.created_at),
]
"""二级单位 as the list shows them: rows of `usage.with_figures` with `managers`, as the table takes them."""
