"""A provider that is away, slow or mad, and callbacks that it never sent: cut off, said clearly, and soon forgotten."""

import socket
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import LoginAttempt, User
from accounts.oidc import discovery
from accounts.oidc.client import places
from accounts.oidc.refusals import told
from tests.accounts.conftest import ID_NUMBERS, Visitor, assert_refused, legal, refusals

pytestmark = pytest.mark.django_db

DOWN = ("down", "500", "hang_up", "cut", "broken_chunks", "no_http", "huge_headers", "long_header", "two_lengths")
# What never ends by itself waits for the deadline; the rest must be recognised for what it is.
ENDLESS = ("slow", "drip", "drip_header", "continue")
BROKEN = (
    *("404", "endless", "huge", "gzip_bomb", "deflate", "br", "redirect", "redirect_file", "redirect_inside"),
    *("garbage", "empty", "signed", "not_object", "not_utf8", "nan", "huge_int", "deep"),
)
STATUS = {**dict.fromkeys((*DOWN, *ENDLESS), 503), **dict.fromkeys(BROKEN, 502)}
# What the log says of those for which there is a check of their own.
SAID = {
    **dict.fromkeys(ENDLESS, "did not finish in time"),
    **dict.fromkeys(("down", "500"), "answered 50"),
    **dict.fromkeys(("endless", "huge"), "answered more than 262144 bytes"),
    **dict.fromkeys(("gzip_bomb", "deflate", "br"), "answered with a content encoding"),
    **dict.fromkeys(("redirect", "redirect_file", "redirect_inside"), "answered 30"),
    **dict.fromkeys(("garbage", "signed"), "answered with content type"),
    **dict.fromkeys(("empty", "not_object", "not_utf8", "nan", "huge_int", "deep"), "answered no JSON object"),
    "401": "Unauthorized",
    "404": "answered 404",
}
# The way to all four endpoints is the same; each is broken in the ways that differ in kind.
KINDS = {"500": 503, "slow": 503, "401": 502, "gzip_bomb": 502, "redirect": 502, "signed": 502, "deep": 502}


@pytest.mark.parametrize("mode", STATUS)
@pytest.mark.parametrize("endpoint", ["discovery", "token"])
def test_a_broken_answer_is_cut_off_and_the_next_good_one_is_heard(visitor, spoiled, endpoint, mode):
    seconds = 0.5 if mode in ENDLESS else 8
    _, line = spoiled({endpoint: mode}, STATUS[mode], seconds=seconds, start=endpoint == "discovery")
    assert SAID.get(mode, "") in line
    assert "/elsewhere" not in str(visitor.provider.requests)


@pytest.mark.parametrize("mode", KINDS)
@pytest.mark.parametrize("endpoint", ["jwks", "userinfo"])
def test_so_are_broken_keys_and_userinfo(spoiled, endpoint, mode):
    _, line = spoiled({endpoint: mode}, KINDS[mode], seconds=0.5 if mode in ENDLESS else 8)
    assert SAID[mode] in line


def test_a_connection_that_is_never_accepted_is_cut_off(visitor, spoiled):
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # its queue is full, so the next one waits
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        away = f"http://127.0.0.1:{deaf.getsockname()[1]}/token"
        discovery.forget()
        visitor.provider.faults = {"discovery_set": {"token_endpoint": away}}
        callback = visitor.choose(visitor.begin("person"), "p1")
        _, line = spoiled({}, 503, seconds=0.5, callback=callback)
        assert "/token" in line


def test_every_connection_ends_with_the_login(client, settings):
    """A dribbling header starts a time-out of requests anew with each byte; the connection itself has to end."""
    ended = threading.Event()

    def answer(accepted):
        with accepted, suppress(OSError):
            while True:
                accepted.sendall(b"x")
                time.sleep(0.1)
        ended.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: answer(server.accept()[0]), daemon=True).start()
        settings.OIDC_ISSUER = f"http://127.0.0.1:{server.getsockname()[1]}"
        settings.OIDC_DEADLINE_SECONDS = 0.5
        response = client.get(reverse("login-person"))
        assert response.status_code == 503
        assert ended.wait(5)
    assert "渝快办暂时没有应答" in response.content.decode()
    assert LoginAttempt.objects.count() == 0


