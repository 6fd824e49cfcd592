"""The list of 申报书 of the actor's place as one address asks for it."""

from collections import Counter
from urllib.parse import urlencode

from django.utils.functional import cached_property

from orgs.actors import anybody
from orgs.enums import Role
from projects.enums import State
from projects.filters import PROPOSAL_FILTERS, with_word, word_lookups
from projects.models import Proposal
from zhgg.kit.counts import LARGE, counted
from zhgg.kit.kept import ANY_SLICE, Given, Kept
from zhgg.kit.listing import Listing, Parts, Place, beyond

BY_TIME = ("updated_at", "pk")


def _rows(role, lookups):
    """`(who asks, everything of their place)`; with `lookups` what has the given word there."""
    someone = anybody(role)
    rows = Proposal.objects.of_place(someone)
    return someone, rows.filter(with_word(lookups, Given("word"))) if lookups else rows


def _numbers(role):
    someone, rows = _rows(role, ())
    return rows.numbers_in_place(someone)


def _numbers_with_word(role, lookups):
    # The rows themselves are read, and not the index alone.
    someone, rows = _rows(role, lookups)
    return rows.numbers(someone)


def _keys(role, lookups, sort, states, late, part):
    someone, rows = _rows(role, lookups)
    return rows.in_parts(someone, sort, states, late)[part].rows(ANY_SLICE)


def _itself(keys, moment, pk):
    return keys.of(pk).rows(_ONE)


def _one_above(keys, moment, pk):
    return keys.beyond((moment, pk), back=True).rows(_ONE)


def _one_below(keys, moment, pk):
    return keys.beyond((moment, pk)).rows(_ONE)


def _topmost(keys, moment, pk):
    return keys.rows(_ONE)


def _lowest(keys, moment, pk):
    return keys.turned().rows(_ONE)


def _looked_up(look, role, lookups, sort, states, late, part):
    someone, rows = _rows(role, lookups)
    return look(rows.in_parts(someone, sort, states, late)[part], Given("moment"), Given("pk"))


_ONE = slice(0, 1)
_LOOKED_UP = Kept(_looked_up, shapes=512)
# However many there are, a range of an index is counted along it, and a page of one is walked to along it.
_NUMBERS = Kept(_numbers, by_key=True)
_KEYS = Kept(_keys, shapes=256, by_key=True)
# A word is written into the statement: PostgreSQL would put together anew for each row what it is to be like.
_NUMBERS_WITH_WORD = Kept(_numbers_with_word)
_KEYS_WITH_WORD = Kept(_keys, shapes=256)
_SHOWN = Kept(lambda: Proposal.objects.for_list().filter(pk__any_of=Given("ids")), by_key=True)


