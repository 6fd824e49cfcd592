"""The way in that all pages of one 申报书 share."""

from django.http import Http404

from projects.models import Proposal


def load(actor, pk):
    """The 申报书 with what its page shows; a foreign and an unknown one answer 404 alike."""
    proposal = Proposal.objects.visible_to(actor).for_page().filter(pk=pk).first()
    if proposal is None:
        raise Http404
    return proposal
