"""Puts the Actor on every request, and keeps the code tables of this process up to date."""

from django.utils.functional import SimpleLazyObject

from orgs import stored_codes
from orgs.actors import actor_for


class ActorMiddleware:
    """`request.actor`, worked out at the first use in a request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleLazyObject(lambda: actor_for(request.user))
        return self.get_response(request)


class CodeTablesMiddleware:
    """Has the code tables looked at before a request that comes some seconds after the last look."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        stored_codes.refresh()
        return self.get_response(request)
