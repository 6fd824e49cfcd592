"""The way in that all pages of 用户管理 share."""

from functools import wraps

from django.http import Http404

from orgs.enums import Role


def officers_only(view):
    """For everybody but 科技局 there is no such page."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.actor.role != Role.BUREAU:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
