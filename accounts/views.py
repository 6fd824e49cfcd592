"""The login page, logout, the end of a session, messages, showing a number in full, and the size of the text."""

import logging

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, kept_forms, privacy, reveal, services, sessions, throttles
from accounts.enums import AuditAction
from accounts.forms import RevealForm
from accounts.models import Notice
from accounts.notices import unread_count
from accounts.oidc.client import BackChannel
from accounts.oidc.discovery import discover
from accounts.oidc.refusals import LoginRefused
from accounts.paths import own_path, path_after_login
from zhgg.kit import answers
from zhgg.kit.errors import TooOften

log = logging.getLogger("zhgg.login")

NOTICES_PER_PAGE = 20
# Nobody waits longer for 渝快办 to leave this site.
LOGOUT_SECONDS = 2
SCALE_COOKIE = "scale"
SCALE_SECONDS = 365 * 24 * 60 * 60


@login_not_required
@never_cache
@require_safe
def login(request):
    """The two entrances. Somebody who is logged in already goes on."""
    next_path = path_after_login(request.GET.get("next"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    return render(
        request,
        "accounts/login.html",
        {
            "next_query": f"?{urlencode({'next': next_path})}" if next_path else "",
            "expired": "expired" in request.GET,
            "kept": request.GET.get("kept"),
            "register_url": settings.YKB_REGISTER_URL,
            "support_phones": settings.SUPPORT_PHONES,
        },
    )


@login_not_required
@never_cache
@require_POST
def logout(request):
    """End the session here, and at 渝快办 for those who came from there."""
    user = request.user
    if not user.is_authenticated:
        return redirect("login")
    client = settings.OIDC_ENTRANCES.get(user.kind)
    audit.record(AuditAction.LOGOUT, user=user)
    auth.logout(request)
    if client is None:
        return redirect("admin:login")
    return HttpResponseRedirect(_provider_logout(request, client) or reverse("login"))


def _provider_logout(request, client):
    """Where 渝快办 ends its own session and sends the browser back from, or "" when it cannot be asked."""
    try:
        with BackChannel(LOGOUT_SECONDS) as channel:
            endpoint = discover(channel).end_session_endpoint
    except LoginRefused as refusal:
        log.warning("logout at the provider is not possible: %s", refusal.reason)
        return ""
    if not endpoint:
        return ""
    # client_id instead of an ID token as hint: that one would have to lie in the session, with what it says of people.
    query = urlencode(
        {
            "client_id": client["client_id"],
            "post_logout_redirect_uri": request.build_absolute_uri(reverse("login")),
        }
    )
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"


@login_not_required
@never_cache
@sessions.background
@require_http_methods(["GET", "HEAD", "POST"])
def session(request):
    """How long the login still lasts, as JSON; pages ask shortly before its end.

    GET prolongs nothing. POST is 【继续使用】 and counts as activity. `left` is in seconds, 0 without a login.
    `token` is the CSRF token that forms need now; another login in this browser may have changed it.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"left": 0})
    if request.method == "POST":
        sessions.prolong(request.session)
    end = sessions.end_of(request.session)
    known = {"account": str(request.user.pk), "token": get_token(request)}
    return JsonResponse({"left": end.left, "absolute": end.absolute, **known})


@require_POST
def discard_kept(request):
    """【放弃恢复的内容】: the form at `next` again, as it is stored."""
    page = own_path(request.POST.get("next")) or resolve_url(settings.LOGIN_REDIRECT_URL)
    services.forget_form(user=request.user, path=page.partition("?")[0])
    return HttpResponseRedirect(page)


def csrf_failure(request, reason=""):
    """A form whose protection token is missing or old (Django's CSRF_FAILURE_VIEW).

    When it was drawn for the account that is logged in, before it logged in once more in another tab, or for one that
    has to log in again, it comes back filled in; otherwise the page says that it is too old.
    """
    view = request.resolver_match.func
    user = kept_forms.drawn_for(request)
    if user is not None and not request.user.is_authenticated and getattr(view, "login_required", True):
        return kept_forms.to_login(request, view)
    if user is not None and user == request.user and kept_forms.keep(request, view, user):
        return HttpResponseRedirect(request.get_full_path())
    return answers.csrf_failure(request, reason)


@require_POST
def reveal_value(request):
    """Show one masked value in full for sixty seconds, and write down who looked at whose, and why.

    【显示】 beside the value brings no reason, and so leads to the form that asks for one; with script that form stands
    in a dialog of the page. People look at what is their own without giving any.
    """
    what = request.POST.get("what", "")
    answer = reveal.find(request.actor, what)
    if answer is None:
        raise Http404
    kind, found = answer
    back = own_path(request.POST.get("next")) or resolve_url(settings.LOGIN_REDIRECT_URL)
    reason = reveal.OWN
    if not found.own:
        form = RevealForm(request.POST if RevealForm.is_sent(request.POST) else None)
        if not form.is_valid():
            label = reveal.label_of(kind)
            context = {"form": form, "what": what, "back": back, "whose": found.whose, "label": label}
            return render(request, "accounts/reveal.html", context)
        reason = form.reason
    _note_reveal(request, kind, found, reason, back)
    reveal.open_for(request.session, what)
    return HttpResponseRedirect(back)


def _note_reveal(request, kind, found, reason, back):
    try:
        throttles.REVEAL.spend(request.user.pk)
    except TooOften as refusal:
        refusal.kept = [("查看原因", reason)] if reason != reveal.OWN else []
        refusal.links = [(back, "返回原来的页面")]
        raise
    audit.record(
        AuditAction.REVEAL,
        user=request.user,
        role=request.actor.role,
        unit_id=request.actor.unit_id,
        obj=found.obj,
        label=found.whose,
        detail={"field": kind, "reason": reason},
    )


@login_not_required
@require_safe
def privacy_notice(request):
    """The 个人信息保护告知, for everybody at any time."""
    return render(request, "accounts/privacy.html", _privacy_facts())


@privacy.answers_before
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_privacy(request):
    """The 个人信息保护告知 after the login, until it is confirmed; from here to `next`.

    POST names the version that was read: a newer one, in force since then, is shown first.
    """
    next_path = path_after_login(request.POST.get("next") or request.GET.get("next"))
    outdated = False
    if request.method == "POST" and privacy.must_ask(request.user):
        outdated = request.POST.get("version") != str(privacy.VERSION)
        if not outdated:
            services.confirm_privacy(user=request.user, version=privacy.VERSION)
    if not outdated and (request.method == "POST" or not privacy.must_ask(request.user)):
        return HttpResponseRedirect(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    context = {
        **_privacy_facts(),
        "next_path": next_path,
        "outdated": outdated,
        "earlier_version": request.user.privacy_version,
    }
    return render(request, "accounts/privacy_confirm.html", context)


def _privacy_facts():
    return {"words": privacy.TEMPLATE, "version": privacy.VERSION, "since": privacy.SINCE}


@require_safe
def notices(request):
    """One's own messages, newest first."""
    own = Notice.objects.filter(recipient=request.user)
    size = request.GET.get("size", "")
    per_page = int(size) if size in ("50", "100") else NOTICES_PER_PAGE
    page = Paginator(own, per_page).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/messages.html",
        {"page_obj": page, "unread": unread_count(request.user)},
    )


@require_POST
def notices_read(request):
    """【标为已读】 of one message (`id`), or of all. With `open` the message's own page follows."""
    posted = request.POST.get("id")
    if posted is None:
        services.mark_read(user=request.user)
        messages.success(request, "全部消息已标为已读。")
        return redirect("messages")
    if not posted.isascii() or not posted.isdecimal() or len(posted) > 18:
        raise Http404
    notice = Notice.objects.filter(recipient=request.user, pk=int(posted)).first()
    if notice is None:
        raise Http404
    services.mark_read(user=request.user, notice_id=notice.pk)
    if "open" in request.POST:
        return HttpResponseRedirect(own_path(notice.url) or reverse("messages"))
    return HttpResponseRedirect(own_path(request.POST.get("next")) or reverse("messages"))


@login_not_required
@require_safe
def text_size(request):
    """大字版 on, or off again."""
    response = HttpResponseRedirect(own_path(request.GET.get("next")) or "/")
    if request.COOKIES.get(SCALE_COOKIE) == "large":
        response.delete_cookie(SCALE_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            SCALE_COOKIE,
            "large",
            max_age=SCALE_SECONDS,
            secure=not settings.STARTS_PLAIN_HTTP,
            httponly=True,
            samesite="Lax",
        )
    return response
