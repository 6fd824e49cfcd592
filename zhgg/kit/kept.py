"""Querysets whose SQL is put together once.

To turn a queryset into SQL takes Django several times as long as PostgreSQL takes to answer what a page asks by keys.
What every page asks, and what a list asks of whoever just opens it, is kept here: the queryset is made once with
`Given` where values will stand, and from then on only the values are filled in.

    _OF_CODE = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")).only("name"))
    unit = _OF_CODE.first(uscc="915001027365421098")
"""

from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import NotSupportedError, OperationalError, connections
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor
from django.db.models import Expression, Func, IntegerField
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from psycopg.sql import Literal

from zhgg.kit.partly import Maker

_START, _STOP = 1_000_000_007, 3_000_000_019
ANY_SLICE = slice(_START, _STOP)
"""`queryset[ANY_SLICE]`: rows of which `slices` says which."""


class Given(Expression):
    """A value that is given each time by `name`. Its place in the queryset must leave no doubt about its type."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


def count_rows(where=None):
    """How many rows there are (with a Q: how many meet it), as a column of the one row that `values_list` gives."""
    if where is None:
        return Func(template="COUNT(*)", output_field=IntegerField())
    return Func(where, template="COUNT(*) FILTER (WHERE %(expressions)s)", output_field=IntegerField())


class Kept:
    """What `make(*shape)` gives, a queryset with `Given` in it: put together once for each `shape`.

    A shape is what changes the SQL itself: a role, an order, how many rows. At most `shapes` of them are kept. The
    answers are those of the queryset: instances, or tuples of `values_list`.

    `by_key` says that one plan is good for whatever is given, because each value finds a few rows in an index, or a
    range of it along which rows stand in order: PostgreSQL then plans the statement once for a connection. Where
    thousands of rows are put together with others or grouped, it must not: the best plan differs.
    """

    def __init__(self, make, *, shapes=64, by_key=False):
        self._statement = lru_cache(maxsize=shapes)(lambda *shape: _Statement(make(*shape), by_key))

    def rows(self, *shape, **given):
        """Everything there is, as a list."""
        return self._statement(*shape).rows(given)

    def slices(self, *shape, **given):
        """Something to be sliced, where the queryset was sliced by ANY_SLICE."""
        return _Slices(self._statement(*shape), given)

    def first(self, *shape, **given):
        """The first row, or None. The queryset says how many it asks for."""
        return next(iter(self._statement(*shape).rows(given)), None)


class _Statement:
    """A queryset together with its SQL, in which the constants stand as they are and only what is given is left out."""

    def __init__(self, queryset, by_key):
        self.queryset = queryset
        # The driver prepares a statement (`prepare_threshold`) whose values travel beside it.
        self.cursor_class = ServerBindingCursor if by_key else Cursor
        self.compiler = queryset.query.get_compiler(queryset.db)
        try:
            sql, params = self.compiler.as_sql()
        except EmptyResultSet:
            # Of something like `none()`: there is never anything.
            self.sql, self.names = None, ()
        else:
            self.sql = sql.replace("%%", "%%%%") % tuple(map(self._written, params))
            self.names = [each.name for each in params if isinstance(each, Given)]
            self._learn_columns(queryset)

    def _learn_columns(self, queryset):
        """What Django asks of the columns for each answer, and which are always the same."""
        columns = self.compiler.select
        found = self.compiler.get_converters([column for column, *_ in columns])
        self.converters = [
            (place, convert, column) for place, (converts, column) in found.items() for convert in converts
        ]
        kind = queryset._iterable_class
        if kind is ModelIterable:
            self.make = Maker(self.compiler.klass_info, columns, self.compiler.annotation_col_map).make
        elif kind is FlatValuesListIterable:
            self.make = _only_column
        elif kind is ValuesListIterable:
            self.make = None
        else:
            raise TypeError(f"{kind.__name__} is not kept: instances are, and tuples of values_list")
        if queryset._prefetch_related_lookups:
            raise TypeError("what a queryset fetches by further queries is not kept")

    def _written(self, value):
        if isinstance(value, Given):
            return "%s"
        connection = self.compiler.connection
        connection.ensure_connection()
        return Literal(value).as_string(connection.connection).replace("%", "%%")

    def rows(self, given, wanted=None):
        sql = self.sql
        if sql is None:
            return []
        if wanted:
            # What stands there are numbers that nothing else in a query looks like.
            for number, meant in (
                (_STOP - _START, wanted.stop - wanted.start),
                (_START, wanted.start),
                (_STOP, wanted.stop),
            ):
                sql = sql.replace(str(number), str(int(meant)))
        values = [given[name] for name in self.names]
        # Which database answers, a router may say anew each time (`kit.replica`).
        connection = connections[self.queryset.db]
        rows = _answer(connection, self.cursor_class, sql, values)
        if self.converters:
            rows = [self._converted(row, connection) for row in rows]
        make, db = self.make, connection.alias
        return [make(row, db) for row in rows] if make else rows

    def _converted(self, row, connection):
        row = list(row)
        for place, convert, column in self.converters:
            row[place] = convert(row[place], column, connection)
        return tuple(row)


def _only_column(row, db):
    return row[0]


def _answer(connection, cursor_class, sql, values):
    try:
        return _fetched(connection, cursor_class, sql, values)
    except NotSupportedError as error:
        # An upgrade has changed the type of a column under a statement that was prepared. A transaction is lost (503),
        # and its ROLLBACK lets the driver forget what it has prepared; without one it is told to.
        if connection.in_atomic_block:
            raise OperationalError("a prepared statement has become another one: ask again") from error
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        return _fetched(connection, cursor_class, sql, values)


def _fetched(connection, cursor_class, sql, values):
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if connection.queries_logged:
        # What is logged is to be read with its values, which a prepared statement does not show.
        cursor = connection.make_debug_cursor(Cursor(connection.connection))
    else:
        cursor = connection.make_cursor(cursor_class(connection.connection))
    with cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


class _Slices:
    """The rows of a statement, asked for by their places."""

    def __init__(self, statement, given):
        self.statement, self.given = statement, given

    def __getitem__(self, wanted):
        return self.statement.rows(self.given, wanted)
