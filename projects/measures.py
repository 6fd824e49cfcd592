"""Figures of this app for monitoring (zhgg.kit.metrics)."""

from django.db.models import Min

from projects.enums import State
from projects.models import Proposal
from zhgg.kit.clock import database_now
from zhgg.kit.metrics import gauge

IN_REVIEW = (State.DEPARTMENT, State.UNIT, State.BUREAU)


@gauge("zhgg_oldest_proposal_seconds", "For how long the oldest 申报书 has stood in a state of review", "state")
def oldest_proposal():
    """Seconds since it came into that state; 0 when none is there."""
    found = Proposal.objects.filter(state__in=IN_REVIEW).order_by().values_list("state")
    oldest, now = dict(found.annotate(since=Min("state_since"))), database_now()
    return {
        state.value: max(0, (now - oldest[state.value]).total_seconds()) if state.value in oldest else 0
        for state in IN_REVIEW
    }
