"""Sessions: a new one at each login, an end whatever happens, and an end when one asks for it."""

import re
import time
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.db import connection
from django.http import HttpResponse
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.middleware import LoopbackHostMiddleware
from accounts.models import AuditEvent, Session, User
from accounts.oidc import discovery
from tests.accounts.conftest import ID_NUMBERS, Visitor, legal, person

pytestmark = pytest.mark.django_db


def set_back(client, seconds):
    session = client.session
    session["began"] -= seconds
    session.save()


def test_the_session_id_changes_at_login_and_the_old_one_is_worthless(visitor):
    visitor.log_in("p1", "person")
    old = visitor.client.session.session_key
    visitor.log_in("p1", "person")
    assert visitor.client.session.session_key != old
    assert not Session.objects.filter(session_key=old).exists()


def test_a_second_login_replaces_the_first_wholly(visitor):
    visitor.provider.accounts = [person("a"), legal("b")]
    visitor.log_in("a", "person")
    session = visitor.client.session
    session["left over"] = "from the first"
    session.save()
    visitor.log_in("b", "legal")
    assert visitor.user.subject == "b"
    assert "left over" not in visitor.client.session
    assert Session.objects.count() == 1


def test_a_session_planted_before_the_login_is_not_kept(visitor):
    session = visitor.client.session
    session["planted"] = 1
    session.save()
    visitor.client.cookies["zhgg_session"] = session.session_key
    visitor.log_in("p1", "person")
    assert visitor.client.session.session_key != session.session_key
    assert "planted" not in visitor.client.session


def test_starting_a_login_makes_no_session(visitor):
    visitor.begin("person")
    assert Session.objects.count() == 0


def test_a_session_ends_after_ten_hours_however_busy(visitor, settings):
    visitor.log_in("p1", "person")
    set_back(visitor.client, settings.SESSION_LIFETIME_SECONDS - 5)
    assert visitor.client.get(reverse("messages")).status_code == 200
    set_back(visitor.client, 5)
    response = visitor.client.get(f"{reverse('messages')}?page=2")
    assert response["Location"] == f"{reverse('login')}?expired=1&next=%2Fmessages%2F%3Fpage%3D2"
    assert visitor.user is None
    assert Session.objects.count() == 0
    assert "已登录满 10 小时" in visitor.client.get(response["Location"]).content.decode()


def test_a_form_that_meets_the_end_is_not_repeated_as_a_page(visitor, settings):
    visitor.log_in("p1", "person")
    set_back(visitor.client, settings.SESSION_LIFETIME_SECONDS)
    response = visitor.client.post(reverse("messages-read"))
    assert response["Location"] == f"{reverse('login')}?expired=1"


def test_logging_in_again_begins_a_new_ten_hours(visitor, settings):
    visitor.log_in("p1", "person")
    set_back(visitor.client, settings.SESSION_LIFETIME_SECONDS - 5)
    visitor.log_in("p1", "person")
    assert time.time() - visitor.client.session["began"] < 5


def test_logged_in_pages_are_kept_by_no_cache(visitor):
    visitor.log_in("p1", "person")
    assert visitor.client.get(reverse("messages"))["Cache-Control"] == "no-store"
    assert "no-store" in visitor.client.get(reverse("login"))["Cache-Control"]


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(visitor):
    visitor.log_in("p1", "person")
    visitor.client.get(reverse("text-size"))
    for name in ("zhgg_session", "zhgg_login", "scale"):
        cookie = visitor.client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_somebody_who_is_logged_in_does_not_see_the_login_page(visitor):
    visitor.log_in("p1", "person")
    assert visitor.client.get(reverse("login"))["Location"] == reverse("portal")


def in_minutes(client, minutes):
    """Let the session end so many minutes from now, as its row says."""
    expires = timezone.now() + timedelta(minutes=minutes)
    Session.objects.filter(session_key=client.session.session_key).update(expire_date=expires)


def ends_in(client):
    return (Session.objects.get(session_key=client.session.session_key).expire_date - timezone.now()).total_seconds()


def test_opening_a_page_prolongs_the_session(visitor):
    visitor.log_in("p1", "person")
    in_minutes(visitor.client, 1)
    visitor.client.get(reverse("messages"))
    assert 1795 < ends_in(visitor.client) <= 1800


@pytest.mark.parametrize(("minutes", "written"), [(29.5, False), (28.9, True)])
def test_a_page_within_a_minute_of_the_last_writes_nothing_and_says_when_it_ends(visitor, minutes, written):
    visitor.log_in("p1", "person")
    in_minutes(visitor.client, minutes)

    with CaptureQueriesContext(connection) as queries:
        page = visitor.client.get(reverse("messages")).content.decode()

    assert any(query["sql"].startswith('UPDATE "django_session"') for query in queries) is written
    said = int(re.search(r'data-left="(\d+)"', page)[1])
    assert abs(said - ends_in(visitor.client)) < 5
    assert (said == 1800) is written


def test_asking_how_long_it_lasts_prolongs_nothing(visitor):
    visitor.log_in("p1", "person")
    in_minutes(visitor.client, 1)
    session = visitor.client.session
    session["revealed"] = {"what": "x:1", "until": 1}
    session.save()
    in_minutes(visitor.client, 1)

    for _ in range(3):
        answer = visitor.client.get(reverse("session"))

    assert 55 < answer.json()["left"] <= 60
    assert answer.json()["absolute"] is False
    assert answer.json()["account"] == str(visitor.user.pk)
    assert "no-store" in answer["Cache-Control"]
    assert ends_in(visitor.client) <= 60


