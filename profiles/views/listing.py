"""The list of 个人信息审核 as one address asks for it, and where a request stands in it."""

from django.db.models import Count
from django.utils.functional import cached_property

from orgs.actors import anybody
from profiles.enums import ReviewState
from profiles.filters import ReviewFilter
from profiles.models import ReviewRequest
from profiles.queries import PARTS
from zhgg.kit.kept import ANY_SLICE, Given, Kept
from zhgg.kit.listing import Listing, Merged, Parts, Place


def _routed(role):
    return ReviewRequest.objects.routed_to(anybody(role))


def _in_states(rows, states, order):
    return Merged([rows.order_by().filter(state=state) for state in states], order)


# However many there are, a range of an index is counted along it, and a page of one is walked to along it.
_NUMBERS = Kept(lambda role: _routed(role).listed_numbers(), by_key=True)
_KEYS = Kept(
    lambda role, states, order: _in_states(_routed(role).for_list(), states, order).rows(ANY_SLICE), by_key=True
)
_SHOWN = Kept(lambda: ReviewRequest.objects.for_table().filter(pk__any_of=Given("keys")), by_key=True)


class ReviewList(Listing):
    """What is asked of the actor's list."""

    url_name = "reviews"
    orders = tuple(ReviewRequest.objects.all().ORDERS)

    def make_filter(self):
        return ReviewFilter(
            self.data,
            rows=lambda: ReviewRequest.objects.routed_to(self.actor).for_list(),
            unit_id=self.actor.unit_id,
        )

    @property
    def rows(self):
        """What meets the conditions, in order."""
        return self.filter.qs.in_order(self.sort)

    @cached_property
    def is_of_place(self):
        """Whether it is everything that was routed to the actor, or of one state there: what most pages are."""
        return not any(value for name, value in self.filter.form.cleaned_data.items() if name != "state")

    @cached_property
    def counts(self):
        """`{state: number}` under all conditions but the one on 状态."""
        if self.is_of_place:
            return {state: number for state, number, _ in _NUMBERS.rows(self.actor.role, **self.actor.given)}
        return self.filter.rows_of_any_state().state_counts()

    def page(self):
        """The asked-for page, with what a row shows.

        The rows are found state by state along an index: put in one order, all of a unit were sorted for each page.
        """
        chosen = self.filter.form.cleaned_data["state"]
        counts = {state: number for state, number in self.counts.items() if chosen in ("", state)}
        parts = []
        for states, order in PARTS[self.sort]:
            there = tuple(state for state in states if counts.get(state))
            if there:
                parts.append((sum(counts[state] for state in there), self._keys(there, order)))
        page = self.page_of(Parts(parts), sum(counts.values()))
        keys = [key for *_, key in page.object_list]
        found = {row.pk: row for row in _SHOWN.rows(keys=keys)} if keys else {}
        page.object_list = [found[key] for key in keys if key in found]
        return page

    def _keys(self, states, order):
        if self.is_of_place:
            return _KEYS.slices(self.actor.role, states, order, **self.actor.given)
        return _in_states(self.filter.qs, states, order)

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


def _first(rows):
    return rows.values_list("pk", flat=True).first()


def opened_from(request):
    """The ReviewList that the page was opened from, or None."""
    return ReviewList.of_query(request.actor, request.GET.get("list"))
