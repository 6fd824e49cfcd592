"""The list of 申报书 of the actor's place as one address asks for it."""

from functools import cached_property

from orgs.enums import Role
from projects.enums import State
from projects.filters import ProposalFilter
from projects.models import Proposal
from zhgg.kit.listing import Listing, Parts


class ProposalList(Listing):
    """What is asked of 本单位的项目 (全部项目 for 科技局)."""

    url_name = "proposals"
    orders = ("", "updated_at", "-updated_at")

    @property
    def states(self):
        """The states that this list knows: 科技局 sees nothing of a 未提交."""
        return [state for state in State if self.actor.role != Role.BUREAU or state != State.DRAFT]

    def make_filter(self):
        return ProposalFilter(self.data, actor=self.actor, states=self.states)

    @cached_property
    def _counted(self):
        return self.filter.rows_of_any_state().counts(self.actor)

    @property
    def counts(self):
        """`{state: number}` under all conditions but the one on 状态."""
        return self._counted[0]

    @property
    def state(self):
        """The chosen 状态, or ""."""
        return self.filter.form.cleaned_data["state"]

    @property
    def total(self):
        """How many meet the conditions."""
        return self.counts.get(self.state, 0) if self.state else sum(self.counts.values())

    @property
    def waiting(self):
        """How many of them wait for the actor."""
        return self._counted[1] if self.state in ("", Proposal.objects.awaited_state(self.actor)) else 0

    @property
    def awaiting(self):
        """Those, longest waiting first."""
        return self.filter.qs.awaiting(self.actor).order_by("updated_at", "pk")

    def page(self):
        """The asked-for Page: its numbers are looked up first, the rows with what they show only for those."""
        counts = {self.state: self.total} if self.state else self.counts
        parts = self.filter.rows_of_any_state().in_parts(self.actor, self.sort, counts, self.waiting)
        page = self.page_of(Parts(parts), self.total)
        ids = [pk for _, pk in page.object_list]
        rows = {row.pk: row for row in Proposal.objects.filter(pk__in=ids).for_list()}
        page.object_list = [rows[pk] for pk in ids if pk in rows]
        return page
