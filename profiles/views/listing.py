"""The list of 个人信息审核 as one address asks for it, and where a request stands in it."""

from dataclasses import dataclass

from profiles.enums import ReviewState
from profiles.filters import ReviewFilter
from profiles.models import ReviewRequest
from zhgg.kit import listing
from zhgg.kit.listing import KeysFirst, Listing


@dataclass(frozen=True)
class Place(listing.Place):
    """The Place of a request, and whom to review after it."""

    next_waiting: int | None


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

    def page(self, total):
        """The asked-for page of the `total` rows, with what a row shows."""
        shown = ReviewRequest.objects.select_related("person", "unit", "department")
        return self.page_of(KeysFirst(self.rows, shown), total)

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
