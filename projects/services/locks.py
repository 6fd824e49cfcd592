"""The lock under which everything of an 申报书 is changed."""

from django.http import Http404

from projects.models import Proposal


def hold_proposal(*, actor, proposal_id):
    """The 申报书 that the actor may see, locked until the transaction ends. Raises Http404."""
    visible = Proposal.objects.visible_to(actor).select_related("call").filter(pk=proposal_id)
    proposal = visible.select_for_update(of=("self",), no_key=True).first()
    if proposal is None:
        raise Http404
    return proposal
