"""Which values of an 申报书 may be shown in full on purpose (each time logged)."""

from projects.models import Proposal


def load_proposal(actor, object_id):
    """`(whose, object)` of an 申报书 that the actor may see, or None."""
    proposal = Proposal.objects.visible_to(actor).select_related("pi").filter(pk=object_id).first()
    return (proposal.pi.name, proposal) if proposal else None


REVEALS = {"proposal-mobiles": load_proposal, "proposal-ids": load_proposal, "proposal-bank": load_proposal}
