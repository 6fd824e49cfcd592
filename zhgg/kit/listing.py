"""A list as one address asks for it: conditions, order and page. Each list of an app is a `Listing`."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django_tables2.data import TableData

from zhgg.kit.addresses import address_of, addresses

PAGE_SIZES = (10, 20, 50, 100)
PAGE_SIZE = 20
# Longer ones are nobody's list.
QUERY_LENGTH = 2000


@dataclass(frozen=True)
class Place:
    """Where a row stands in a list: 第 `number` 条，共 `total` 条, and the keys of its neighbours. Far down a long list
    it is not counted how far (None)."""

    number: int | None
    total: int
    previous: int | None
    next: int | None


class Listing:
    """What `data` (a QueryDict) asks of the actor's list. Where the conditions are wrong, only `filter` is of use.

    A list says at which address it stands (`url_name`), by what it can be sorted (`orders`), and makes its filter, a
    `kit.filters.ListFilter`.
    """

    url_name = ""
    orders: tuple[str, ...] = ("",)

    def __init__(self, actor, data):
        self.actor, self.data = actor, data
        self.filter = self.make_filter()
        self.is_valid = self.filter.is_valid()
        sort = data.get("sort", "")
        self.sort = sort if sort in self.orders else ""
        self.size = size_in(data)

    def make_filter(self):
        """The ListFilter over everything in the actor's list."""
        raise NotImplementedError

    @classmethod
    def of_query(cls, actor, query):
        """The list that a page was opened from, by its query string; None where that makes no sense."""
        if query is None or len(query) > QUERY_LENGTH:
            return None
        found = cls(actor, QueryDict(query))
        return found if found.is_valid else None

    @cached_property
    def query(self):
        """The query string that asks for this list, page included."""
        return self.query_with(page=self.data.get("page", "")[:9])

    def query_with(self, **changes):
        """The query string with some parameters changed; empty ones are left out."""
        size = "" if self.size == PAGE_SIZE else self.size
        asked = {**self.filter.query, "sort": self.sort, "size": size, **changes}
        return urlencode({name: value for name, value in asked.items() if value})

    def address(self, **changes):
        """The address of the list; without `changes` of its first page."""
        query = self.query_with(**changes)
        return f"{address_of(self.url_name)}?{query}" if query else address_of(self.url_name)

    def page_of(self, rows, total):
        """The asked-for Page of `rows`. `total` spares the query that counts them."""
        return page_of(rows, self.data, total)

    @classmethod
    def back_to(cls, found):
        """The address of the list that `found` (or None) was opened from, on the page that was left."""
        return f"{address_of(cls.url_name)}?{found.query}" if found and found.query else address_of(cls.url_name)


def size_in(data):
    """How many rows a page has: one of PAGE_SIZES, whatever is asked for."""
    return next((size for size in PAGE_SIZES if str(size) == data.get("size", "")), PAGE_SIZE)


def page_of(rows, data, total=None):
    """The Page of `rows` that `data` asks for: the last one for a page beyond."""
    paginator = Paginator(rows, size_in(data))
    if total is not None:
        paginator.count = total
    return paginator.get_page(data.get("page"))


def within(found, url):
    """`url`, which then knows the list it is opened from."""
    return f"{url}?{urlencode({'list': found.query})}" if found else url


def openings(url_name, found=None):
    """`address(row)`: where the page `url_name` of a row is, which then knows the list it is opened from. For a list of
    rows: what is the same for all of them is worked out once."""
    address, tail = addresses(url_name), within(found, "")
    return lambda row: f"{address(row.pk)}{tail}"


def beyond(order, values, *, back=False):
    """The Q of the rows that come after one with these `values` in the fields of `order` (before it, with `back`).

    beyond(("submitted_at", "-pk"), (moment, 7))
    """
    wanted, level = Q(), Q()
    for field, value in zip(order, values, strict=True):
        name = field.removeprefix("-")
        falls = field.startswith("-") != back
        wanted |= level & Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
        level &= Q(**{name: value})
    # Says nothing new, but where an index of this order is entered.
    first = order[0].removeprefix("-")
    return wanted & Q(**{f"{first}__{'lte' if order[0].startswith('-') != back else 'gte'}": values[0]})


class Parts:
    """Rows that stand one part after the other, each part in an order that an index has: `[(length, rows)]`.

    A page costs a look into the parts that it touches. One ORDER BY over all of them would sort everything each time.
    """

    def __init__(self, parts):
        self.parts = [(length, rows) for length, rows in parts if length]

    def __len__(self):
        return sum(length for length, _ in self.parts)

    def __getitem__(self, wanted):
        found, start = [], 0
        for length, rows in self.parts:
            first, last = max(wanted.start - start, 0), min(wanted.stop - start, length)
            if first < last:
                found += rows[first:last]
            start += length
        return found


class Merged:
    """What the fields of `order` say of the rows of several querysets, merged in that order.

    Each walks along its index, and only as far as the page asks for: PostgreSQL by itself would sort all of them.
    """

    def __init__(self, parts, order):
        self.parts, self.order = parts, order

    def rows(self, wanted):
        """A slice of them, as a queryset."""
        fields = [field.removeprefix("-") for field in self.order]
        first, *others = [part.order_by(*self.order).values_list(*fields)[: wanted.stop] for part in self.parts]
        rows = first.union(*others, all=True).order_by(*self.order) if others else first
        return rows[wanted]

    def __getitem__(self, wanted):
        return list(self.rows(wanted))

    def turned(self):
        """The last one first."""
        order = [field[1:] if field.startswith("-") else f"-{field}" for field in self.order]
        return Merged(self.parts, tuple(order))

    def of(self, pk):
        """The one with this key, if it is among them."""
        return Merged([part.filter(pk=pk) for part in self.parts], self.order)

    def beyond(self, values, *, back=False):
        """Those that come after one with these `values` in the fields of the order; with `back` those before it, the
        nearest first."""
        found = Merged([part.filter(beyond(self.order, values, back=back)) for part in self.parts], self.order)
        return found.turned() if back else found

    def number(self, most):
        """How many there are, counted no further than one beyond `most`."""
        return self.rows(slice(0, most + 1)).count()


class KeysFirst:
    """`rows`, of which a page costs the page: the keys are found and put in order alone, and only those of the page are
    looked up in `shown`, which says what a row shows. Ordering everything together with what it shows is what makes
    the last page of a long list slow.
    """

    def __init__(self, rows, shown):
        self.rows, self.shown = rows, shown

    def __getitem__(self, wanted):
        keys = list(self.rows.values_list("pk", flat=True)[wanted])
        found = self.shown.in_bulk(keys)
        return [found[key] for key in keys if key in found]


def show_page(table, page):
    """Have `table`, which was made with the rows of `page`, drawn as that page."""
    page.object_list = table.rows
    table.page, table.paginator = page, page.paginator


class InOrder(TableData):
    """Rows of one page for django-tables2, which is told by what they are sorted and must not sort them again."""

    def __len__(self):
        return len(self.data)

    def order_by(self, aliases):
        """Nothing: the rows come in order."""
