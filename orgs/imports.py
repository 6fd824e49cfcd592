"""An uploaded list of 二级单位: its columns, its rows through the form of 新增二级单位, its text between two pages."""

import json
from dataclasses import dataclass

from orgs.forms import DepartmentForm
from orgs.services.imports import conflicts
from zhgg.kit.forms import BaseForm
from zhgg.kit.spreadsheets.fields import WorkbookField
from zhgg.kit.spreadsheets.write import Column, Sheet

FIELDS = ("name", "holder_name", "holder_mobile", "holder_id_number")
HEADINGS = [DepartmentForm.base_fields[field].label for field in FIELDS]
SHEET_NAME = "二级单位"
MOST_ROWS = 2000
_WIDTHS = (36, 16, 18, 26)
_HELP = (
    "在“二级单位”表中填写：第 1 行是列名，请勿改动；从第 2 行起，每行一个二级单位，四列都要填写。",
    "二级单位（部门）名称：2 至 60 字，不能与本单位已有的二级单位重名。",
    "管理人员姓名：与身份证一致。",
    "管理人员手机：11 位手机号码。",
    "管理人员身份证号码：18 位，与该人员渝快办账号实名的号码一致。一人只能管理一个二级单位，不能同时是法人单位授权人。",
    "各列已设为“文本”格式，号码请直接填写；从别处复制的，请以“选择性粘贴—值”粘贴。",
    f"一次最多导入 {MOST_ROWS:,} 行。不要使用公式和合并单元格。",
    "上传后先显示预览，有错误的逐格标出；全部正确并点【确认导入】后才会新增。",
)


class ImportForm(BaseForm):
    """The file."""

    file = WorkbookField(
        label="Excel 文件",
        headings=HEADINGS,
        sheet_name=SHEET_NAME,
        most_rows=MOST_ROWS,
        help_text=f".xlsx 文件，不超过 5 MB，最多 {MOST_ROWS:,} 行",
    )


@dataclass(frozen=True)
class ImportRow:
    """A row of the file: its number there, what was typed, the cleaned values, and a sentence for each wrong cell."""

    number: int
    typed: dict
    values: dict
    errors: dict


def template_sheets():
    """The file to fill in: an empty sheet with the headings, and one that explains."""
    columns = [Column(heading, width, text=True) for heading, width in zip(HEADINGS, _WIDTHS, strict=True)]
    return [Sheet(SHEET_NAME, columns), Sheet("填写说明", [Column("填写说明", 110)], _HELP)]


def as_text(lines):
    """Lines of the kit's reader as a text to keep."""
    rows = [
        [
            line.number,
            [line.values[heading] for heading in HEADINGS],
            [line.problems.get(heading, "") for heading in HEADINGS],
        ]
        for line in lines
    ]
    return json.dumps(rows)


def checked_rows(unit, text):
    """The ImportRows of a kept text, each through the form of 新增二级单位 and against what is stored now."""
    rows = [_through_the_form(*row) for row in json.loads(text)]
    against = conflicts(unit, numbered(rows))
    return [
        ImportRow(row.number, row.typed, row.values, {**against.get(place, {}), **row.errors})
        for place, row in enumerate(rows)
    ]


def numbered(rows):
    """The rows as the service takes them."""
    return [(row.number, row.values) for row in rows]


def _through_the_form(number, texts, problems):
    typed = dict(zip(FIELDS, texts, strict=True))
    form = DepartmentForm({**typed, "version": "0", "seen_name": ""})
    errors = {field: "；".join(messages) for field, messages in form.errors.items()}
    errors |= {field: problem for field, problem in zip(FIELDS, problems, strict=True) if problem}
    values = {field: value for field, value in form.cleaned_data.items() if field in FIELDS and field not in errors}
    return ImportRow(number, typed, values, errors)
