"""What stands in the cells of a table: what django-tables2 says of accessors, words, defaults and `render_…`."""

from types import SimpleNamespace

import django_tables2 as tables
import pytest

from orgs.enums import GrantRole
from orgs.models import Department, Grant, Unit
from zhgg.kit.tables import Table, cells_of, draw_rows


class Grants(Table):
    holder_name = tables.Column("姓名")
    role = tables.Column("身份")
    role_code = tables.Column("代码", accessor="role")
    place = tables.Column("单位", accessor="unit__name")
    department = tables.Column("二级单位", default="—")
    same = tables.Column("身份", accessor="get_role_display")
    nothing = tables.Column("没有", accessor="unit__nothing", default="<无>")
    reason = tables.Column("原因", accessor="end_reason", empty_values=())

    def render_role_code(self, record):
        return record.role

    def render_holder_name(self, value, record):
        return f"{value}（{record.pk}）"


def cells(table):
    return [[cell.content(record) for cell in cells_of(table)] for record in table.paginated_rows.data]


def grant(department=None):
    return Grant(pk=7, role=GrantRole.MANAGER, holder_name="<周岚>", unit=Unit(name="样例单位"), department=department)


def test_cells_of_an_instance():
    words = GrantRole.MANAGER.label
    rest = [words, "manager", "样例单位"]

    table = Grants([grant(), grant(Department(pk=1, name="软件学院"))])

    assert cells(table) == [
        ["&lt;周岚&gt;（7）", *rest, "—", words, "&lt;无&gt;", ""],
        ["&lt;周岚&gt;（7）", *rest, "软件学院", words, "&lt;无&gt;", ""],
    ]


@pytest.mark.parametrize("kind", [dict, SimpleNamespace])
def test_cells_of_any_other_record(kind):
    class Rows(Table):
        name = tables.Column()
        number = tables.Column(accessor="count", default="0")
        missing = tables.Column(default="—")

    assert cells(Rows([kind(name="<甲>", count=lambda: 3), kind(name="", count=None)])) == [
        ["&lt;甲&gt;", "3", "—"],
        ["—", "0", "—"],
    ]


def test_a_column_that_asks_for_more_is_drawn_by_the_library():
    class Rows(Table):
        name = tables.Column()
        linked = tables.Column(accessor="name", linkify=lambda record: f"/{record['name']}/")

        def render_name(self, value, bound_column):
            return f"{bound_column.name}: {value}"

    table = Rows([{"name": "a&b"}])

    assert cells(table) == [["name: a&amp;b", '<a href="/a&amp;b/">a&amp;b</a>']]


def test_rows_are_escaped_once_and_none_is_a_sentence():
    class Rows(Table):
        name = tables.Column("姓名")

    table, none = Rows([{"name": "<甲>"}]), Rows([])

    assert draw_rows(table, cells_of(table)) == ('<tr role="row"><th role="rowheader" scope="row">&lt;甲&gt;</th></tr>')
    assert draw_rows(none, cells_of(none)) == (
        '<tr role="row"><td role="cell" colspan="1">没有符合条件的记录</td></tr>'
    )
