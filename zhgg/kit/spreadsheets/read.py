"""Reading a sheet that somebody filled in and uploaded. Every refusal is a sentence that says what to do."""

import logging
import math
import unicodedata
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from python_calamine import load_workbook

from zhgg.kit.spreadsheets.guard import DAMAGED, cell_name, checked, refuse

log = logging.getLogger("zhgg.spreadsheets")
# Excel keeps 15 digits of a number and makes the rest zeros.
_FIRST_ROUNDED = 10**15
LONGEST_CELL = 1000
"""No text in a list is longer; one that is stays out of memory, sessions and pages."""
_SET_TO_TEXT = "请把这一列设为“文本”格式，重新填写"


@dataclass(frozen=True)
class Line:
    """One row of the sheet: its number in Excel, and by heading the texts and what is wrong with a cell as such."""

    number: int
    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)


def read_rows(file, *, headings, sheet_name, most_rows):
    """The filled rows of an uploaded .xlsx as Lines; rows without any content are left out.

    `file` is a seekable binary file. Row 1 of the sheet must hold exactly the `headings`. Raises ValidationError, and
    nothing else, when the file cannot be taken: another kind, damaged, encrypted, too big, too many rows, formulas,
    merged cells, other columns, nothing filled in.
    """
    try:
        workbook = checked(file, sheet_name=sheet_name, most_rows=most_rows)
        with load_workbook(workbook.file) as book:
            rows = book.get_sheet_by_name(workbook.sheet_name).to_python(skip_empty_area=False)
    except (ValidationError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library in Rust is no Exception
        log.info("unreadable workbook: %s", type(error).__name__)
        raise ValidationError(DAMAGED, code="damaged") from None
    _check_headings(rows[0] if rows else [], headings)
    lines = [_line(number, row, headings, workbook.errors) for number, row in enumerate(rows[1:], start=2) if any(row)]
    lines = [line for line in lines if line.problems or any(line.values.values())]
    if not lines:
        refuse("从第 2 行起没有内容。请每行填写一项，保存后再上传", "no_rows")
    return lines


def _check_headings(found, wanted):
    texts = [str(each) for each in found]
    while texts and not texts[-1].strip():
        texts.pop()
    if [_key(each) for each in texts] == [_key(each) for each in wanted]:
        return
    now = "".join(f"“{' '.join(each.split())[:20]}”" for each in texts[:10]) or "空的"
    refuse(
        f"第 1 行的列名应依次为{''.join(f'“{each}”' for each in wanted)}，现在是{now}。"
        "请下载模板，把内容粘贴到模板的对应列中，再上传",
        "headings",
    )


def _key(heading):
    """What headings are compared by: blanks, width and the star of a required column make no difference."""
    return "".join(unicodedata.normalize("NFKC", heading[:200]).split()).strip("*")


def _line(number, row, headings, errors):
    values, problems = {}, {}
    for place, value in enumerate(row[len(headings) :], start=len(headings) + 1):
        if str(value).strip():
            refuse(f"单元格 {cell_name(number, place)} 在表格的列以外。请删除后再上传", "outside")
    for place, heading in enumerate(headings, start=1):
        value = row[place - 1] if place <= len(row) else ""
        text, problem = _text(value)
        if (number, place) in errors:
            problem = "这个单元格是 Excel 的错误值（如 #N/A），请改为文字"
        values[heading] = "" if problem else text
        if problem:
            problems[heading] = problem
    return Line(number, values, problems)


def _text(value):
    """A cell as text, and what is wrong with it as such."""
    if isinstance(value, str):
        text = value.strip()
        return ("", f"这个单元格有 {len(text):,} 字，请删减") if len(text) > LONGEST_CELL else (text, "")
    if isinstance(value, bool):
        return "", f"这个单元格是逻辑值 {str(value).upper()}，应为文字。{_SET_TO_TEXT}"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, date | time | timedelta):
        return "", f"Excel 把填写的内容变成了日期或时间（{value}）。{_SET_TO_TEXT}"
    return "", f"无法读取这个单元格。{_SET_TO_TEXT}"


def _number(value):
    if not math.isfinite(value) or abs(value) >= _FIRST_ROUNDED:
        return "", f"Excel 把这个号码当作数字，第 15 位以后已变成 0，无法还原。{_SET_TO_TEXT}"
    return (str(int(value)) if value == int(value) else repr(value)), ""
