"""The way in that all pages of one 申报书 share."""

from functools import wraps

from django.db.models import BigIntegerField
from django.http import Http404
from django.urls import reverse

from orgs.actors import anybody
from projects.models import Proposal
from zhgg.kit.clock import ClockNow
from zhgg.kit.errors import NotNow
from zhgg.kit.kept import Given, Kept

_PAGE = Kept(
    lambda role: (
        Proposal.objects.visible_to(anybody(role)).for_page().annotate(read_at=ClockNow()).filter(pk=Given("pk"))
    ),
    by_key=True,
)


def load(actor, pk):
    """The 申报书 with what its page shows; a foreign and an unknown one answer 404 alike. `read_at` is the time by the
    database's clock."""
    proposal = _PAGE.first(actor.role, pk=pk, **actor.given) if pk <= BigIntegerField.MAX_BIGINT else None
    if proposal is None:
        raise Http404
    return proposal


def leads_back(view):
    """When the view of an 申报书 is refused for now, the 409 page leads to the 申报书 as it stands."""

    @wraps(view)
    def wrapped(request, pk, *args, **kwargs):
        try:
            return view(request, pk, *args, **kwargs)
        except NotNow as refusal:
            refusal.links = refusal.links or [(reverse("proposal", args=[pk]), "查看申报书现在的状态")]
            raise

    return wrapped
