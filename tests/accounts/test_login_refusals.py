"""What must not open the way in through 渝快办."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import AuditEvent, LoginAttempt, User
from tests.accounts.conftest import ID_NUMBERS, Visitor, assert_refused, legal, person, refusals

pytestmark = pytest.mark.django_db


# State, visitor, entrance ---------------------------------------------------------------------------------------------


def test_a_callback_works_once(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    visitor.come_back(callback)
    user = visitor.user
    again = visitor.come_back(callback)
    assert (again.status_code, visitor.user, User.objects.count()) == (400, user, 1)
    assert again["X-Request-Id"] in again.content.decode()
    assert AuditEvent.objects.filter(action="login").count() == 1


def test_a_callback_works_only_in_the_browser_that_began(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    other = Visitor(visitor.provider)
    other.begin("person")
    assert_refused(other, other.come_back(callback), 400)
    assert User.objects.count() == 0
    assert visitor.come_back(callback).status_code == 302
    assert visitor.user == User.objects.get()


def test_a_callback_works_only_at_its_own_entrance(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1").replace("/login/person/", "/login/legal/")
    assert_refused(visitor, visitor.come_back(callback), 400)


def test_a_login_must_come_back_within_ten_minutes(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    LoginAttempt.objects.update(started_at=Now() - timedelta(minutes=10, seconds=1))
    assert_refused(visitor, visitor.come_back(callback), 400)


def test_outdated_attempts_are_removed(visitor):
    visitor.begin("person")
    LoginAttempt.objects.update(started_at=Now() - timedelta(minutes=11))
    visitor.begin("person")
    assert LoginAttempt.objects.count() == 1


@pytest.mark.parametrize("fault", [{"callback_state": "forged"}, {"callback_state": None}])
def test_a_foreign_state_is_refused(visitor, fault):
    visitor.provider.faults = fault
    assert_refused(visitor, visitor.log_in("p1", "person"), 400)


@pytest.mark.parametrize(
    "fault", [{"callback_iss": "https://evil.example"}, {"callback_iss": None}, {"callback_code": None}]
)
def test_a_callback_that_is_not_the_providers_is_refused(visitor, fault):
    visitor.provider.faults = fault
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "NotVerified")


def test_a_callback_without_iss_is_fine_where_none_is_announced(visitor):
    visitor.provider.faults = {
        "callback_iss": None,
        "discovery_drop": ["authorization_response_iss_parameter_supported"],
    }
    assert visitor.log_in("p1", "person").status_code == 302
    assert (visitor.user.subject, refusals()) == ("p1", [])


def test_a_forged_code_is_refused(visitor):
    visitor.provider.faults = {"callback_code": "forged"}
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "NotVerified")


def test_a_code_of_another_attempt_fails_pkce(visitor):
    first = visitor.choose(visitor.begin("person"), "p1")
    second = visitor.choose(visitor.begin("person"), "p1")
    code = dict(part.split("=") for part in second.split("?")[1].split("&"))["code"]
    own = dict(part.split("=") for part in first.split("?")[1].split("&"))["code"]
    assert_refused(visitor, visitor.come_back(first.replace(own, code)), 403, "NotVerified")


@pytest.mark.parametrize("query", ["error=access_denied", "error=x&state=forged", "code=a&state=b", "", "state="])
def test_an_unsolicited_callback_logs_nobody_out(visitor, query):
    visitor.log_in("p1", "person")
    user, key = visitor.user, visitor.client.session.session_key
    response = visitor.client.get(f"{reverse('login-person-callback')}?{query}")
    assert response.status_code == 400
    assert (visitor.user, visitor.client.session.session_key) == (user, key)
    assert visitor.client.get(reverse("messages")).status_code == 200
    assert not AuditEvent.objects.filter(action="logout").exists()


def test_cancelling_at_the_provider_is_said(visitor):
    visitor.provider.faults = {"callback_error": "access_denied\r\nforged line"}
    response = visitor.log_in("p1", "person")
    assert_refused(visitor, response, 403, "RefusedByProvider")
    assert "取消" in response.content.decode()
    assert "\n" not in refusals()[0][1]


def test_several_tabs_all_finish_each_with_its_own_next(visitor):
    visitor.provider.accounts = [person("a"), person("b", id_number=ID_NUMBERS[1]), legal("c")]
    tabs = [
        ("a", "person", "/messages/"),
        ("b", "person", "/projects/"),
        ("c", "legal", None),
        ("a", "person", "/?x=1"),
    ]
    callbacks = [visitor.choose(visitor.begin(entrance, path), sub) for sub, entrance, path in tabs]
    for (sub, _, path), callback in reversed(list(zip(tabs, callbacks, strict=True))):
        response = visitor.come_back(callback)
        assert (response.status_code, response["Location"]) == (302, path or reverse("portal"))
        assert visitor.user.subject == sub


def test_an_outside_form_cannot_reach_the_backend(visitor, rf):
    """With mozilla's own backend, any login form posted to ?code=…&state=… runs the login without state check."""
    callback = visitor.choose(visitor.begin("person"), "p1")
    request = rf.post(f"/admin/login/?{callback.split('?')[1]}")
    request.session = {}
    assert authenticate(request, username="x", password="y") is None
    assert authenticate(request, nonce="x", code_verifier="y") is None
    assert "/token" not in visitor.provider.requests[-1:]


@pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
def test_callback_and_start_answer_get_only(visitor, method):
    for name in ("login-person-callback", "login-person"):
        response = getattr(visitor.client, method)(reverse(name))
        assert (response.status_code, "GET" in response["Allow"]) == (405, True)
    assert not visitor.client.session.keys()
    assert LoginAttempt.objects.count() == User.objects.count() == 0


# Entrance and claims --------------------------------------------------------------------------------------------------


def test_the_wrong_entrance_offers_the_right_one(visitor):
    visitor.provider.faults = {
        "id_token_set": {"account_type": "legal"},
        "userinfo_set": {"account_type": "legal"},
    }
    response = visitor.log_in("p1", "person", "/projects/")
    assert_refused(visitor, response, 403, "WrongEntrance")
    assert f'href="{reverse("login-legal")}?next=%2Fprojects%2F"' in response.content.decode()
    assert not visitor.client.session.keys()


@pytest.mark.parametrize("value", ["staff", "Person", "", ["person"], {"a": 1}, 1, True, None])
def test_an_unknown_kind_of_account_is_refused(visitor, value):
    visitor.provider.faults = {"id_token_drop": ["account_type"], "userinfo_set": {"account_type": value}}
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "WrongEntrance")


@pytest.mark.parametrize("value", ["legal", ["person"], "staff"])
def test_contradictory_kinds_are_refused(visitor, value):
    visitor.provider.faults = {"userinfo_set": {"account_type": value}}
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "WrongEntrance")


@pytest.mark.parametrize(
    "name",
    ["", " ", None, "字" * 101, "王\0明", "王\n明", 7, ["王"]],
    ids=["empty", "blank", "missing", "101", "NUL", "newline", "number", "list"],
)
def test_a_bad_name_is_refused_and_never_cut(visitor, name):
    visitor.provider.accounts = [person("p1", name=name)]
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "ClaimsRefused")


@pytest.mark.parametrize("claim", ["name", "id_number", "account_type", "sub"])
def test_a_lone_surrogate_is_refused(visitor, claim):
    visitor.provider.faults = {"id_token_set": {claim: "\ud800"}, "userinfo_drop": [claim]}
    response = visitor.log_in("p1", "person")
    assert_refused(visitor, response, 403)
    assert User.objects.count() == 0
    assert len(refusals()) == 1


@pytest.mark.parametrize("claim", ["email", "phone_number", "gender", "birthdate"])
def test_a_lone_surrogate_in_an_optional_claim_is_left_out(visitor, claim):
    visitor.provider.faults = {"id_token_set": {claim: "\ud800"}, "userinfo_drop": [claim]}
    assert visitor.log_in("p1", "person").status_code == 302
    user = visitor.user
    assert (user.subject, user.name, user.email, user.phone) == ("p1", "王小明", "", "")


@pytest.mark.parametrize("name", ["字" * 100, "𠮷野家", "阿不都·买买提", "Ægir", "㛃", "𪚥𪚥"])
def test_any_letter_may_be_in_a_name(visitor, name):
    visitor.provider.accounts = [person("p1", name=name)]
    visitor.log_in("p1", "person")
    assert visitor.user.name == name


@pytest.mark.parametrize("number", ["990000198501010018", "9900001985010100", "x" * 300, "990000\0", 7, ["a"]])
def test_an_invalid_number_is_refused(visitor, number):
    visitor.provider.accounts = [person("p1", id_number=number)]
    assert_refused(visitor, visitor.log_in("p1", "person"), 403, "ClaimsRefused")


@pytest.mark.parametrize("uscc", ["91990000MATEXT01XM", "91990000", ["x"]])
def test_an_invalid_credit_code_is_refused(visitor, uscc):
    visitor.provider.accounts = [legal("u1", uscc=uscc)]
    assert_refused(visitor, visitor.log_in("u1", "legal"), 403, "ClaimsRefused")


def test_useless_optional_claims_are_left_out(visitor):
    junk = {"email": "no address", "phone_number": "x" * 500, "gender": [], "birthdate": "2001-02-30"}
    visitor.provider.accounts = [person("p1", **junk)]
    visitor.log_in("p1", "person")
    assert (visitor.user.email, visitor.user.phone) == ("", "")
