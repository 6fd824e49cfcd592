"""The list of 个人信息审核 as one address asks for it: conditions, order and page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse

from profiles.enums import ReviewState
from profiles.filters import ReviewFilter
from profiles.models import ReviewRequest

PAGE_SIZES = (10, 20, 50, 100)
PAGE_SIZE = 20
# Longer ones are nobody's list.
QUERY_LENGTH = 2000


@dataclass(frozen=True)
class Place:
    """Where a request stands in a list: 第 `number` 条，共 `total` 条. `next_waiting` is whom to review after it."""

    number: int
    total: int
    previous: int | None
    next: int | None
    next_waiting: int | None


class ReviewList:
    """What `data` (a QueryDict) asks of the actor's list. Where the conditions are wrong, only `filter` is of use."""

    def __init__(self, actor, data):
        self.actor, self.data = actor, data
        self.everything = ReviewRequest.objects.routed_to(actor).for_list()
        self.filter = ReviewFilter(data, queryset=self.everything)
        self.is_valid = self.filter.is_valid()
        sort, size = data.get("sort", ""), data.get("size", "")
        self.sort = sort if sort in ReviewRequest.objects.all().ORDERS else ""
        self.size = next((each for each in PAGE_SIZES if str(each) == size), PAGE_SIZE)

    @classmethod
    def of_query(cls, actor, query):
        """The list that a page was opened from, by its query string; None where that makes no sense."""
        if query is None or len(query) > QUERY_LENGTH:
            return None
        found = cls(actor, QueryDict(query))
        return found if found.is_valid else None

    @property
    def rows(self):
        """What meets the conditions, in order."""
        return self.filter.qs.in_order(self.sort)

    @property
    def query(self):
        """The query string that asks for this list, page included."""
        return self.query_with(page=self.data.get("page", "")[:9])

    def query_with(self, **changes):
        """The query string with some parameters changed; empty ones are left out."""
        asked = QueryDict(mutable=True)
        size = "" if self.size == PAGE_SIZE else str(self.size)
        for name, value in {**self.filter.query, "sort": self.sort, "size": size, **changes}.items():
            if value:
                asked[name] = value
        return asked.urlencode()

    def address(self, **changes):
        """The address of the list; without `changes` of its first page."""
        query = self.query_with(**changes)
        return f"{reverse('reviews')}?{query}" if query else reverse("reviews")

    def fill(self, table, total):
        """Put the asked-for page into the table: the last one for a page beyond."""
        table.paginator = Paginator(table.rows, self.size)
        table.paginator.count = total
        table.page = table.paginator.get_page(self.data.get("page"))

    def place_of(self, pk):
        """The Place of a request in the whole list, or None where it is not (or no longer) in it."""
        rows = list(self.rows.values_list("pk", "state"))
        at = next((index for index, (each, _) in enumerate(rows) if each == pk), None)
        if at is None:
            return None
        # What waits after it, and then from the beginning.
        waiting = [each for each, state in rows[at + 1 :] + rows[:at] if state == ReviewState.PENDING]
        return Place(
            number=at + 1,
            total=len(rows),
            previous=rows[at - 1][0] if at else None,
            next=rows[at + 1][0] if at + 1 < len(rows) else None,
            next_waiting=waiting[0] if waiting else None,
        )


def opened_from(request):
    """The ReviewList that the page was opened from, or None."""
    return ReviewList.of_query(request.actor, request.GET.get("list"))


def within(found, url):
    """`url`, which then knows the list it is opened from."""
    return f"{url}?{urlencode({'list': found.query})}" if found else url


def back_to(found):
    """The address of the list, on the page that was left."""
    return f"{reverse('reviews')}?{found.query}" if found and found.query else reverse("reviews")
