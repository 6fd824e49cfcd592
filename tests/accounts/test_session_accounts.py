"""The account comes with the row of its session, and only where Django itself would have logged it in.

Each case is asked twice: of the site, and of `django.contrib.auth.get_user`, which knows nothing of the short way.
"""

import copy
import json

import pytest
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.management.utils import get_random_secret_key
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import notices, services
from accounts.models import Notice, Session, User
from accounts.session_store import SessionStore
from tests import factories as make
from tests.conftest import backend_of

pytestmark = pytest.mark.django_db

PAGE = "/messages/"


@pytest.fixture
def person():
    return make.make_user()


@pytest.fixture
def other():
    return make.make_user()


def row_of(client):
    return Session.objects.get(session_key=client.session.session_key)


def say(client, **changed):
    """Let the session say something else than it did; None takes it out. Its column stays as it is."""
    row, store = row_of(client), SessionStore()
    said = {**row.get_decoded(), **changed}
    row.session_data = store.encode({key: value for key, value in said.items() if value is not None})
    Session.objects.filter(pk=row.pk).update(session_data=row.session_data)


def who_is_it(client):
    """Whom the site takes the client for; None for nobody. Django alone must say the same."""
    key = client.cookies["zhgg_session"].value
    before = Session.objects.filter(session_key=key).first()
    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    by_django = auth.get_user(request)
    if before and not Session.objects.filter(session_key=key).exists():
        before.save(force_insert=True)

    answer = client.get(reverse("session")).json()
    here = int(answer["account"]) if answer["left"] else None
    assert here == by_django.pk
    return here


def questions(client, path=PAGE, method="get"):
    """What the database was asked for."""
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(path)
    assert answer.status_code in (200, 302)
    return [query["sql"] for query in queries]


def naming(table, questions):
    return [each for each in questions if f'"{table}"' in each]


def test_session_account_and_unread_messages_are_one_query(login, person):
    client = login(person)
    notices.notify([person], subject="一", by_mail=False)
    notices.notify([person], subject="二", by_mail=False)

    asked = questions(client)

    assert len(naming("accounts_user", asked)) == 1
    assert naming("accounts_user", asked) == naming("django_session", asked)
    assert '>2<span class="vh"> 条未读' in client.get(PAGE).content.decode()


def test_views_find_the_account_itself_and_no_stand_in(login, visitor, person):
    request = login(person).get(PAGE).wsgi_request
    assert type(request.user) is User
    assert request.actor.user is request.user
    # What the second factor leaves on it is there.
    assert request.user.otp_device is None
    assert type(visitor.client.get("/login/").wsgi_request.user) is AnonymousUser


def test_a_form_that_is_sent_counts_no_messages(login, person):
    asked = questions(login(person), reverse("session"), "post")
    assert naming("accounts_notice", asked) == []
    assert len(naming("accounts_user", asked)) == 1


def test_what_is_read_meanwhile_is_not_shown_as_unread(person):
    for subject in "一二三":
        notices.notify([person], subject=subject, by_mail=False)
    person.unread = 3

    services.mark_read(user=person, notice_id=Notice.objects.latest("pk").pk)
    assert notices.unread_count(person) == 2

    services.mark_read(user=person)
    assert notices.unread_count(person) == 0


def test_the_row_says_whose_session_it_is_from_the_login_on(visitor):
    visitor.log_in("p1", "person")
    first = Session.objects.get()
    assert first.user == visitor.user

    visitor.log_in("u1", "legal")
    second = Session.objects.get()
    assert second.pk != first.pk
    assert second.user == visitor.user != first.user

    visitor.client.post(reverse("logout"))
    assert not Session.objects.exists()


def test_a_row_without_the_account_is_read_as_it_is_and_has_it_with_the_next_write(login, person):
    client = login(person)
    Session.objects.update(user=None)
    notices.notify([person], subject="一", by_mail=False)

    assert who_is_it(client) == person.pk
    assert '>1<span class="vh"> 条未读' in client.get(PAGE).content.decode()

    Session.objects.update(expire_date=timezone.now() + timezone.timedelta(minutes=5))
    client.get(PAGE)
    assert row_of(client).user == person


def test_the_session_says_who_it_is_and_not_the_column(login, person, other):
    # With passwords alike not even the hash of the session tells the two apart.
    User.objects.update(password=person.password)
    client = login(person)
    Session.objects.update(user=other)
    notices.notify([other], subject="not for them", by_mail=False)

    assert who_is_it(client) == person.pk
    assert "条未读</span>" not in client.get(PAGE).content.decode()