@pytest.mark.faults
@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
def test_with_the_real_deadline_it_is_over_within_ten_seconds(visitor, endpoint):
    callback = None if endpoint == "discovery" else visitor.choose(visitor.begin("person"), "p1")
    visitor.provider.faults = {endpoint: "drip_header"}
    began = time.monotonic()
    response = visitor.come_back(callback) if callback else visitor.client.get(reverse("login-person"))
    assert 7 < time.monotonic() - began < 10
    assert_refused(visitor, response, 503)


@pytest.mark.faults
def test_however_the_delays_are_spread_one_login_has_one_deadline(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    visitor.provider.slow_seconds = 4
    visitor.provider.faults = dict.fromkeys(("discovery", "token", "jwks", "userinfo"), "slow")
    discovery.forget()
    began = time.monotonic()
    try:
        response = visitor.come_back(callback)
    finally:
        visitor.provider.slow_seconds = 30
    assert time.monotonic() - began < 10
    assert_refused(visitor, response, 503)


def test_a_provider_that_does_not_listen_is_a_page(client, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    response = client.get(reverse("login-person"))
    assert response.status_code == 503
    assert "渝快办暂时没有应答" in response.content.decode()


# What discovery says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "//evil.example/a", "http://evil.example/token", "file:///etc/passwd", "", 7, ["x"]),
        *(
            "https://user:secret@evil.example/",
            "https://evil.example:port/",
            "https://[::1/",
            "https://",
            "https://a\tb",
        ),
        "https://evil.example/" + "a" * 3000,
    ],
)
def test_addresses_of_the_provider_must_be_sensible(visitor, settings, address):
    settings.DEVELOPMENT = False
    visitor.provider.faults = {"discovery_set": {"token_endpoint": address}}
    assert_no_way_there(visitor.client.get(reverse("login-person")))


@pytest.mark.parametrize("issuer", ["https://evil.example", "ISSUER/", None, ["ISSUER"]])
def test_discovery_of_another_issuer_is_refused(visitor, issuer):
    named = issuer.replace("ISSUER", visitor.provider.issuer) if isinstance(issuer, str) else issuer
    visitor.provider.faults = {"discovery_set": {"issuer": named}}
    assert_no_way_there(visitor.client.get(reverse("login-person")))


@pytest.mark.parametrize("keys", [None, {}, "keys", 7])
def test_a_key_set_without_a_list_is_a_broken_answer(spoiled, keys):
    spoiled({"jwks_set": {"keys": keys}}, 502)


def assert_no_way_there(response):
    """A page that says so; nobody was sent anywhere, and nothing was begun."""
    assert (response.status_code, "Location" in response) == (502, False)
    assert response["X-Request-Id"] in response.content.decode()
    assert LoginAttempt.objects.count() == 0


# The callback --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
def test_a_repeated_parameter_is_refused_and_uses_up_nothing(visitor, name):
    callback = visitor.choose(visitor.begin("person"), "p1")
    value = dict(part.split("=") for part in callback.split("?")[1].split("&")).get(name, "x")
    for twice in (f"{callback}&{name}={value}&{name}=other", f"{callback}&{name}=other&{name}={value}"):
        assert_refused(visitor, visitor.come_back(twice), 400)
    assert visitor.come_back(callback).status_code == 302
    assert visitor.user is not None


@pytest.mark.parametrize("code", ["x" * 100_000, "%00", "%ED%A0%80", "%FF", "%0D%0AX:y"])
def test_a_strange_code_is_refused(visitor, spoiled, code):
    callback = visitor.choose(visitor.begin("person"), "p1")
    own = callback.split("code=")[1].split("&")[0]
    before = visitor.provider.requests.count("/token")
    spoiled({}, 403, callback=callback.replace(own, code))
    # The honest login that follows asks once as well.
    assert visitor.provider.requests.count("/token") - before == (1 if len(code) > 4096 else 2)


@pytest.mark.parametrize("state", ["x" * 100_000, "%00", "%ED%A0%80", "%FF"])
def test_a_strange_state_is_unknown(visitor, spoiled, state):
    spoiled({}, 400, callback=f"http://127.0.0.1{reverse('login-person-callback')}?code=a&state={state}")


