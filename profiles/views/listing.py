"""The list of 个人信息审核 as one address asks for it, and where a request stands in it."""

from functools import cache

from django.db.models import Count

from profiles.enums import ReviewState
from profiles.filters import ReviewFilter
from profiles.models import ReviewRequest
from profiles.queries import PARTS
from zhgg.kit.listing import Listing, Merged, Parts, Place


class ReviewList(Listing):
    """What is asked of the actor's list."""

    url_name = "reviews"
    orders = tuple(ReviewRequest.objects.all().ORDERS)

    def make_filter(self):
        rows = ReviewRequest.objects.routed_to(self.actor).for_list()
        return ReviewFilter(self.data, queryset=rows, unit_id=self.actor.unit_id)

    @property
    def rows(self):
        """What meets the conditions, in order."""
        return self.filter.qs.in_order(self.sort)

    def page(self, counts):
        """The asked-for page, with what a row shows. `counts` are the numbers of the rows by their 状态.

        The rows are found state by state along an index: put in one order, all of a unit were sorted for each page.
        """
        rows = self.filter.qs.order_by()
        parts = [
            (
                sum(counts.get(state, 0) for state in states),
                Merged([rows.filter(state=state) for state in states if counts.get(state)], order),
            )
            for states, order in PARTS[self.sort]
        ]
        page = self.page_of(Parts(parts), sum(counts.values()))
        keys = [key for *_, key in page.object_list]
        found = _shown().in_bulk(keys)
        page.object_list = [found[key] for key in keys if key in found]
        return page

    def place_of(self, pk):
        """The Place of a request in the whole list, or None where it is not (or no longer) in it."""
        found = self._listed(pk)
        if found is None:
            return None
        rows = self.filter.qs.order_by()
        before, after = self._around(found)
        counts = rows.aggregate(total=Count("pk"), before=Count("pk", filter=before))
        return Place(
            number=counts["before"] + 1,
            total=counts["total"],
            previous=_first(self.rows.filter(before).reverse()),
            next=_first(self.rows.filter(after)),
        )

    def next_waiting(self, pk):
        """`(whether the request is in this list, key of what waits next after it or None)`: in the order of the list,
        from the beginning again at its end."""
        found = self._listed(pk)
        if found is None:
            return False, None
        waiting = self.rows.filter(state=ReviewState.PENDING).exclude(pk=pk)
        _, after = self._around(found)
        return True, _first(waiting.filter(after)) or _first(waiting)

    def _listed(self, pk):
        return self.filter.qs.filter(pk=pk).only("state", "submitted_at", "updated_at").first()

    def _around(self, found):
        beyond = ReviewRequest.objects.all().beyond
        return beyond(found, self.sort, back=True), beyond(found, self.sort)


@cache
def _shown():
    """Every request with what a row shows; put together once."""
    return ReviewRequest.objects.select_related("person", "unit", "department")


def _first(rows):
    return rows.values_list("pk", flat=True).first()


def opened_from(request):
    """The ReviewList that the page was opened from, or None."""
    return ReviewList.of_query(request.actor, request.GET.get("list"))
