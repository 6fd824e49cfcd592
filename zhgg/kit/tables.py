"""Tables of django-tables2, drawn in one go.

Left to itself the library looks up, binds and wraps every cell anew, and a template draws each of them: two thirds of
the work of a page. Here what a column is (its tag, its label for the phone, how its value is come by) is worked out
once a table, and the rows are one pass over that. Columns, accessors, `render_…` methods, defaults and attributes mean
what the library says they mean; attributes that are functions of the record are not known here.
"""

from copy import copy
from functools import lru_cache
from inspect import signature
from operator import attrgetter, methodcaller

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model
from django_tables2 import tables
from django_tables2.rows import BoundRow

from zhgg.kit import ui
from zhgg.kit.markup import markup, text

_VALUE, _RECORD = {"value"}, {"record"}


class _Columns(dict):
    """Columns of which each table gets its own, without copies of what stands in them: nobody changes that."""

    def __deepcopy__(self, memo):
        return {name: copy(column) for name, column in self.items()}


class Table(tables.Table):
    """The base of our tables: as the library's, without its deep copies of all columns for each request."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.base_columns = _Columns(cls.base_columns)


class Cell:
    """One column of a table: `tag` opens its cells, `content(record)` is what stands in them."""

    def __init__(self, table, column, *, heads_rows):
        self.table, self.column, self.heads_rows = table, column, heads_rows
        self.attributes = column.attrs
        td = dict(self.attributes["td"])
        self.classes = set((td.pop("class", None) or "").split())
        label = td.pop("data-label", None)
        if label is None and not self.classes & {"cell-check", "c-badge", "c-ops"}:
            label = column.header
        css = class_attribute(self.classes)
        others = "".join(f' {name}="{text(value)}"' for name, value in td.items())
        if heads_rows:
            self.tag, self.end = f'<th role="rowheader" scope="row"{css}>', "</th>"
        else:
            label = f' data-label="{text(label)}"' if label else ""
            self.tag, self.end = f'<td role="cell"{css}{label}{others}>', "</td>"
        self.content = self._content()

    def _content(self):
        """What makes of a record the cell, as HTML. Everything that is the same in each row is asked here."""
        render, empty, steps = self.column.render, self.column.column.empty_values, tuple(self.column.accessor.bits)
        wants = parameters_of(getattr(render, "__func__", render))
        if self.column.link or not wants <= {"value", "record"}:
            return self._by_library
        if wants == {"record"} and not empty:
            return lambda record: text(render(record=record))
        # Only whoever shows the value needs its words.
        read = value_of if "value" in wants else raw_value_of

        def content(record):
            value = read(record, steps)
            if not isinstance(value, Model) and value in empty:
                return text(self.column.default)
            if wants == _VALUE:
                return text(render(value=value))
            return text(render(record=record) if wants == _RECORD else render(value=value, record=record))

        return content

    def _by_library(self, record):
        return text(BoundRow(record, self.table).get_cell(self.column.name))


def cells_of(table):
    """The columns of the table, in order. The first that is no checkbox heads the rows, unless the class of the table
    names another one in `row_header`."""
    columns = list(table.columns)
    named = getattr(table, "row_header", "")
    head = named or next((each.name for each in columns if not isinstance(each.column, ui.RowCheckColumn)), "")
    return [Cell(table, column, heads_rows=column.name == head) for column in columns]


def draw_rows(table, cells):
    """The <tr>s of the present page."""
    parts = [(cell.tag, cell.content, cell.end) for cell in cells]
    lines = [
        f'<tr role="row">{"".join([f"{tag}{content(record)}{end}" for tag, content, end in parts])}</tr>'
        for record in table.paginated_rows.data
    ]
    if not lines:
        empty = text(table.empty_text or "没有符合条件的记录")
        lines = [f'<tr role="row"><td role="cell" colspan="{len(cells)}">{empty}</td></tr>']
    return markup("\n".join(lines))


def class_attribute(classes):
    """class="nw num", or nothing; in the order of the alphabet."""
    return f' class="{text(" ".join(sorted(classes)))}"' if classes else ""


def value_of(record, steps):
    """What the steps of an accessor lead to; for a field with choices its words. None where they lead nowhere."""
    return _step(raw_value_of(record, steps[:-1]), steps[-1], in_words=True)


def raw_value_of(record, steps):
    """What the steps of an accessor lead to; None where they lead nowhere."""
    for step in steps:
        record = _step(record, step)
    return record


def _step(record, step, *, in_words=False):
    if record is None:
        return None
    try:
        return _way(type(record), step, in_words)(record)
    except (AttributeError, KeyError, ObjectDoesNotExist):
        return None


@lru_cache(maxsize=512)
def _way(kind, name, in_words):
    """How a step leads on from a record of that kind."""
    if issubclass(kind, dict):
        return lambda record: _called(record[name])
    field = _field(kind, name)
    if field is None:
        return lambda record: _called(getattr(record, name))
    return methodcaller(f"get_{name}_display") if in_words and field.choices else attrgetter(name)


def _called(found):
    return found() if callable(found) and not getattr(found, "alters_data", False) else found


def _field(kind, name):
    """The column of a model behind an attribute, or None."""
    try:
        field = kind._meta.get_field(name) if issubclass(kind, Model) else None
    except FieldDoesNotExist:
        return None
    return field if field is not None and field.concrete else None


@lru_cache(maxsize=512)
def parameters_of(function):
    """The names of what a `render` takes besides itself."""
    return frozenset(signature(function).parameters) - {"self"}
