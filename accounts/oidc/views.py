"""The two pages of each entrance: away to 渝快办, and back."""

import logging
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.generic import View
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from accounts import services, sessions
from accounts.oidc.backend import BACKENDS, Entrance
from accounts.oidc.client import BackChannel, places
from accounts.oidc.discovery import discover
from accounts.oidc.refusals import AttemptUnknown, Crowded, LoginRefused, NotVerified, RefusedByProvider, told
from accounts.paths import path_after_login
from accounts.throttles import LOGIN_BEGUN
from zhgg.kit import request_context

log = logging.getLogger("zhgg.login")

# Names the browser, not the person, while it is away at 渝快办.
BROWSER_COOKIE = "zhgg_login" if settings.STARTS_PLAIN_HTTP else "__Host-login"
BROWSER_SECONDS = 3600
# When a login that found no place tries again by itself.
AGAIN_SECONDS = 3
# What the answer of 渝快办 is made of. A longer code is nobody's: servers bound whole request lines at 4 to 8 kB.
PARAMETERS = ("state", "code", "iss", "error")
LONGEST_CODE = 4096


class Refusing(Entrance):
    """Takes a place for logins; answers a LoginRefused with its page, a log line and a line in the audit trail."""

    def dispatch(self, request, *args, **kwargs):
        """A login that finds no place has used up nothing: its page asks again by itself until there is one."""
        try:
            with places.one():
                return super().dispatch(request, *args, **kwargs)
        except Crowded as refusal:
            response = self.refuse(refusal, recorded=False)
            response["Refresh"] = response["Retry-After"] = str(AGAIN_SECONDS)
            return response

    def refuse(self, refusal, *, next_path="", recorded=True):
        """The error page. The log line gives the reason; the page gives the number by which support finds it."""
        log.warning("login refused: entrance=%s %s: %s", self.entrance, type(refusal).__name__, refusal.reason)
        if recorded:
            services.record_refusal(refusal=refusal, entrance=self.entrance)
        context = {
            "title": refusal.title,
            "message": refusal.message,
            "reference": request_context.current().request_id,
            "moment": timezone.now(),
        }
        if right := getattr(refusal, "right", ""):
            query = f"?{urlencode({'next': next_path})}" if next_path else ""
            context |= {"other_entrance": right, "other_entrance_url": reverse(f"login-{right}") + query}
        # Without the request, as all error pages: nothing on it may depend on who was logged in before.
        answer = HttpResponse(render_to_string("errors/login.html", context), status=refusal.status)
        if wait := getattr(refusal, "retry_after", None):
            answer["Retry-After"] = str(wait)
        return answer


@method_decorator([login_not_required, never_cache], name="dispatch")
class Start(Refusing, OIDCAuthenticationRequestView):
    """Sends the browser to 渝快办 with PKCE, state and nonce of this attempt."""

    def __init__(self, **kwargs):
        # Not mozilla's: that one needs the endpoint before there is a request.
        View.__init__(self, **kwargs)

    def get(self, request):
        """Any number of attempts may be under way in one browser; each remembers its own `next`."""
        LOGIN_BEGUN.spend()
        next_path = path_after_login(request.GET.get("next"))
        try:
            with BackChannel() as channel:
                provider = discover(channel)
        except LoginRefused as refusal:
            return self.refuse(refusal, next_path=next_path, recorded=False)
        self.OIDC_OP_AUTH_ENDPOINT = provider.authorization_endpoint
        self.OIDC_RP_CLIENT_ID = self.client["client_id"]
        location, state, kept = self._authorization_request(request)
        browser = request.COOKIES.get(BROWSER_COOKIE) or secrets.token_urlsafe(32)
        services.begin_login(
            entrance=self.entrance,
            state=state,
            browser=browser,
            nonce=kept["nonce"],
            code_verifier=kept["code_verifier"],
            next_path=next_path,
        )
        response = HttpResponseRedirect(location)
        response.set_cookie(
            BROWSER_COOKIE,
            browser,
            max_age=BROWSER_SECONDS,
            secure=not settings.STARTS_PLAIN_HTTP,
            httponly=True,
            samesite="Lax",
        )
        return response

    def _authorization_request(self, request):
        """mozilla's request, but with its state kept by us and not in the visitor's session."""
        session, request.session = request.session, {}
        try:
            location = super().get(request)["Location"]
            [(state, kept)] = request.session["oidc_states"].items()
        finally:
            request.session = session
        endpoint = self.OIDC_OP_AUTH_ENDPOINT
        if "?" in endpoint:
            location = f"{endpoint}&{location[len(endpoint) + 1 :]}"
        return location, state, kept


@method_decorator([login_not_required, never_cache], name="dispatch")
class Callback(Refusing, OIDCAuthenticationCallbackView):
    """Where 渝快办 sends the browser back to.

    mozilla's own `get` logs out whoever is logged in on ?error=, and keeps state in the session; this one begins with
    the attempt. Without one nothing happens to anybody.
    """

    def get(self, request):
        """Log in, or say why not; a session that the browser has already is left alone in that case."""
        if any(len(request.GET.getlist(name)) > 1 for name in PARAMETERS):
            # RFC 6749, 3.1. Which of the two counted would be a matter of luck.
            return self.refuse(AttemptUnknown("a parameter of the callback is repeated"), recorded=False)
        attempt = services.take_login(
            entrance=self.entrance,
            state=request.GET.get("state", ""),
            browser=request.COOKIES.get(BROWSER_COOKIE, ""),
        )
        if attempt is None:
            refusal = AttemptUnknown("no attempt of this browser and entrance")
            return self.refuse(refusal, recorded=False)
        try:
            with BackChannel() as channel:
                self.user = self._authenticate(request, attempt, channel)
        except LoginRefused as refusal:
            return self.refuse(refusal, next_path=attempt.next)
        backend = BACKENDS[self.entrance]
        sessions.begin(request, self.user, f"{backend.__module__}.{backend.__qualname__}")
        return HttpResponseRedirect(attempt.next or resolve_url(settings.LOGIN_REDIRECT_URL))

    def _authenticate(self, request, attempt, channel):
        provider = discover(channel)
        self._check_sender(request, provider)
        if error := request.GET.get("error"):
            raise RefusedByProvider(f"the provider answered {told(error)}")
        if not 0 < len(request.GET.get("code", "")) <= LONGEST_CODE:
            raise NotVerified("the callback has no code, or an endless one")
        # Called directly: through django.contrib.auth.authenticate() every other backend would see it too.
        user = BACKENDS[self.entrance]().authenticate(request, attempt=attempt, channel=channel, provider=provider)
        if user is None:
            raise NotVerified("the backend found no account")
        return user

    @staticmethod
    def _check_sender(request, provider):
        """RFC 9207: the callback says who sent it, so that no other provider's answer is taken for this one's."""
        sender = request.GET.get("iss")
        if sender is None and not provider.names_itself_on_callback:
            return
        if sender != provider.issuer:
            raise NotVerified("iss of the callback is not our provider")


class StartLegal(Start):
    entrance = "legal"


class StartPerson(Start):
    entrance = "person"


class CallbackLegal(Callback):
    entrance = "legal"


class CallbackPerson(Callback):
    entrance = "person"
