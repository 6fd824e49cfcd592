"""Which values of an 申报书 may be shown in full on purpose (each time logged)."""

from accounts.reveal import Found
from projects.models import Proposal


def load_proposal(actor, object_id):
    """An 申报书 that the actor may see, or None. What it says is of several people, and so nobody's own."""
    proposal = Proposal.objects.visible_to(actor).select_related("pi").filter(pk=object_id).first()
    return Found(proposal.pi.name, proposal) if proposal else None


REVEALS = {
    "proposal-mobiles": ("申报书中的手机号码", load_proposal),
    "proposal-ids": ("申报书中的证件号码", load_proposal),
    "proposal-bank": ("申报书中的银行账号", load_proposal),
}
