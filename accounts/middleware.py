"""Middleware of sessions: whose they are, their end, what they may see in full, and pages that no cache keeps."""

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import middleware as auth_middleware
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from accounts import kept_forms, privacy, reveal, sessions
from accounts.enums import Kind
from accounts.paths import path_after_login
from zhgg.kit.answers import refusal_page
from zhgg.kit.errors import TooOften


class AuthenticationMiddleware(auth_middleware.AuthenticationMiddleware):
    """Django's `request.user`, which takes the account that came with the session where that is beyond doubt."""

    def process_request(self, request):
        super().process_request(request)
        # A form that is sent leads to another page, which counts by itself.
        request.session.counts_unread = request.method in ("GET", "HEAD")
        request.user = SimpleLazyObject(lambda: self.account_of(request))

    @staticmethod
    def account_of(request):
        """Who is logged in, worked out once; AnonymousUser for nobody."""
        if not hasattr(request, "_cached_user"):
            request._cached_user = request.session.account() or auth.get_user(request)
        return request._cached_user


class SessionLifetimeMiddleware:
    """Ends a session at its absolute limit, prolongs it with what its user does, and leads forms that come too late to
    the login page. Sets `request.revealed` and `request.session_end`, and marks logged-in pages as not to be kept.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.revealed, request.session_end = frozenset(), None
        request.ended_as = None
        logged_in = request.user.is_authenticated
        # The account itself: what pages ask it a hundred times would each time pass the stand-ins of those above.
        request.user = request._cached_user
        if logged_in and sessions.too_old(request.session):
            request.ended_as = request.user.kind
            auth.logout(request)
        elif logged_in:
            request.revealed = reveal.opened(request.session)
            request.session_end = sessions.end_of(request.session)
        response = self.get_response(request)
        if request.user.is_authenticated:
            kept_forms.remember_login(request, response)
        if logged_in or request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response

    def process_view(self, request, view, args, kwargs):
        """Prolong the session of whoever is there; tell whoever no longer is."""
        if request.user.is_authenticated:
            if not getattr(view, "background", False):
                sessions.keep_up(request.session)
                request.session_end = sessions.end_of(request.session)
            return None
        if not getattr(view, "login_required", True):
            return None
        if request.method == "POST":
            return kept_forms.to_login(
                request, view, expired=request.ended_as is not None, staff=request.ended_as == Kind.STAFF
            )
        return self.say_expired(request) if request.ended_as else None

    @staticmethod
    def say_expired(request):
        """Lead to the login page, which says why; the page that was asked for comes after it."""
        entrance = "admin:login" if request.ended_as == Kind.STAFF else "login"
        query = {"expired": "1"}
        if path := path_after_login(request.get_full_path()):
            query["next"] = path
        return HttpResponseRedirect(f"{reverse(entrance)}?{urlencode(query)}")


class PrivacyMiddleware:
    """Leads whoever has not confirmed the 个人信息保护告知 to it, and from there to the page they asked for.

    What is read without a login stays open. A form that arrives meanwhile is kept, and comes back filled in.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """The way to the notice; None for everybody who has confirmed it."""
        if not (request.user.is_authenticated and privacy.must_ask(request.user)):
            return None
        if not getattr(view, "login_required", True) or getattr(view, "answers_before_privacy", False):
            return None
        if request.method == "POST":
            kept_forms.keep(request, view, request.user)
            back = kept_forms.way_back(request, view)
        else:
            back = path_after_login(request.get_full_path())
        query = f"?{urlencode({'next': back})}" if back else ""
        return HttpResponseRedirect(reverse("privacy-confirm") + query)


class ThrottleMiddleware:
    """Counts what views marked by `throttles.counted` are asked for, and answers what is too often with the 429 page.
    What was typed is kept: a form comes back filled in, a search can be sent again. Behind login and CSRF.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """The page for what is too often; None for everything else."""
        for counted in getattr(view, "counted", ()) if request.user.is_authenticated else ():
            try:
                if counted.is_asked_for(request):
                    counted.throttle.spend(request.user.pk)
            except TooOften as refusal:
                return refusal_page(self.with_what_was_typed(refusal, request, view))
        return None

    @staticmethod
    def with_what_was_typed(refusal, request, view):
        """The refusal with the way back to what was typed."""
        if request.method != "POST":
            refusal.links = [(request.get_full_path(), "按原来的条件再试")]
        elif kept_forms.keep(request, view, request.user):
            refusal.message += "您填写的内容已保留：打开原来的页面，内容会恢复，核对后再提交。"
            refusal.links = [(request.get_full_path(), "返回原来的页面")]
        else:
            typed = [value for name, value in request.POST.items() if name != kept_forms.TOKEN and value]
            refusal.kept = [("内容", "\n".join(typed))] if typed else []
            refusal.links = [(request.get_full_path(), "返回原来的页面")]
        return refusal


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
