"""How the tables of a stored tab look: which fields share a column, and the 经费预算 with its sums."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orgs import codes
from projects.enums import BudgetMode
from projects.money import added_up
from zhgg.kit.ui import Fact


class Column(NamedTuple):
    """A heading, and the class of its cells ("r": numbers, at the right)."""

    label: str
    css: str = ""


class Cell(NamedTuple):
    """What stands in one place: a value, and small Facts under it."""

    value: Any
    subs: tuple = ()


class Line(NamedTuple):
    """One line; its first cell is its name. `css` says what kind of line it is."""

    cells: list
    css: str = ""


@dataclass(frozen=True)
class Grid:
    """A headed table. Without `lines`, nothing was filled in."""

    title: str
    columns: list
    lines: list
    note: str = ""
    more: list = field(default_factory=list)
    """Facts under the table."""
    cards: bool = True
    """Whether its lines become cards on the phone; a table of a few short numbers stays one."""

    @property
    def table(self):
        """`[(class of the line, [(Column, Cell)])]`."""
        return [(line.css, list(zip(self.columns, line.cells, strict=True))) for line in self.lines]


# Table → (heading, fields: the first one large, the others small under it; class). Without fields it is the number of
# the row.
LAYOUTS = {
    "partners": (
        ("单位名称", ("name", "uscc"), ""),
        ("性质、省市", ("nature", "province"), "nw"),
        ("联系人", ("contact_name", "contact_mobile"), ""),
        ("财政经费", ("fiscal",), "r"),
        ("自筹经费", ("own",), "r"),
        ("合作协议", ("signed",), ""),
        ("任务分工", ("task",), "long"),
    ),
    "members": (
        ("姓名", ("name", "id_type", "id_number"), ""),
        ("工作单位", ("unit", "major"), "wide"),
        ("学历学位", ("education", "degree"), "nw"),
        ("职称", ("title_level",), "nw"),
        ("每年投入（月）", ("months",), "r"),
        ("研究生", ("student",), ""),
        ("分工", ("duty",), "long"),
    ),
    "targets": (
        ("指标", ("name", "category"), ""),
        ("单位", ("unit",), "nw"),
        ("立项前值", ("before",), "r"),
        ("中期值", ("halfway",), "r"),
        ("完成值", ("after",), "r"),
        ("测评方法", ("method",), "long"),
    ),
    "stages": (
        ("阶段", (), "nw"),
        ("开始年月", ("starts_on",), "nw"),
        ("结束年月", ("ends_on",), "nw"),
        ("负责单位", ("responsible",), "wide"),
        ("工作内容", ("content",), "long"),
        ("阶段目标", ("goal",), "long"),
    ),
    "equipment": (
        ("设备", ("name", "model"), ""),
        ("数量", ("quantity",), "r"),
        ("单价", ("price",), "r"),
        ("用途", ("use",), "long"),
    ),
}


def rows_grid(spec, part):
    """The Grid of a table of rows, from its Part of `reading.readable`."""
    layout = LAYOUTS[spec.name]
    names = list(spec.form.base_fields)
    lines = []
    for number, row in enumerate(part.rows, start=1):
        facts = dict(zip(names, row, strict=True))
        lines.append(Line([_cell(wanted, facts, part, number) for _, wanted, _ in layout]))
    return Grid(part.title, [Column(label, css) for label, _, css in layout], lines)


def _cell(wanted, facts, part, number):
    if not wanted:
        return Cell(f"{part.noun} {number}")
    first, *rest = wanted
    return Cell(facts[first].value, tuple(facts[name] for name in rest))


def budget_grids(data, *, call):
    """The Grids of a stored 经费预算: where the money comes from and, unless the call is 包干制, where it goes."""
    budget = added_up(data)
    grids = [_sources(budget)]
    if call.budget_mode == BudgetMode.DETAILED:
        grids.append(_spending(budget))
    return grids


def _sources(budget):
    parts = {"1": budget.fiscal.income, "2": budget.own.income}
    lines = [
        _line(name, level, [parts[code] if code in parts else budget.sources[code]])
        for code, name, level in _items("fund_source")
    ]
    lines.append(_line("来源合计", 0, [budget.total]))
    return Grid("经费来源", [Column("来源"), Column("金额", "r")], lines, note="单位：万元", cards=False)


def _spending(budget):
    sides = (budget.fiscal, budget.own)
    lines = []
    for code, name, level in _items("budget_item"):
        amounts = [side.under(code) for side in sides]
        lines.append(_line(name, level, [*amounts, sum(amounts)]))
    totals = [side.total for side in sides]
    lines.append(_line("支出合计", 0, [*totals, sum(totals)]))
    columns = [Column("科目"), Column("财政", "r"), Column("自筹", "r"), Column("合计", "r")]
    words = (("财政", budget.fiscal), ("自筹", budget.own))
    return Grid(
        "经费支出", columns, lines, note="单位：万元", more=[_cap(name, side) for name, side in words], cards=False
    )


def _cap(name, side):
    verdict = f"超过上限 {side.cap:,.2f} 万元" if side.indirect > side.cap else f"上限 {side.cap:,.2f} 万元"
    return Fact(f"{name}间接费用", f"{side.indirect:,} 万元，{verdict}")


def _line(name, level, amounts):
    css = {0: "sum", 1: "sum"}.get(level, f"lv{level}")
    return Line([Cell(name), *(Cell(f"{amount:,}") for amount in amounts)], css)


def _items(table):
    """`[(code, name, depth from 1)]` of a code table, parents before their children."""
    names, depth = codes.table(table), {"": 0}
    for code, row in names.rows.items():
        depth[code] = depth[row["parent"]] + 1
    return [(code, names.name(code), depth[code]) for code in names.rows]
