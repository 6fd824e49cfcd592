"""Middleware of sessions: their absolute end, what they may see in full, and pages that no cache keeps."""

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts import reveal, sessions
from accounts.enums import Kind
from accounts.paths import path_after_login


class SessionLifetimeMiddleware:
    """Ends a session at its absolute limit, sets `request.revealed`, and marks logged-in pages as not to be kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.revealed = frozenset()
        logged_in = request.user.is_authenticated
        if logged_in:
            if sessions.too_old(request.session):
                return self.end(request)
            request.revealed = reveal.opened(request.session)
        response = self.get_response(request)
        if logged_in or request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def end(request):
        """Log out and lead to the login page, which says why; a page that was only being read comes back after it."""
        entrance = "admin:login" if request.user.kind == Kind.STAFF else "login"
        auth.logout(request)
        query = {"expired": "1"}
        if request.method in ("GET", "HEAD") and (path := path_after_login(request.get_full_path())):
            query["next"] = path
        response = HttpResponseRedirect(f"{reverse(entrance)}?{urlencode(query)}")
        response["Cache-Control"] = "no-store"
        return response


class LoopbackHostMiddleware:
    """In development, leads http://localhost to http://127.0.0.1: cookies and callback addresses are per host name."""

    def __init__(self, get_response):
        if not settings.DEVELOPMENT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        name, colon, port = request.get_host().partition(":")
        if name == "localhost" and request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(f"{request.scheme}://127.0.0.1{colon}{port}{request.get_full_path()}")
        return self.get_response(request)
