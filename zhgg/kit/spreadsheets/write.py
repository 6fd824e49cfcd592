"""Writing Excel workbooks row by row: memory stays flat however long the list is.

columns = [Column("姓名", 12, lambda row: row.name), Column("更新时间", 18, lambda row: row.updated_at)]
return download("个人信息审核", [Sheet("个人信息审核", columns, rows, notes=["由…导出"])])
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name

from zhgg.kit.spreadsheets.cells import Cells, RowSheet, plain

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A finished workbook is compressed; one larger than this waits on the disk, not in memory.
_IN_MEMORY = 2 * 1024 * 1024
# Number of Excel's own format for texts; as "@" XlsxWriter would add one of its own.
_TEXT_FORMAT = 49
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, and what it says of a row.

    The value is text, a number, a date, an aware datetime or None. `text` formats the whole column as text, for a
    sheet that somebody fills in: Excel then keeps long numbers as they are typed.
    """

    heading: str
    width: float
    value: Callable[[Any], Any] = str
    text: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet: `notes` (who, when, which conditions) above the headings, a line each; then the rows."""

    name: str
    columns: Sequence[Column]
    rows: Iterable = ()
    notes: Sequence[str] = ()


def download(name: str, sheets: Sequence[Sheet]) -> FileResponse:
    """The workbook as an attachment called `name` with today's date."""
    # Rows wait in a file of XlsxWriter's own.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        write(file, sheets)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name} {timezone.localdate():%Y-%m-%d}.xlsx",
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def write(file, sheets: Sequence[Sheet]) -> None:
    """Write the workbook into a binary file."""
    with xlsxwriter.Workbook(file, _OPTIONS) as workbook:
        formats = {
            "head": workbook.add_format({"bold": True, "bg_color": "#E8EEF7", "bottom": 1, "text_wrap": True}),
            "note": workbook.add_format({"font_color": "#5A6675"}),
            "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            "day": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": workbook.add_format({"num_format": "General"}),
            "text": workbook.add_format({"num_format": _TEXT_FORMAT}),
        }
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name, worksheet_class=RowSheet), sheet, formats)


def _write_sheet(target, sheet, formats):
    for place, column in enumerate(sheet.columns):
        target.set_column(place, place, column.width, formats["text"] if column.text else None)
    head = len(sheet.notes)
    for at, note in enumerate(sheet.notes):
        target.write_string(at, 0, plain(note), formats["note"])
    for place, column in enumerate(sheet.columns):
        target.write_string(head, place, column.heading, formats["head"])
    target.freeze_panes(head + 1, 0)
    cells = Cells(formats["moment"], formats["day"], formats["number"])
    columns = [
        (xl_col_to_name(place), column.value, cells.style(formats["text"]) if column.text else "")
        for place, column in enumerate(sheet.columns)
    ]
    last = head
    for last, row in enumerate(sheet.rows, start=head + 1):
        number = last + 1
        written = [cells.draw(f"{letter}{number}", value(row), style) for letter, value, style in columns]
        target.append_row(last, "".join(written))
    if last > head:
        target.autofilter(head, 0, last, len(sheet.columns) - 1)
