"""The way in through 渝快办."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, IdentityConflict, User
from accounts.oidc.backend import PersonBackend
from tests.accounts.conftest import ID_NUMBERS, USCCS, Visitor, assert_refused, legal, person, refusals

pytestmark = pytest.mark.django_db


# The right way --------------------------------------------------------------------------------------------------------


def test_a_first_login_makes_the_account_and_later_ones_find_it(visitor):
    response = visitor.log_in("p1", "person")
    assert (response.status_code, response["Location"]) == (302, reverse("portal"))
    user = visitor.user
    assert (user.kind, user.issuer, user.subject, user.name) == ("person", visitor.provider.issuer, "p1", "王小明")
    assert (user.id_type, user.id_number) == ("01", ID_NUMBERS[0])
    assert len(user.identity_digest) == 64
    assert user.identity_digest == user.known_as
    assert (user.has_usable_password(), user.is_staff, user.is_superuser) == (False, False, False)

    again = Visitor(visitor.provider)
    again.log_in("p1", "person")
    assert again.user == user
    assert User.objects.count() == 1
    assert AuditEvent.objects.filter(action="login", ok=True, user=user, address="127.0.0.1").count() == 2


def test_a_unit_logs_in_through_its_own_entrance(visitor):
    visitor.log_in("u1", "legal")
    assert (visitor.user.kind, visitor.user.uscc, visitor.user.identity_digest) == ("legal", USCCS[0], "")


def test_name_phone_and_email_follow_the_provider_and_the_account_stays(visitor):
    visitor.log_in("p1", "person")
    first = visitor.user
    visitor.provider.accounts = [person("p1", name="王晓明", email="new@example.com", phone_number="16900000001")]
    visitor.log_in("p1", "person")
    assert visitor.user == first
    assert (visitor.user.name, visitor.user.email, visitor.user.phone) == ("王晓明", "new@example.com", "16900000001")


def test_accounts_are_never_joined_by_email_or_name(visitor):
    same = {"email": "same@example.com", "name": "同名", "phone_number": "16900000001"}
    visitor.provider.accounts = [person("a", **same), person("b", **{**same, "id_number": ID_NUMBERS[1]})]
    visitor.log_in("a", "person")
    first = visitor.user
    visitor.log_in("b", "person")
    assert visitor.user != first


def test_a_login_without_a_number_works_and_grants_nothing(visitor):
    visitor.log_in("p2", "person")
    assert (visitor.user.identity_digest, visitor.user.known_as, visitor.user.id_number) == ("", "", "")


def test_a_later_login_without_a_number_grants_nothing_but_the_number_stays_taken(visitor):
    visitor.log_in("p1", "person")
    known_as = visitor.user.known_as
    visitor.provider.accounts = [person("p1", id_number=None), person("other")]
    visitor.log_in("p1", "person")
    assert (visitor.user.identity_digest, visitor.user.known_as) == ("", known_as)
    assert_refused(other := Visitor(visitor.provider), other.log_in("other", "person"), 409)


def test_claims_give_no_rights(visitor):
    forged = {
        "is_staff": True,
        "is_superuser": True,
        "groups": ["科技局"],
        "role": "bureau",
        "id": 1,
        "pk": 1,
        "username": "admin",
        "kind": "staff",
    }
    visitor.provider.accounts = [person("p1", **forged)]
    visitor.provider.faults["id_token_set"] = forged
    visitor.log_in("p1", "person")
    user = visitor.user
    assert (user.kind, user.is_staff, user.is_superuser, user.groups.count()) == ("person", False, False, 0)
    assert user.username != "admin"


def test_claim_names_can_be_mapped(visitor, settings):
    settings.OIDC_CLAIMS = {"name": "xm", "id_number": "zjhm", "account_type": "yhlx"}
    visitor.provider.accounts = [
        {"sub": "x", "account_type": "person", "claims": {"xm": "王小明", "zjhm": ID_NUMBERS[0], "yhlx": "person"}}
    ]
    visitor.log_in("x", "person")
    assert (visitor.user.name, visitor.user.id_number) == ("王小明", ID_NUMBERS[0])


def test_a_number_is_normalised(visitor):
    number = ID_NUMBERS[0]
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in number)
    visitor.provider.accounts = [person("a", id_number=f" {full_width} ")]
    visitor.log_in("a", "person")
    assert visitor.user.id_number == number


# Numbers that meet another account ------------------------------------------------------------------------------------


def test_a_second_subject_with_the_same_number_is_refused(visitor):
    visitor.log_in("p1", "person")
    holder = visitor.user
    visitor.provider.accounts = [person("thief", name="别人")]
    other = Visitor(visitor.provider)
    for _ in range(2):
        response = other.log_in("thief", "person")
        assert response.status_code == 409
    assert other.user is None
    assert User.objects.count() == 1
    conflict = IdentityConflict.objects.get()
    assert (conflict.reason, conflict.account, conflict.subject, conflict.name) == ("taken", holder, "thief", "别人")
    assert conflict.digest == holder.known_as
    assert [kind for kind, _ in refusals()] == ["IdentityTaken", "IdentityTaken"]


def test_a_second_subject_with_the_same_credit_code_is_refused(visitor):
    visitor.log_in("u1", "legal")
    visitor.provider.accounts = [legal("u2")]
    other = Visitor(visitor.provider)
    assert_refused(other, other.log_in("u2", "legal"), 409, "IdentityTaken")


def test_a_known_subject_with_another_number_is_refused_and_nothing_changes(visitor):
    visitor.log_in("p1", "person")
    before = visitor.user
    visitor.provider.accounts = [person("p1", id_number=ID_NUMBERS[1], name="换了人")]
    other = Visitor(visitor.provider)
    assert_refused(other, other.log_in("p1", "person"), 409, "IdentityChanged")
    after = User.objects.get()
    assert (after.name, after.id_number, after.identity_digest) == (
        before.name,
        before.id_number,
        before.identity_digest,
    )
    assert IdentityConflict.objects.get().reason == "changed"


def test_a_number_that_comes_later_must_be_free(visitor):
    visitor.log_in("p1", "person")
    visitor.log_in("p2", "person")
    visitor.provider.accounts = [person("p2")]
    other = Visitor(visitor.provider)
    assert_refused(other, other.log_in("p2", "person"), 409, "IdentityTaken")


def test_numbers_never_appear_in_the_audit_trail_or_the_session(visitor):
    visitor.log_in("p1", "person")
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail::text || object_label || actor_label FROM accounts_auditevent")
        assert ID_NUMBERS[0] not in str(cursor.fetchall())
    assert set(visitor.client.session.keys()) == {"_auth_user_id", "_auth_user_backend", "_auth_user_hash", "began"}


# Disabled accounts ----------------------------------------------------------------------------------------------------


def test_a_disabled_account_cannot_log_in_and_an_open_session_ends(visitor):
    visitor.log_in("p1", "person")
    User.objects.update(is_active=False)
    assert visitor.client.get(reverse("messages"))["Location"] == f"{reverse('login')}?next=/messages/"
    other = Visitor(visitor.provider)
    assert_refused(other, other.log_in("p1", "person"), 403, "AccountDisabled")
    assert AuditEvent.objects.get(action="login_refused").user == User.objects.get()


def test_a_session_counts_only_for_its_own_kind_of_account(visitor):
    visitor.log_in("u1", "legal")
    assert PersonBackend().get_user(visitor.user.pk) is None


# next -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http://127.0.0.1/projects/",
        "projects/",
        "/" + "a" * 3000,
        "/login/",
        "/logout/",
        "",
    ],
)
def test_next_leads_nowhere_but_to_our_own_paths(visitor, path):
    assert visitor.log_in("p1", "person", path)["Location"] == reverse("portal")


def test_the_login_page_carries_next_along(client):
    page = client.get(reverse("login"), {"next": "/projects/?page=2"}).content.decode()
    for entrance in ("legal", "person"):
        assert f'href="{reverse(f"login-{entrance}")}?next=%2Fprojects%2F%3Fpage%3D2"' in page
    assert 'type="password"' not in page


def test_a_page_behind_the_login_leads_back_to_itself(visitor):
    response = visitor.client.get("/messages/?page=2")
    assert response["Location"] == f"{reverse('login')}?next=/messages/%3Fpage%3D2"


def test_extra_parameters_go_along_but_replace_nothing(visitor, settings):
    settings.OIDC_ENTRANCES["person"]["extra"] = {"usertype": "1", "state": "fixed", "redirect_uri": "https://evil"}
    location = visitor.begin("person")
    assert "usertype=1" in location
    assert "fixed" not in location
    assert "evil" not in location


def test_the_request_has_pkce_state_and_nonce(visitor):
    location = visitor.begin("person")
    for part in ("code_challenge_method=S256", "code_challenge=", "state=", "nonce=", "response_type=code"):
        assert part in location


def test_an_authorization_endpoint_with_a_query_keeps_it(visitor):
    endpoint = f"{visitor.provider.issuer}/authorize?tenant=cq"
    visitor.provider.faults = {"discovery_set": {"authorization_endpoint": endpoint}}
    assert visitor.begin("person").startswith(f"{endpoint}&response_type=code&")


# Two at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_first_logins_at_once_make_one_account(provider, round_):
    """Real connections, one a thread: the same subject, and a second subject with the same number."""
    provider.accounts = [person("same"), person("other")]
    browsers = [Visitor(provider) for _ in range(6)]
    callbacks = [
        visitor.choose(visitor.begin("person"), "other" if number == 5 else "same")
        for number, visitor in enumerate(browsers)
    ]

    def finish(pair):
        try:
            return pair[0].come_back(pair[1]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(finish, zip(browsers, callbacks, strict=True)))
    assert User.objects.count() == 1
    if User.objects.get().subject == "same":
        assert answers == [302] * 5 + [409]
    else:
        assert answers == [409] * 5 + [302]


def test_an_account_made_a_moment_ago_is_no_second_account(visitor, monkeypatch):
    """Another request makes the account between our looking for it and our looking for its number."""
    visitor.log_in("p1", "person")
    user = visitor.user
    locked = services._locked
    answers = [lambda claims: None, locked]
    monkeypatch.setattr(services, "_locked", lambda claims: answers.pop(0)(claims))
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user == user == User.objects.get()
    assert not IdentityConflict.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_callback_sent_twice_at_once_logs_in_once(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    cookies = visitor.client.cookies

    def send(_):
        client = Client(headers={"host": "127.0.0.1"})
        client.cookies = cookies
        try:
            return client.get(callback.removeprefix("http://127.0.0.1")).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [302, 400, 400, 400]
    assert User.objects.count() == AuditEvent.objects.filter(action="login").count() == 1
