"""Registry of who refers to a 二级单位. Higher apps register in `AppConfig.ready()`."""

from dataclasses import dataclass

from django.db.models import Count, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce, Least


@dataclass(frozen=True)
class Use:
    """`count` rows refer to the 二级单位; `sentence` says so in words: 有 126 人的个人信息填写了这个二级单位.

    `advice` says what can be done about them; `url` leads to them under the words of `label`.
    """

    count: int
    sentence: str
    advice: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Figures:
    """What pages show of one 二级单位: people who refer to it, and `(what, number)` of everything that waits."""

    people: int = 0
    waiting: tuple = ()

    @property
    def waiting_total(self):
        """Everything that waits there."""
        return sum(number for _, number in self.waiting)


_users = []
_people = []
_waiting = {}
_of_units = []


@dataclass(frozen=True)
class Number:
    """One figure of a unit: 关联人员 1,592, and where they are listed ("" where nowhere)."""

    label: str
    number: int
    url: str = ""


def register(function):
    """Have `function(department)` asked before a 二级单位 is deleted; it returns a list of Use."""
    if function not in _users:
        _users.append(function)


def register_people(*, count, listing):
    """Say who refers to a 二级单位: `count()` is an expression over its rows, made with `number_of`;
    `listing(department)` the people as a QuerySet of rows with `name` and `in_force`."""
    _people[:] = [(count, listing)]


def register_waiting(label, *, count, oldest):
    """Say what waits at a 二级单位, by a word such as 申报书.

    `count()` is an expression made with `number_of`; `oldest()` one made with `earliest_of`: since when it waits there.
    """
    _waiting[label] = (count, oldest)


def register_unit(function):
    """Have `function(unit)` asked for the figures that 科技局 sees of a unit; it returns a list of Number."""
    if function not in _of_units:
        _of_units.append(function)


def of_unit(unit):
    """Every Number of the unit."""
    return [number for function in _of_units for number in function(unit)]


def number_of(rows, column):
    """How many of `rows` name the 二级单位 of the outer query in `column`."""
    counted = rows.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def earliest_of(rows, column, time):
    """The earliest `time` of the `rows` that name the 二级单位 of the outer query in `column`; None without any."""
    found = rows.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(earliest=Min(time))
    return Subquery(found.values("earliest"))


def of(department):
    """Every Use of the 二级单位 that stands in the way of deleting it."""
    return [use for function in _users for use in function(department) if use.count]


def with_figures(departments):
    """The QuerySet of 二级单位, with all figures in the same query; `figures(row)` reads them."""
    [(count_people, _)] = _people
    waiting = {f"waiting_{place}": count() for place, (count, _) in enumerate(_waiting.values())}
    return departments.annotate(people=count_people(), **waiting)


def with_waiting_since(departments):
    """The QuerySet of 二级单位 with `waiting_since`: when the oldest of what waits there came; None without any."""
    return departments.annotate(waiting_since=Least(*(oldest() for _, oldest in _waiting.values())))


def figures(row):
    """The Figures of a row of `with_figures`."""
    numbers = ((label, getattr(row, f"waiting_{place}")) for place, label in enumerate(_waiting))
    return Figures(row.people, tuple((label, number) for label, number in numbers if number))


def people(department):
    """The people who refer to the 二级单位, by name."""
    [(_, listing)] = _people
    return listing(department)