def test_a_callback_is_never_posted(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1").removeprefix("http://127.0.0.1")
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = visitor.client.cookies
    assert strict.post(callback).status_code == 403
    path, query = callback.split("?")
    assert visitor.client.post(path, query, content_type="application/x-www-form-urlencoded").status_code == 405
    assert (visitor.user, User.objects.count()) == (None, 0)


def test_what_the_provider_says_stays_out_of_the_log_unless_it_is_a_technical_word(visitor, spoiled):
    visitor.provider.faults = {"callback_error": ID_NUMBERS[0]}
    callback = visitor.choose(visitor.begin("person"), "p1")
    _, line = spoiled({}, 403, callback=callback)
    assert line.endswith("the provider answered (not a technical word)")
    assert (told("access_denied"), told("text/html")) == ("'access_denied'", "'text/html'")
    for words in ("王小明", "a\nb", "zhang@example.org", "x" * 100, "tel16900000001", ["x"], None, ""):
        assert told(words) == "(not a technical word)"


# Claims --------------------------------------------------------------------------------------------------------------

JUNK = ["\ud800", "a\0b", "x" * 20_000, ["a"], {"a": {"b": []}}, 10**40, -1.5e308, True, "NaN", "1e999999", "٣٣٣"]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk)[:12])
def test_junk_in_what_a_unit_may_leave_empty_is_left_out(visitor, junk):
    names = (
        *("phone_number", "email", "org_name", "legal_rep_name", "registered_on", "registered_capital"),
        *("paid_in_capital", "registration_type", "district", "address"),
    )
    visitor.provider.accounts = [legal("u1", **dict.fromkeys(names, junk))]
    assert visitor.log_in("u1", "legal").status_code == 302
    assert (visitor.user.email, visitor.user.phone) == ("", "")


COUNTING = [(claim, junk) for claim in ("id_number", "account_type") for junk in JUNK]
# A name may consist of any letters and digits.
COUNTING += [("name", junk) for junk in JUNK if junk not in ("NaN", "1e999999", "٣٣٣")]


@pytest.mark.parametrize(("claim", "junk"), COUNTING, ids=lambda value: ascii(value)[:12])
def test_junk_in_what_counts_is_refused(visitor, claim, junk):
    visitor.provider.faults = {"userinfo_set": {claim: junk}, "id_token_drop": [claim]}
    assert_refused(visitor, visitor.log_in("p1", "person"), 403)
    assert [kind for kind, _ in refusals()] == ["WrongEntrance" if claim == "account_type" else "ClaimsRefused"]


# Many at once --------------------------------------------------------------------------------------------------------


def test_a_login_that_finds_no_place_has_used_up_nothing_and_goes_on_by_itself(visitor, settings):
    settings.OIDC_IN_FLIGHT = 1
    callback = visitor.choose(visitor.begin("person"), "p1")
    with places.one():
        for response in (visitor.come_back(callback), visitor.client.get(reverse("login-person"))):
            assert_refused(visitor, response, 503)
            assert (response["Refresh"], response["Retry-After"]) == ("3", "3")
            assert "几秒后自动继续登录" in response.content.decode()
        assert visitor.client.get(reverse("login")).status_code == 200
    assert visitor.come_back(callback).status_code == 302


def test_a_place_is_given_back_however_a_login_ends(visitor, settings):
    settings.OIDC_IN_FLIGHT = 1
    visitor.provider.faults = {"token": "500"}
    for _ in range(3):
        assert visitor.log_in("p1", "person").status_code == 503

    # A place that was kept would make this 503 as well.
    visitor.provider.faults = {}
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user is not None


@pytest.mark.django_db(transaction=True)
def test_nobody_holds_a_database_connection_while_waiting_for_the_provider(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    visitor.provider.slow_seconds = 1
    visitor.provider.faults = {"token": "slow"}
    other = Visitor(visitor.provider)
    other.client.cookies = visitor.client.cookies
    answers = []

    def come_back():
        try:
            answers.append(other.come_back(callback).status_code)
        finally:
            connection.close()

    def others():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    thread = threading.Thread(target=come_back)
    before = others()
    thread.start()
    while "/token" not in visitor.provider.requests[-2:]:
        time.sleep(0.01)
    time.sleep(0.3)
    waiting = others()
    thread.join()
    visitor.provider.slow_seconds = 30
    assert (waiting, answers) == (before, [302])
