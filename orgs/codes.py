"""The code tables (码表): as the database holds them (`orgs.stored_codes`), or else from `orgs/code_tables/`.

`table("degree")` gives a `CodeTable`. Its two sides:

- what is **shown**: `name(code)` and `label(code)` know every code that ever was, so that old records stay readable;
- what is **offered**: `choices()`, `grouped_choices()` and `current(code)` know only what a user may choose today.

This module imports the standard library only, so that every other module may use it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache  # noqa: TID251 - what is kept here takes no query to find
from pathlib import Path
from types import MappingProxyType

DIRECTORY = Path(__file__).resolve().parent / "code_tables"
CHONGQING = "500000"
IN_CHONGQING, OUTSIDE_CHONGQING = "1", "2"
# Their codes have no counties in GB/T 2260; the region itself stands for its 区县.
_NO_LONGER = {"retired": "（已撤销）", "ended": "（已停用）"}
_WITHOUT_COUNTIES = ("710000", "810000", "820000")


@dataclass(frozen=True)
class _Look:
    """How one table looks on pages: its columns for words, order and groups, and codes that are never offered."""

    label: str = "name"
    hide_unlabelled: bool = False
    order: str = ""
    group_column: str = ""
    group_parents: bool = False
    group_table: str = ""
    hidden: frozenset[str] = frozenset()


_LOOKS = {
    "discipline": _Look(group_column="category"),
    "education": _Look(label="ui_name"),
    "id_document_type": _Look(order="ui_order", hidden=frozenset({"99"})),
    "industry": _Look(group_column="parent", group_table="industry"),
    "registration_type": _Look(group_column="parent", group_parents=True),
    "sex": _Look(label="ui_name", hide_unlabelled=True),
    "tech_field": _Look(group_column="parent", group_parents=True),
    "title": _Look(group_column="series", group_table="title_series"),
    "title_level": _Look(label="ui_name"),
    "unit_nature": _Look(group_column="group"),
}


@dataclass(frozen=True, eq=False)
class CodeTable:
    """One code table. `rows` maps each code to its line, in the order of the menu; both are read-only.

    `status` in a line is "current", "retired" (撤销), "ended" (停用, its time is over) or "coming" (its time has not
    begun); nothing means current.
    """

    name_of_table: str
    rows: Mapping[str, Mapping[str, str]]

    @property
    def _look(self) -> _Look:
        return _LOOKS.get(self.name_of_table, _Look())

    def row(self, code: str) -> Mapping[str, str] | None:
        """The whole line of `code`, or None when the table has none."""
        return self.rows.get(code)

    def name(self, code: str | None) -> str:
        """The words for `code`: "" for an empty code, the code itself for one that the table does not know."""
        row = self.rows.get(code or "")
        if row is None:
            return code or ""
        return row.get(self._look.label) or row["name"]

    def label(self, code: str | None) -> str:
        """Like `name`, and says so when the code is no longer in force: 渝北区（已撤销）."""
        row = self.rows.get(code or "")
        return self.name(code) + (_NO_LONGER.get(row.get("status"), "") if row is not None else "")

    def retired(self, code: str | None) -> bool:
        """Whether `code` was in force once and is no longer."""
        row = self.rows.get(code or "")
        return row is not None and row.get("status") in _NO_LONGER

    def choices(self, current_only: bool = True) -> list[tuple[str, str]]:
        """`[(code, words)]`: what users may choose today, or with `current_only=False` every code of the table."""
        if current_only:
            return [(code, self.name(code)) for code in self._offered]
        return [(code, self.label(code)) for code in self.rows]

    def grouped_choices(self) -> list[tuple]:
        """What users may choose today, gathered under headings where the table has them: `[(heading, [(code,
        words)])]`, with `(code, words)` for what has none. The same as `choices()` for a table without headings."""
        return [(value, list(words) if isinstance(words, tuple) else words) for value, words in self._grouped]

    @cached_property
    def _grouped(self) -> tuple:
        look = self._look
        if not look.group_column:
            return tuple(self.choices())
        gathered: list[tuple] = []
        groups: dict[str, list] = {}
        for code in self._offered:
            heading = self._heading(code)
            if not heading:
                gathered.append((code, self.name(code)))
                continue
            if heading not in groups:
                groups[heading] = []
                gathered.append((heading, groups[heading]))
            groups[heading].append((code, self.name(code)))
        return tuple((value, tuple(words) if isinstance(words, list) else words) for value, words in gathered)

    def current(self, code: str | None) -> bool:
        """Whether users may choose `code` today."""
        return code in self._offered

    @cached_property
    def _offered(self) -> dict[str, None]:
        """The codes that may be chosen, in the order of the menu."""
        look = self._look
        headings = {row["parent"] for row in self.rows.values()} if look.group_parents else set()
        codes = [
            code
            for code, row in self.rows.items()
            if row.get("status", "current") == "current"
            and row.get("ui_show", "1") == "1"
            and not (look.hide_unlabelled and not row[look.label])
            and code not in look.hidden
            # A heading of the tree is no answer, unless nothing stands under it.
            and not (code in headings and not row["parent"])
        ]
        if look.order:
            codes.sort(key=lambda code: int(self.rows[code][look.order]))
        return dict.fromkeys(codes)

    def _heading(self, code: str) -> str:
        """The words under which `code` stands in a menu; "" when it stands alone."""
        look, row = self._look, self.rows[code]
        value = row[look.group_column]
        if look.group_parents:
            top = code
            while self.rows[top]["parent"]:
                top = self.rows[top]["parent"]
            return "" if top == code else self.name(top)
        if look.group_table == self.name_of_table:
            top = value or code
            return f"{top} {self.name(top)}"
        return table(look.group_table).name(value) if look.group_table else value


_stored: dict[str, CodeTable] = {}


def table(name: str) -> CodeTable:
    """The code table `name`, for example `table("degree")`. A name without a file is a programming error: KeyError.

    Ask again each time instead of keeping it: an administrator may change a table at any moment.
    """
    return _stored.get(name) or of_file(name)


@cache
def of_file(name: str) -> CodeTable:
    """The code table `name` as its file has it; KeyError."""
    if name not in names():
        raise KeyError(f"there is no code table {name!r}")
    with (DIRECTORY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return of_rows(name, csv.DictReader(file))


def of_rows(name: str, rows) -> CodeTable:
    """A code table of these lines."""
    return CodeTable(name, MappingProxyType({row["code"]: MappingProxyType(row) for row in rows}))


def use(tables: list[CodeTable]) -> None:
    """From now on these tables stand in this process, and the files for all others."""
    global _stored
    # Menus of one table have headings from another: every table is made anew, and nothing drawn of the old ones stays.
    _stored = {table.name_of_table: table for table in tables}
    of_file.cache_clear()
    _districts.cache_clear()


TITLES = {
    "attachment_type": "附件类型",
    "bank_category": "银行行别",
    "budget_item": "预算科目",
    "china_division": "行政区划",
    "chongqing_district": "重庆区县",
    "chongqing_new_area": "重庆新区、园区",
    "cnaps_city_chongqing": "联行号城市代码（重庆）",
    "country_region": "国家和地区",
    "degree": "学位",
    "discipline": "学科",
    "education": "学历",
    "ethnicity": "民族",
    "fund_source": "资金来源",
    "id_document_type": "证件类型",
    "industry": "国民经济行业",
    "political_status": "政治面貌",
    "province": "省市",
    "registration_type": "登记注册类型",
    "return_reason": "退回原因",
    "sex": "性别",
    "tech_field": "技术领域",
    "three_sector": "三次产业",
    "title": "职称",
    "title_level": "职称级别",
    "title_series": "职称系列",
    "unit_nature": "单位性质",
    "unit_scope": "单位地域",
    "uscc_prefix": "统一社会信用代码类别",
}
"""What the tables are called in the admin."""


def titles() -> list[tuple[str, str]]:
    """`[(name, title)]` of all tables; a function, so that a new table changes no migration."""
    return list(TITLES.items())


@cache
def names() -> frozenset[str]:
    """The names of all code tables."""
    return frozenset(path.stem for path in DIRECTORY.glob("*.csv"))


# Places --------------------------------------------------------------------------------------------------------------


def scope_of(province: str | None) -> str:
    """单位地域 that follows from 单位所在省市: "1" 重庆市内, "2" 重庆市外, "" while the province is not known."""
    if not province:
        return ""
    return IN_CHONGQING if province == CHONGQING else OUTSIDE_CHONGQING


def province_of(district: str | None) -> str:
    """The code of the province that a district or city lies in, "" for an unknown or empty code."""
    return f"{district[:2]}0000" if district and table("china_division").row(district) else ""


def district_name(district: str | None) -> str:
    """The name of a 区县, whether still in force or not: "" for an empty code, an unknown code as it is."""
    return table("china_division").name(district)


@lru_cache(maxsize=64)
def _districts(province: str) -> tuple[tuple[str, str], ...]:
    rows = table("china_division").rows
    inside = [row for row in rows.values() if row["code"][:2] == province[:2] and row["status"] == "current"]
    parents = {row["parent"] for row in inside}
    found = []
    for row in inside:
        # A city without counties of its own, such as 东莞市, stands for itself; so do 台湾, 香港 and 澳门.
        if row["level"] == "county" or (row["level"] == "city" and row["code"] not in parents):
            city = rows.get(row["parent"])
            prefix = f"{city['name']} " if city is not None and city["level"] == "city" else ""
            found.append((row["code"], prefix + row["name"]))
        elif row["code"] in _WITHOUT_COUNTIES:
            found.append((row["code"], row["name"]))
    return tuple(found)


def district_choices(province: str | None) -> list[tuple[str, str]]:
    """`[(code, words)]` of the 区县 now in force in a province, those of a prefecture with its name in front (成都市
    锦江区). Empty for an empty or unknown province."""
    if not province or table("province").row(province) is None:
        return []
    return list(_districts(province))


def all_district_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every 区县 now in force under the heading of its province, 重庆市 first: for a menu that cannot know the
    province beforehand."""
    provinces = sorted(table("province").choices(), key=lambda choice: choice[0] != CHONGQING)
    return [(name, district_choices(code)) for code, name in provinces]


def district_in_province(district: str, province: str) -> bool:
    """Whether a 区县 that may be chosen today lies in `province`."""
    return any(code == district for code, _ in district_choices(province))


# Industry ------------------------------------------------------------------------------------------------------------


def three_sector_of(industry: str | None) -> str:
    """The code of the 三次产业 that a 行业门类 or 大类 counts towards, "" for an unknown or empty one."""
    row = table("industry").row(industry or "")
    return row["three_sector"] if row else ""
