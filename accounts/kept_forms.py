"""A form that is sent after its session has ended comes back filled in after the new login.

    @restores_form
    @require_http_methods(["GET", "HEAD", "POST"])
    def edit(request):
        if request.method != "POST":
            return _form_page(request, TheForm(request.restored))

`request.restored` is what was typed, as a QueryDict (bind the form to it), or None. Nothing is acted upon by itself:
the page shows the form, and the user presses the button again. The layout says above it that this is so.

For whom a posted form was drawn is told by its CSRF token: its secret changes with every login, and a signed cookie
remembers which secrets of this browser belonged to which account. So neither a stranger nor another site can have
anything kept, a row of the old session is not needed, and what one account typed never shows in the form of another
that logs in after it: it waits for its own user, for an hour, encrypted.
"""

import hashlib
import json
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db.models.functions import Now
from django.http import HttpResponseRedirect, QueryDict
from django.middleware.csrf import CSRF_TOKEN_LENGTH, InvalidTokenFormat, _check_token_format, _unmask_cipher_token
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from accounts import services, sessions
from accounts.enums import Kind
from accounts.models import KeptForm, User
from accounts.paths import own_path, path_after_login
from accounts.tasks import KEPT_FOR
from zhgg.kit.crypto import Undecipherable
from zhgg.kit.kept import Given, Kept

COOKIE = "zhgg_forms" if settings.STARTS_PLAIN_HTTP else "__Host-forms"
COOKIE_SECONDS = 7 * 24 * 60 * 60
SALT = "accounts.kept_forms"
LOGINS = 5
"""How many logins of a browser are remembered, newest first."""
MOST_BYTES = 1_000_000
TOKEN = "csrfmiddlewaretoken"


_KEPT = Kept(lambda: KeptForm.objects.filter(user=Given("user"), path=Given("path"), kept_until__gt=Now()), by_key=True)


def restores_form(view):
    """Let the view's form survive the end of the session: it finds `request.restored` when it draws its page.

    Outermost of the view's decorators. What was kept is dropped when the form is sent again, whatever comes of it: it
    is in the user's hands then.
    """

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        sends = request.method == "POST"
        request.restored = None if sends else _restored(request)
        # For the page: until when it can be sent without logging in again.
        request.form_end = sessions.end_of(request.session)
        response = view(request, *args, **kwargs)
        if sends and response.status_code < 500:
            services.forget_form(user=request.user, path=request.path)
        return response

    wrapped.restores_form = True
    return wrapped


def _restored(request):
    kept = _KEPT.first(user=request.user.pk, path=request.path)
    if kept is None:
        return None
    try:
        lists = json.loads(kept.content)
    except Undecipherable:
        return None
    data = QueryDict(mutable=True)
    for name, values in lists:
        data.setlist(name, values)
    data._mutable = False
    request.restored_without_files = kept.had_files
    # Kept longer than a lost session is waited for: it was sent during maintenance.
    request.restored_from_maintenance = kept.kept_until - kept.kept_at > KEPT_FOR
    return data


# Whose form it is -----------------------------------------------------------------------------------------------------


def remember_login(request, response):
    """Note for whom this answer's forms are drawn. Called with every answer to a logged-in user."""
    secret = request.META.get("CSRF_COOKIE")
    if not secret:
        return
    entry, known = [request.user.pk, _fingerprint(secret)], _logins(request)
    if entry in known:
        return
    others = [each for each in known if each[1] != entry[1]]
    response.set_cookie(
        COOKIE,
        signing.dumps([entry, *others][:LOGINS], salt=SALT),
        max_age=COOKIE_SECONDS,
        secure=not settings.STARTS_PLAIN_HTTP,
        httponly=True,
        samesite="Lax",
    )


def _logins(request):
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return []


def _fingerprint(token):
    """Names the secret of a CSRF token, masked as forms carry it or bare as the cookie does; "" for anything else."""
    try:
        _check_token_format(token)
    except InvalidTokenFormat:
        return ""
    secret = _unmask_cipher_token(token) if len(token) == CSRF_TOKEN_LENGTH else token
    return hashlib.sha256(secret.encode("ascii")).hexdigest()[:32]


def drawn_for(request):
    """The user for whom the posted form was drawn in this browser; None when that is not certain, or disabled."""
    fingerprint = _fingerprint(request.POST.get(TOKEN, ""))
    for user_id, known in _logins(request):
        if constant_time_compare(known, fingerprint):
            return User.objects.filter(pk=user_id, is_active=True).first()
    return None


# Keeping --------------------------------------------------------------------------------------------------------------


def keep(request, view, user):
    """Keep the posted form for `user`, for an hour or until `request.forms_kept_until` where something above says so.

    Whether it is kept; None when `view` has no form to restore, or nothing was in it.
    """
    lists = [(name, values) for name, values in request.POST.lists() if name != TOKEN]
    fits = len(request.path) <= KeptForm._meta.get_field("path").max_length
    if not (getattr(view, "restores_form", False) and lists and fits):
        return None
    content = json.dumps(lists, ensure_ascii=False)
    try:
        if len(content.encode()) > MOST_BYTES:
            return False
    except UnicodeEncodeError:
        return False
    until = getattr(request, "forms_kept_until", None)
    services.keep_form(user=user, path=request.path, content=content, had_files=bool(request.FILES), until=until)
    return True


def to_login(request, view, *, expired=False, staff=False):
    """The answer to a form that arrives without a session: the login page, and from there back to the form.

    `expired` says that the session has just reached its absolute end, `staff` that it was one of the bureau's.
    """
    user = drawn_for(request)
    kept = keep(request, view, user) if user else None
    query = {} if kept is None else {"kept": int(kept)}
    if expired and kept is None:
        query["expired"] = 1
    if back := way_back(request, view):
        query["next"] = back
    entrance = reverse("admin:login" if staff or (user and user.kind == Kind.STAFF) else "login")
    response = HttpResponseRedirect(f"{entrance}?{urlencode(query)}" if query else entrance)
    response["Cache-Control"] = "no-store"
    return response


def way_back(request, view):
    """Where the user goes on after the login: the form's own page; for a button that has none, the page it stood on."""
    if getattr(view, "restores_form", False):
        return path_after_login(request.get_full_path())
    if named := own_path(request.POST.get("next")):
        return path_after_login(named)
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return ""
    return path_after_login(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
