"""Who may change what is 科技局's own: code tables, calls, announcements, limits, maintenance."""

from django.http import Http404

from orgs.enums import Role


def officers_alone(actor):
    """Http404 for anybody but officers of 科技局: to others there is no such page."""
    if actor.role != Role.BUREAU:
        raise Http404
