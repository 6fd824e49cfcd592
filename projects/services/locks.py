"""The lock under which everything of an 申报书 is changed, and the one under which it is begun."""

from django.db import connection
from django.db.models import BigIntegerField
from django.http import Http404

from orgs.actors import anybody
from projects.models import Call, Proposal
from zhgg.kit.kept import Given, Kept

_HELD = Kept(
    lambda role: (
        Proposal.objects.visible_to(anybody(role))
        .select_related("call")
        .filter(pk=Given("pk"))
        .select_for_update(of=("self",), no_key=True)
    ),
    by_key=True,
)


def hold_proposal(*, actor, proposal_id):
    """The 申报书 that the actor may see, locked until the transaction ends. Raises Http404."""
    fits = proposal_id <= BigIntegerField.MAX_BIGINT
    proposal = _HELD.first(actor.role, pk=proposal_id, **actor.given) if fits else None
    if proposal is None:
        raise Http404
    return proposal


def hold_call(*, actor, call_id):
    """The call that the actor may see, as it stays until the transaction ends: an extension waits for what is begun in
    it meanwhile, or has been granted already. Any number of people begin at once. Raises Http404."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM projects_call WHERE id = %s FOR KEY SHARE", [call_id])
    call = Call.objects.visible_to(actor).filter(pk=call_id).first()
    if call is None:
        raise Http404
    return call
