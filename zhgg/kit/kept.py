"""Querysets whose SQL is put together once.

To turn a queryset into SQL takes Django several times as long as PostgreSQL takes to answer what a page asks by keys.
What every page asks, and what a list asks of whoever just opens it, is kept here: the queryset is made once with
`Given` where values will stand, and from then on only the values are filled in.

    _OF_CODE = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")).only("name"))
    unit = _OF_CODE.first(uscc="915001027365421098")
"""

from copy import copy
from functools import lru_cache, partial

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, Func, IntegerField, Lookup

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


def count_rows():
    """How many rows there are, as the one column of the one row that `values_list` of it gives."""
    return Func(template="COUNT(*)", output_field=IntegerField())


@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=[…]`: as `pk__in`, in SQL that does not depend on how many there are."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        given, others = self.process_rhs(compiler, connection)
        return f"{column} = ANY({given})", [*values, *others]


class Kept:
    """What `make(*shape)` gives, a queryset with `Given` in it: put together once for each `shape`.

    A shape is what changes the SQL itself: a role, an order, how many rows. At most `shapes` of them are kept. The
    answers are those of the queryset: instances, or tuples of `values_list`.
    """

    def __init__(self, make, *, shapes=64):
        self._statement = lru_cache(maxsize=shapes)(lambda *shape: _Statement(make(*shape)))

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
    """A queryset together with its SQL."""

    def __init__(self, queryset):
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(queryset.db)
        try:
            self.sql, self.params = self.compiler.as_sql()
        except EmptyResultSet:
            # Of something like `none()`: there is never anything.
            self.sql = None
        # What Django asks of the columns for each answer. They are always the same.
        self.converters = self.has_pairs = None

    def rows(self, given, wanted=None):
        queryset, sql = self.queryset.all(), self.sql
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
        values = tuple(given[each.name] if isinstance(each, Given) else each for each in self.params)
        queryset.query.get_compiler = partial(self._filled_in, sql, values)
        return list(queryset)

    def _filled_in(self, sql, values, using, *args, **options):
        compiler = copy(self.compiler)
        compiler.using, compiler.connection = using, connections[using]
        compiler.as_sql = lambda *args, **options: (sql, values)
        compiler.get_converters, compiler.has_composite_fields = self._converters, self._has_pairs
        return compiler

    def _converters(self, columns):
        if self.converters is None:
            self.converters = self.compiler.get_converters(columns)
        return self.converters

    def _has_pairs(self, columns):
        if self.has_pairs is None:
            self.has_pairs = self.compiler.has_composite_fields(columns)
        return self.has_pairs


class _Slices:
    """The rows of a statement, asked for by their places."""

    def __init__(self, statement, given):
        self.statement, self.given = statement, given

    def __getitem__(self, wanted):
        return self.statement.rows(self.given, wanted)
