"""What the writes of 科技局 to calls and announcements share: who may, and the history of changes."""

from django.http import Http404

from orgs.enums import Role
from zhgg.kit.clock import database_now


def officers_alone(actor):
    """Http404 for anybody but officers of 科技局."""
    if actor.role != Role.BUREAU:
        raise Http404


def write_down(obj, *, actor, what, values):
    """One line of the history of `obj`, a call or an announcement; `values` is `[[label, before, after], …]`."""
    obj.changes.create(at=database_now(), by=actor.user, by_name=actor.name, what=what, values=values)