class ProposalList(Listing):
    """What is asked of 本单位的项目 (全部项目 for 科技局)."""

    url_name = "proposals"
    orders = ("", "updated_at", "-updated_at")

    @property
    def states(self):
        """The states that this list knows: 科技局 sees nothing of a 未提交."""
        return [state for state in State if self.actor.role != Role.BUREAU or state != State.DRAFT]

    def make_filter(self):
        return PROPOSAL_FILTERS[self.actor.role](self.data, actor=self.actor, states=self.states)

    @cached_property
    def _rows_of_any_state(self):
        return self.filter.rows_of_any_state()

    @cached_property
    def _numbers(self):
        if self.actor.role == Role.BUREAU:
            return self._numbers_for_bureau()
        if self._is_of_place:
            return _NUMBERS.rows(self.actor.role, **self.actor.given)
        if self._is_kept:
            return _NUMBERS_WITH_WORD.rows(self.actor.role, self._lookups, **self._given)
        return list(self._rows_of_any_state.numbers(self.actor))

    def _numbers_for_bureau(self):
        """Among all there are; what is large may be of some seconds ago."""
        if self._is_of_place:
            counts = Counter()
            for (_, state), number in Proposal.objects.of_all().items():
                counts[state] += number
            waits = {State.BUREAU: counts[State.BUREAU]}
            return [(state, counts[state], waits.get(state, 0)) for state in self.states if counts[state]]
        conditions = {name: value for name, value in self.filter.query.items() if name != "state"}
        rows = self._rows_of_any_state.numbers(self.actor)
        name = f"proposals?{urlencode(conditions)}"
        return counted(name, lambda: list(rows), lambda found: sum(number for _, number, _ in found))

    @cached_property
    def counts(self):
        """`{state: number}` under all conditions but the one on 状态."""
        return {state: number for state, number, _ in self._numbers}

    @cached_property
    def state(self):
        """The chosen 状态, or ""."""
        return self.filter.form.cleaned_data["state"]

    @property
    def total(self):
        """How many meet the conditions."""
        return self.counts.get(self.state, 0) if self.state else sum(self.counts.values())

    @cached_property
    def waiting(self):
        """How many of them wait for the actor."""
        if self.state not in ("", Proposal.objects.awaited_state(self.actor)):
            return 0
        return sum(waits for *_, waits in self._numbers)

    @property
    def is_whole(self):
        """Whether nothing was asked for but an order."""
        return self._is_of_place and not self.state

    @cached_property
    def _is_of_place(self):
        """Whether it is everything of the actor's place, or of one state there: what most pages of lists are."""
        return not self._asked

    @cached_property
    def _asked(self):
        """The names of the conditions beside that on 状态."""
        return {name for name, value in self.filter.form.cleaned_data.items() if value and name != "state"}

    @property
    def _is_kept(self):
        """Whether it is that, or what has a word in its title or number there: what is asked for most is kept."""
        return self._is_of_place or (self._asked == {"q"} and self.actor.role != Role.BUREAU)

    @cached_property
    def _lookups(self):
        return word_lookups(self.filter.form.cleaned_data["q"]) if self._asked else ()

    @property
    def _given(self):
        return {**self.actor.given, "word": self.filter.form.cleaned_data["q"]}

    @property
    def awaiting(self):
        """Those, longest waiting first."""
        return self.filter.qs.awaiting(self.actor).order_by("updated_at", "pk")

    def page(self):
        """The asked-for Page: its numbers are looked up first, the rows with what they show only for those."""
        page = self.page_of(Parts(self._parts()), self.total)
        ids = [pk for _, pk in page.object_list]
        rows = {row.pk: row for row in _SHOWN.rows(ids=ids)} if ids else {}
        page.object_list = [rows[pk] for pk in ids if pk in rows]
        return page

    def _parts(self):
        """What the list shows from top to bottom: `[(how many, their keys)]`."""
        if not self._is_kept:
            return self._merged()
        states, late, lengths = self._outline()
        keys = _KEYS_WITH_WORD if self._lookups else _KEYS
        shape = self.actor.role, self._lookups, self.sort, states, late
        return [(length, keys.slices(*shape, part, **self._given)) for part, length in enumerate(lengths) if length]

    def _outline(self):
        """The states in which there is anything, whether some of what stands in the actor's state no longer waits, and
        the length of each part."""
        states = (self.state,) if self.state else tuple(state for state in State if self.counts.get(state))
        mine = Proposal.objects.awaited_state(self.actor)
        late = mine in states and self.counts.get(mine, 0) > self.waiting
        return states, late, [self.total] if self.sort else [self.waiting, self.total - self.waiting]

    def _merged(self):
        states, late, lengths = self._outline()
        rows = self._rows_of_any_state.in_parts(self.actor, self.sort, states, late)
        return [(length, keys) for length, keys in zip(lengths, rows, strict=True) if length]

    def place_of(self, proposal):
        """The Place of an 申报书 in the whole list, or None where it is not (or no longer) in it.

        What comes before it and after it is looked up from there, in the order of an index.
        """
        lengths = self._outline()[-1]
        filled = [part for part, length in enumerate(lengths) if length]
        for index, part in enumerate(filled):
            if self._look(_itself, part, proposal):
                keys = self._keys_of(part)
                number = keys.beyond((proposal.updated_at, proposal.pk), back=True).number(LARGE)
                previous, following = self._look(_one_above, part, proposal), self._look(_one_below, part, proposal)
                if not previous and index:
                    previous = self._look(_lowest, filled[index - 1], proposal)
                if not following and index + 1 < len(filled):
                    following = self._look(_topmost, filled[index + 1], proposal)
                return Place(
                    number=sum(lengths[:part]) + number + 1 if number <= LARGE else None,
                    total=self.total,
                    previous=previous[0][-1] if previous else None,
                    next=following[0][-1] if following else None,
                )
        return None

    def _look(self, look, part, proposal):
        """`[key]` of what `look` finds from the 申报书 on, or []."""
        if not self._is_kept:
            return list(look(self._keys_of(part), proposal.updated_at, proposal.pk))
        shape = look, self.actor.role, self._lookups, self.sort, *self._outline()[:2], part
        return _LOOKED_UP.rows(*shape, moment=proposal.updated_at, pk=proposal.pk, **self._given)

    def _keys_of(self, part):
        states, late, _ = self._outline()
        return self._rows_of_any_state.in_parts(self.actor, self.sort, states, late)[part]

    def in_order(self):
        """Querysets that give, one after the other, everything in the list from top to bottom."""
        return [
            rows.order_by(*(("-updated_at", "-pk") if descending else ("updated_at", "pk")))
            for rows, descending in self._parts_in_order()
        ]

    def _parts_in_order(self):
        """`[(rows, whether the latest change comes first)]`: what the list shows from top to bottom."""
        if self.sort:
            return [(self.filter.qs, self.sort.startswith("-"))]
        waiting, rest = self.filter.qs.split(self.actor)
        return [(waiting, False), (rest, True)]

    def next_waiting(self, pk, since):
        """The number of what waits next in this list after the 申报书 that came `since` then: in the order of the list,
        from the beginning again at its end. None when nothing waits.

        It is not looked up where the 申报书 stands now, so that the same form sent twice leads to the same place.
        """
        rows, descending = self.filter.qs.awaiting(self.actor).exclude(pk=pk), self.sort.startswith("-")
        after = rows.filter(_before(since, pk) if descending else _after(since, pk)) if since else rows.none()
        return _first(after, descending) or _first(rows, descending)


def opened_from(request):
    """The ProposalList that the page was opened from, or None; only who decides something has one."""
    if Proposal.objects.awaited_state(request.actor) is None:
        return None
    return ProposalList.of_query(request.actor, request.GET.get("list"))


def _before(*key):
    return beyond(BY_TIME, key, back=True)


def _after(*key):
    return beyond(BY_TIME, key)


def _first(rows, descending):
    order = ("-updated_at", "-pk") if descending else BY_TIME
    return rows.order_by(*order).values_list("pk", flat=True).first()
