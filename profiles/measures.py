"""Figures of this app for monitoring (zhgg.kit.metrics)."""

from django.db.models import Min

from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from zhgg.kit.clock import database_now
from zhgg.kit.metrics import gauge


@gauge("zhgg_oldest_review_seconds", "For how long the oldest 个人信息 in review has waited", "state")
def oldest_review():
    """Seconds since it was submitted; 0 when none waits."""
    oldest = ReviewRequest.objects.filter(state=ReviewState.PENDING).aggregate(at=Min("submitted_at"))["at"]
    return {ReviewState.PENDING.value: max(0, (database_now() - oldest).total_seconds()) if oldest else 0}
