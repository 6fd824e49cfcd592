"""Charts as values: what `{% bars %}`, `{% lines %}` and `{% columns %}` draw, and the table that says the same.

Bar("渝北区", 286, "/projects/?district=500112")                     {% bars bars %}
LineChart("累计提交", [Line("面上项目", [(0, 0), (0.5, 12)])], ["10-31", "11-30"])   {% lines chart %}
Table("区县提交数", ["区县", "申报书"], [["渝北区", Cell(286, "…")]])      {% data_table table %}
"""

from dataclasses import dataclass, field

LINES = 5
"""So many lines differ in dash and colour."""


@dataclass(frozen=True)
class Bar:
    """One bar. `done` paints it green: nothing is left to do there."""

    label: str
    value: int
    url: str = ""
    note: str = ""
    done: bool = False


@dataclass(frozen=True)
class Line:
    """A line through `(x, value)`, x from 0 at the left edge to 1 at the right."""

    label: str
    points: list
    value: int = 0


@dataclass(frozen=True)
class LineChart:
    """At most LINES lines over one scale. `ticks` are the words along it, evenly spaced; `marks` are `(label, x)`."""

    caption: str
    lines: list
    ticks: list
    marks: list = field(default_factory=list)

    @property
    def top(self):
        """The value at the upper edge."""
        return nice(max((value for line in self.lines for _, value in line.points), default=0))


@dataclass(frozen=True)
class ColumnChart:
    """Columns side by side, evenly spaced, with `ticks` along them."""

    caption: str
    values: list
    ticks: list

    @property
    def top(self):
        """The value at the upper edge."""
        return nice(max(self.values, default=0))


@dataclass(frozen=True)
class Stack:
    """A bar in parts: `label`, and the values from left to right."""

    label: str
    values: list


@dataclass(frozen=True)
class Cell:
    """A number of a table, and the address of what it counts."""

    value: int
    url: str = ""


@dataclass(frozen=True)
class Table:
    """Headings and rows; the first cell of a row heads it. A cell is a text or a Cell."""

    caption: str
    heads: list
    rows: list


def nice(value):
    """A round number not below `value`, of which a quarter is a whole and round number too: 4, 8, …, 20,000, 24,000."""
    size = 4
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if size * step >= value:
                return size * step
        size *= 10