def test_a_session_that_says_nothing_is_nobody_s_whatever_the_column_says(login, person):
    client = login(person)
    say(client, _auth_user_id=None)
    assert who_is_it(client) is None


@pytest.mark.parametrize("said", [None, "", "x" * 64])
def test_a_session_that_was_not_begun_under_the_password_is_nobody_s(login, person, said):
    client = login(person)
    say(client, _auth_user_hash=said)
    assert who_is_it(client) is None
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "entrance",
    [
        None,
        "accounts.oidc.backend.LegalBackend",
        "accounts.staff.StaffBackend",
        "django.contrib.auth.backends.ModelBackend",
        "axes.backends.AxesBackend",
    ],
)
def test_a_session_of_another_entrance_is_nobody_s(login, person, entrance):
    client = login(person)
    say(client, _auth_user_backend=entrance)
    assert who_is_it(client) is None


def test_an_account_that_has_become_another_kind_is_out(login):
    officer = make.make_officer()
    client = login(officer)
    assert who_is_it(client) == officer.pk
    say(client, _auth_user_backend="accounts.oidc.backend.PersonBackend")
    assert who_is_it(client) is None


@pytest.mark.parametrize("make_account", [make.make_user, make.make_officer], ids=["person", "officer"])
def test_an_account_that_is_switched_off_is_out_with_the_next_request(login, make_account):
    user = make_account()
    client = login(user)
    assert who_is_it(client) == user.pk
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert who_is_it(client) is None


def test_a_new_password_ends_the_sessions_of_the_old_one(login):
    officer = make.make_officer()
    client = login(officer)
    officer.set_password("another one of theirs")
    officer.save()
    assert who_is_it(client) is None
    assert not Session.objects.exists()


def test_what_was_altered_in_the_database_is_nobody_s(login, person, other):
    client = login(person)
    head, _, rest = row_of(client).session_data.partition(":")
    forged = signing.b64_encode(json.dumps({"_auth_user_id": str(other.pk)}).encode()).decode()
    assert forged != head
    Session.objects.update(session_data=f"{forged}:{rest}", user=other)
    assert who_is_it(client) is None


def test_an_ended_session_is_nobody_s(login, person):
    client = login(person)
    Session.objects.update(expire_date=timezone.now())
    assert who_is_it(client) is None


def test_a_session_goes_on_while_the_key_changes_and_is_begun_anew_under_the_new_one(login, person, settings):
    client = login(person)
    old = row_of(client)
    said = old.get_decoded()["_auth_user_hash"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = get_random_secret_key(), [settings.SECRET_KEY]

    assert client.get(PAGE).status_code == 200

    new = Session.objects.get()
    assert new.pk == client.cookies["zhgg_session"].value != old.pk
    assert (new.user, new.get_decoded()["_auth_user_id"]) == (person, str(person.pk))
    assert new.get_decoded()["_auth_user_hash"] == person.get_session_auth_hash() != said
    settings.SECRET_KEY_FALLBACKS = []
    assert who_is_it(client) == person.pk


def test_a_session_of_a_key_that_is_gone_is_nobody_s(login, person, settings):
    client = login(person)
    settings.SECRET_KEY = get_random_secret_key()
    assert who_is_it(client) is None


def test_sessions_go_with_their_account_and_a_row_left_over_is_nobody_s(login, person):
    client = login(person)
    left = copy.copy(row_of(client))
    User.objects.filter(pk=person.pk).delete()
    assert not Session.objects.exists()

    left.save(force_insert=True)
    assert who_is_it(client) is None


def test_a_login_over_another_session_begins_with_an_empty_one(login, person, other):
    """Django's own login over a session of somebody else: nothing is left of it, in the row either."""
    client = login(person)
    say(client, left="over")
    old = row_of(client).pk

    client.force_login(other, backend=backend_of(other))

    row = Session.objects.get(user=other)
    assert row.pk == client.cookies["zhgg_session"].value != old
    assert "left" not in row.get_decoded()


def test_a_stranger_s_key_loads_nothing():
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies["zhgg_session"] = "k" * 32
    assert client.get(PAGE)["Location"] == f"{reverse('login')}?next={PAGE}"
    assert not Session.objects.exists()
