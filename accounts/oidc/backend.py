"""mozilla-django-oidc's authentication backend, one per entrance, with its holes closed.

As shipped it believes any `iss`, `aud`, `azp` and `at_hash`, an ID token without `exp`, and a userinfo of somebody
else; it finds users by e-mail, waits for ever, follows redirects, and runs for every form that calls `authenticate()`
with ?code=&state= in its address. Here it runs only for an attempt that our callback has taken, talks through a
BackChannel, and leaves tokens to `tokens.verify` and accounts to `services.sign_in`.
"""

import contextlib
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import get_user_model
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import import_from_settings

from accounts import services
from accounts.enums import Kind
from accounts.oidc import claims as claims_module
from accounts.oidc import tokens
from accounts.oidc.client import Unauthorized
from accounts.oidc.discovery import BASIC, ask_for_keys
from accounts.oidc.refusals import NotVerified
from zhgg.kit.kept import Given, Kept

# Parameters of the authorization request that OIDC_<ENTRANCE>_EXTRA may not touch.
OURS = {"response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"}

_ACCOUNT = Kept(lambda: get_user_model().objects.filter(pk=Given("pk")), by_key=True)


class Entrance:
    """What mozilla-django-oidc reads from the settings, per entrance."""

    entrance = None

    @property
    def client(self):
        """Id, secret and further parameters of this entrance."""
        return settings.OIDC_ENTRANCES[self.entrance]

    def get_settings(self, attr, *args):
        """The value of a setting of mozilla-django-oidc; ours before those of the settings file."""
        ours = {
            "OIDC_RP_SCOPES": "openid profile email phone",
            "OIDC_RP_SIGN_ALGO": tokens.ALGORITHM,
            "OIDC_AUTHENTICATION_CALLBACK_URL": f"login-{self.entrance}-callback",
            "OIDC_AUTH_REQUEST_EXTRA_PARAMS": {k: v for k, v in self.client["extra"].items() if k not in OURS},
            "OIDC_USE_NONCE": True,
            "OIDC_USE_PKCE": True,
            "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
            "OIDC_ALLOW_UNSECURED_JWT": False,
            "OIDC_STORE_ACCESS_TOKEN": False,
            "OIDC_STORE_ID_TOKEN": False,
        }
        return ours[attr] if attr in ours else import_from_settings(attr, *args)


class EntranceBackend(Entrance, OIDCAuthenticationBackend):
    """One login through one entrance. Raises a LoginRefused where mozilla's own code would answer None."""

    def __init__(self):
        # Not mozilla's: that one needs every endpoint at start-up, and Django makes a backend for every request.
        self.UserModel = get_user_model()

    @property
    def OIDC_RP_CLIENT_ID(self):  # noqa: N802 - mozilla's name
        return self.client["client_id"]

    @property
    def OIDC_RP_CLIENT_SECRET(self):  # noqa: N802 - mozilla's name
        return self.client["client_secret"]

    def authenticate(self, request, *, attempt, channel, provider):
        """The account behind the `code` of this callback.

        The keyword arguments are the lock: Django skips this backend for any other `authenticate()`, and nobody else
        can have a LoginAttempt of this entrance that was begun in this browser.
        """
        if attempt.entrance != self.entrance:
            return None
        self.channel, self.provider = channel, provider
        return super().authenticate(request, nonce=attempt.nonce, code_verifier=attempt.code_verifier)

    def get_token(self, payload):
        """Trade the code for tokens; the provider's keys are asked for at the same time."""
        self.keys = ask_for_keys(self.channel, self.provider)
        answer = self._trade(payload)
        access_token, token_type = answer.get("access_token"), answer.get("token_type")
        if not isinstance(token_type, str) or token_type.lower() != "bearer":
            raise NotVerified("the token answer has no bearer token")
        if not isinstance(access_token, str) or not 0 < len(access_token) <= 8192:
            raise NotVerified("the token answer has no access token")
        if not access_token.isascii() or not access_token.isprintable() or " " in access_token:
            raise NotVerified("the access token cannot be sent")
        self.access_token = access_token
        return answer

    def _trade(self, payload):
        """The token answer, for our secret in the first way that the provider takes it in."""
        *others, last = self.provider.secret_ways
        for way in others:
            with contextlib.suppress(Unauthorized):
                return self._trade_by(way, payload)
        return self._trade_by(last, payload)

    def _trade_by(self, way, payload):
        form, auth = {**payload}, None
        if way == BASIC:
            # RFC 6749, 2.3.1: both parts are form-encoded before they go into HTTP Basic.
            auth = (quote(form["client_id"], safe=""), quote(form.pop("client_secret"), safe=""))
        return self.channel.post(self.provider.token_endpoint, data=form, auth=auth)

    def verify_token(self, token, *, nonce):
        """The claims of the ID token. `nonce` has no default: without one nothing is verified."""
        return tokens.verify(
            token,
            keys=lambda again: (ask_for_keys(self.channel, self.provider) if again else self.keys)(),
            client_id=self.OIDC_RP_CLIENT_ID,
            issuer=self.provider.issuer,
            nonce=nonce,
            access_token=self.access_token,
        )

    def get_userinfo(self, access_token, id_token, payload):
        """What userinfo says about the same subject; nothing where the provider has none."""
        if not self.provider.userinfo_endpoint:
            return {}
        userinfo = self.channel.get(
            self.provider.userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"}
        )
        if userinfo.get("sub") != payload["sub"]:
            raise NotVerified("userinfo is about another subject")
        return userinfo

    def get_or_create_user(self, access_token, id_token, payload):
        """The account: found by issuer and subject, never by e-mail."""
        userinfo = self.get_userinfo(access_token, id_token, payload)
        claims = claims_module.read(payload, userinfo, entrance=self.entrance)
        return services.sign_in(claims=claims, entrance=self.entrance)

    def get_user(self, user_id):
        """The account of a session, as long as it is active: mozilla's own forgets to ask."""
        user = _ACCOUNT.first(pk=user_id)
        return user if user is not None and self.lets_in(user) else None

    def lets_in(self, user):
        """Whether a session of this entrance may be this account's."""
        return user.is_active and user.kind == self.entrance


class LegalBackend(EntranceBackend):
    """法人用户"""

    entrance = Kind.LEGAL.value


class PersonBackend(EntranceBackend):
    """个人用户"""

    entrance = Kind.PERSON.value


BACKENDS = {backend.entrance: backend for backend in (LegalBackend, PersonBackend)}
