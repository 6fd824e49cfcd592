"""Puts the Actor and the Frame on every request, and keeps the code tables of this process up to date."""

from django.utils.functional import SimpleLazyObject

from orgs import stored_codes
from orgs.actors import actor_for
from zhgg.kit.frame import Frame


class ActorMiddleware:
    """`request.actor` and `request.frame`. Pages that no view makes work the actor out at its first use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor, request.frame = SimpleLazyObject(lambda: actor_for(request.user)), Frame()
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """The Actor itself for every view of somebody, because pages look at it hundreds of times; those of the Django
        admin do not."""
        if request.user.is_authenticated and request.resolver_match.app_name != "admin":
            request.actor = actor_for(request.user)


class CodeTablesMiddleware:
    """Has the code tables looked at before a request that comes some seconds after the last look."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        stored_codes.refresh()
        return self.get_response(request)
