"""Puts the Actor on every request."""

from django.utils.functional import SimpleLazyObject

from orgs.actors import actor_for


class ActorMiddleware:
    """`request.actor`, worked out at the first use in a request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleLazyObject(lambda: actor_for(request.user))
        return self.get_response(request)