def test_going_on_prolongs_it_and_says_until_when(visitor):
    visitor.log_in("p1", "person")
    in_minutes(visitor.client, 1)
    answer = visitor.client.post(reverse("session")).json()
    assert (answer["left"], answer["absolute"]) == (1800, False)
    assert ends_in(visitor.client) > 1795


def test_going_on_needs_the_csrf_token(visitor):
    visitor.log_in("p1", "person")
    in_minutes(visitor.client, 1)
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = visitor.client.cookies
    assert strict.post(reverse("session")).status_code == 403
    assert ends_in(visitor.client) <= 60
    token = strict.get(reverse("session")).json()["token"]
    assert strict.post(reverse("session"), headers={"X-CSRFToken": token}).json()["left"] == 1800


def test_nothing_puts_off_the_absolute_end(visitor, settings):
    visitor.log_in("p1", "person")
    set_back(visitor.client, settings.SESSION_LIFETIME_SECONDS - 90)
    answer = visitor.client.post(reverse("session")).json()
    assert 85 < answer["left"] <= 90
    assert answer["absolute"] is True
    set_back(visitor.client, 90)
    assert visitor.client.post(reverse("session")).json() == {"left": 0}
    assert visitor.user is None


def test_without_a_login_nothing_is_left(client):
    assert client.get(reverse("session")).json() == {"left": 0}
    assert client.post(reverse("session")).json() == {"left": 0}
    assert Session.objects.count() == 0


def test_the_page_knows_when_to_warn(visitor, settings):
    visitor.log_in("p1", "person")
    page = visitor.client.get(reverse("messages")).content.decode()
    assert 1795 < int(re.search(r'data-left="(\d+)"', page)[1]) <= 1800
    assert 'data-warn="120"' in page
    assert "session.js" not in Client().get(reverse("login")).content.decode()


def test_sessions_that_have_ended_are_cleared_away(visitor):
    visitor.log_in("p1", "person")
    tasks.clear_away(0)
    assert visitor.user is not None
    in_minutes(visitor.client, -1)
    tasks.clear_away(0)
    assert Session.objects.count() == 0


# Logout --------------------------------------------------------------------------------------------------------------


def test_logout_ends_both_sessions(visitor):
    visitor.log_in("p1", "person")
    user = visitor.user
    response = visitor.client.post(reverse("logout"))
    assert visitor.user is None
    assert Session.objects.count() == 0
    assert AuditEvent.objects.filter(action="logout", user=user).count() == 1

    parts = urlsplit(response["Location"])
    assert response["Location"].startswith(f"{visitor.provider.issuer}/logout?")
    assert dict(parse_qsl(parts.query)) == {
        "client_id": "zhgg-person",
        "post_logout_redirect_uri": "http://127.0.0.1/login/",
    }
    back = requests.get(response["Location"], allow_redirects=False, timeout=10)
    assert back.headers["Location"] == "http://127.0.0.1/login/"


def test_logout_by_get_does_nothing(visitor):
    visitor.log_in("p1", "person")
    assert visitor.client.get(reverse("logout")).status_code == 405
    assert visitor.user is not None


def test_logout_needs_the_csrf_token(visitor):
    visitor.log_in("p1", "person")
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = visitor.client.cookies
    assert strict.post(reverse("logout")).status_code == 403
    assert visitor.user is not None
    strict.cookies["zhgg_csrf"] = token = _get_new_csrf_string()
    assert strict.post(reverse("logout"), {"csrfmiddlewaretoken": token}).status_code == 302
    assert visitor.user is None


def test_logout_works_while_the_provider_is_away(visitor, settings):
    visitor.log_in("p1", "person")
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    discovery.forget()
    response = visitor.client.post(reverse("logout"))
    assert response["Location"] == reverse("login")
    assert visitor.user is None


def test_logout_of_nobody_leads_to_the_login_page(client):
    assert client.post(reverse("logout"))["Location"] == reverse("login")


# Small things --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_text_size_leads_nowhere_else(client, path):
    assert client.get(reverse("text-size"), {"next": path})["Location"] == "/"


def test_text_size_is_switched_on_and_off(client):
    response = client.get(reverse("text-size"), {"next": "/login/?a=1"})
    assert client.cookies["scale"].value == "large"
    assert response["Location"] == "/login/?a=1"
    client.get(reverse("text-size"))
    assert client.cookies["scale"].value == ""


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8000", 302), ("127.0.0.1:8000", 200), ("localhost.evil.example", 200)]
)
def test_localhost_is_led_to_127_0_0_1_in_development(rf, settings, host, status):
    settings.DEVELOPMENT = True
    settings.ALLOWED_HOSTS = ["*"]
    response = LoopbackHostMiddleware(lambda request: HttpResponse())(
        rf.get("/login/?next=/x/", headers={"host": host})
    )
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == "http://127.0.0.1:8000/login/?next=/x/"


def test_two_people_in_two_browsers_stay_apart(provider):
    provider.accounts = [person("a"), person("b", id_number=ID_NUMBERS[1])]
    first, second = Visitor(provider), Visitor(provider)
    first.log_in("a", "person")
    second.log_in("b", "person")
    assert (first.user.subject, second.user.subject) == ("a", "b")
    assert User.objects.count() == 2
