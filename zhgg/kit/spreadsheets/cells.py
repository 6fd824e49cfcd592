"""Cells of a workbook as XML: a list of 100,000 rows has more than a million of them.

XlsxWriter takes each cell through five layers, which its formulas, links and rich texts need and a list does not; here
a row is one text, three times as fast. The workbook around the rows is XlsxWriter's.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape

from django.utils import timezone
from xlsxwriter.worksheet import Worksheet

# What a cell of Excel holds; it calls a file with a longer one damaged.
LONGEST_TEXT = 32_767
# What makes a spreadsheet take a text for a formula, full width as well (OWASP, CSV injection).
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# What XML takes for something else, or cannot hold; _x0041_ is how Excel writes what it cannot hold.
_UNFIT = re.compile("[&<>\x00-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
_UNFIT_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH, _DAY = datetime(1899, 12, 30), timedelta(days=1)
# Excel believes in a 29 February 1900: before it its days are off by one.
_FIRST_DAY = date(1900, 3, 1)


def plain(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, not even after it was saved as CSV and opened again."""
    if text.startswith(_FORMULA_STARTS):
        text = f"'{text}"
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


class RowSheet(Worksheet):
    """A sheet of a workbook with constant_memory, to which whole rows are appended below what was written before."""

    def append_row(self, at, cells):
        """Append row `at` (from 0), given as the XML of its cells."""
        # What was written cell by cell comes before it.
        self._write_single_row(at)
        self.row_data_fh.write(f'<row r="{at + 1}">{cells}</row>')
        self.dim_rowmax = at


class Cells:
    """Draws cells. The formats are those of points in time, of days and of numbers."""

    def __init__(self, moment, day, number):
        self.moment, self.day, self.number = map(self.style, (moment, day, number))
        self.zone = timezone.get_current_timezone()

    @staticmethod
    def style(cell_format):
        """The attribute by which a cell has the format."""
        return f' s="{cell_format._get_xf_index()}"'

    def draw(self, place, value, style=""):
        """The cell at `place` (B7), "" for nothing. `style` is for texts."""
        if value is None or value == "":
            return ""
        kind = type(value)
        if kind is str:
            return f'<c r="{place}"{style} t="inlineStr"><is>{_text(value)}</is></c>'
        if kind in (int, Decimal, float):
            return f'<c r="{place}"{self.number}><v>{value}</v></c>'
        if kind is datetime:
            local = value.astimezone(self.zone).replace(tzinfo=None)
            return f'<c r="{place}"{self.moment}><v>{(local - _EPOCH) / _DAY!r}</v></c>'
        if kind is date and value >= _FIRST_DAY:
            return f'<c r="{place}"{self.day}><v>{(value - _EPOCH.date()).days}</v></c>'
        return self.draw(place, str(value), style)


@lru_cache(maxsize=4096)
def _text(text):
    # Most texts of a list stand in many of its rows.
    text = plain(text)
    if not _UNFIT.search(text):
        return f"<t>{text}</t>"
    text = _UNFIT_CHARACTER.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<t xml:space="preserve">{escape(text)}</t>'
