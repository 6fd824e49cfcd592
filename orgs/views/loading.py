"""The way in that the pages of 二级单位 share."""

from django.http import Http404


def setter(request):
    """The actor, who sets up 二级单位; for everybody else there is no such page."""
    if not request.actor.acts_for_unit:
        raise Http404
    return request.actor
