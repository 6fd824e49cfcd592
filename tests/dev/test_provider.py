"""The stand-in for 渝快办 keeps the rules of OpenID Connect, so that a login that works here works elsewhere."""

import base64
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from zhgg.dev import provider as package
from zhgg.dev.provider import serve
from zhgg.dev.provider.faults import CALLBACK_PARAMETERS, CHOICES

CALLBACK = "http://127.0.0.1:8000/login/legal/callback/"
UNIT = {
    "sub": "u1",
    "account_type": "legal",
    "label": "重庆照明研究院",
    "note": "法人单位 · 3 项待处理",
    "claims": {"name": "张建国", "org_name": "重庆照明研究院"},
}
OTHER_UNIT = {"sub": "u2", "account_type": "legal", "label": "第二单位 <b>", "note": "", "claims": {"name": "李慧"}}
PERSON = {
    "sub": "p1",
    "account_type": "person",
    "label": "王小明",
    "note": "个人",
    "claims": {"name": "王小明", "id_type": "1"},
}


class Browser:
    """A relying party and its browser in one: enough of the flow to look at every step."""

    def __init__(self, provider):
        self.provider = provider
        self.http = requests.Session()
        self.http.trust_env = False
        self.verifier = secrets.token_urlsafe(48)

    def parameters(self, **changes):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        values = {
            "response_type": "code",
            "client_id": "zhgg-legal",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    def page(self, **changes):
        return self.http.get(
            f"{self.provider.issuer}/authorize", params=self.parameters(**changes), allow_redirects=False, timeout=5
        )

    def choose(self, sub="u1", **changes):
        return self.http.post(
            f"{self.provider.issuer}/authorize",
            data={**self.parameters(**changes), "sub": sub},
            allow_redirects=False,
            timeout=5,
        )

    def code(self, sub="u1", **changes):
        return query_of(self.choose(sub, **changes))["code"]

    def exchange(self, code, auth=("zhgg-legal", "development-only-legal"), **changes):
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.http.post(
            f"{self.provider.issuer}/token", data=data, auth=auth, allow_redirects=False, timeout=5, stream=True
        )

    def get(self, path, **options):
        return self.http.get(f"{self.provider.issuer}{path}", timeout=5, allow_redirects=False, **options)


def query_of(response):
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


@pytest.fixture
def provider():
    provider = serve(accounts=[UNIT, PERSON, OTHER_UNIT])
    yield provider
    provider.stop()


@pytest.fixture
def browser(provider):
    return Browser(provider)


def test_a_click_on_an_account_ends_in_its_claims(provider, browser):
    answer = query_of(browser.choose())
    assert answer["state"] == "the-state"
    assert answer["iss"] == provider.issuer

    tokens = browser.exchange(answer["code"]).json()
    key = jwt.PyJWKClient(f"{provider.issuer}/jwks").get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(tokens["id_token"], key, algorithms=["RS256"], audience="zhgg-legal", issuer=provider.issuer)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims["nonce"] == "the-nonce"
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "auth_time", "at_hash", "account_type", "nonce"}

    userinfo = browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert userinfo.json() == {
        "sub": "u1",
        "account_type": "legal",
        "name": "张建国",
        "org_name": "重庆照明研究院",
    }


def test_the_login_page_lists_only_the_accounts_of_its_entrance_in_their_order(browser):
    legal = browser.page().text
    assert "<title>法人用户登录 · 渝快办（开发替身）</title>" in legal
    assert legal.index("重庆照明研究院") < legal.index("第二单位 &lt;b&gt;")
    assert "王小明" not in legal
    assert "取消登录" in legal

    person = browser.page(client_id="zhgg-person").text
    assert "王小明" in person
    assert "重庆照明研究院" not in person


def test_an_account_of_the_other_entrance_cannot_be_chosen(browser):
    assert browser.choose("p1").status_code == 400
    assert browser.choose("nobody").status_code == 400


def test_cancelling_says_access_denied(browser):
    response = browser.http.post(
        f"{browser.provider.issuer}/authorize",
        data={**browser.parameters(), "cancel": "1"},
        allow_redirects=False,
        timeout=5,
    )
    assert query_of(response)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_an_authorization_request_without_pkce_or_scope_is_sent_back(browser, changes, error):
    assert query_of(browser.page(**changes))["error"] == error
    assert query_of(browser.choose(**changes))["error"] == error


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1.example.org/callback/"},
        {"redirect_uri": "http://127.0.0.1@example.org/callback/"},
        {"redirect_uri": "ftp://127.0.0.1:8000/callback/"},
        {"redirect_uri": "http://127.0.0.1:8000/\r\nSet-Cookie: a=b"},
        {"redirect_uri": "http://127.0.0.1:port/"},
    ],
)
def test_an_unknown_client_or_address_is_never_redirected_to(browser, changes):
    response = browser.page(**changes)
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_code_works_once(browser):
    code = browser.code()
    assert browser.exchange(code).status_code == 200
    assert browser.exchange(code).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere/"},
    ],
)
def test_a_code_is_bound_to_its_verifier_and_address(browser, changes):
    assert browser.exchange(browser.code(), **changes).json() == {"error": "invalid_grant"}


def test_a_code_is_bound_to_its_client(browser):
    person = ("zhgg-person", "development-only-person")
    assert browser.exchange(browser.code(), auth=person).json() == {"error": "invalid_grant"}


def test_a_client_needs_its_secret_in_the_header_or_in_the_body(browser):
    assert browser.exchange(browser.code(), auth=("zhgg-legal", "wrong")).status_code == 401
    assert browser.exchange(browser.code(), auth=None).status_code == 401
    in_body = {"client_id": "zhgg-legal", "client_secret": "development-only-legal"}
    assert browser.exchange(browser.code(), auth=None, **in_body).status_code == 200


def test_userinfo_needs_a_token(browser):
    assert browser.get("/userinfo").status_code == 401
    assert browser.get("/userinfo", headers={"Authorization": "Bearer made-up"}).status_code == 401


def test_logging_out_ends_the_session_of_the_stand_in(browser):
    id_token = browser.exchange(browser.code()).json()["id_token"]
    assert "当前已登录" in browser.page().text
    assert "code" in query_of(browser.page(prompt="none"))

    back = browser.get(
        "/logout",
        params={"id_token_hint": id_token, "post_logout_redirect_uri": "http://127.0.0.1:8000/login/", "state": "s"},
    )
    assert back.headers["Location"] == "http://127.0.0.1:8000/login/?state=s"
    assert "当前已登录" not in browser.page().text
    assert query_of(browser.page(prompt="none"))["error"] == "login_required"


def test_logging_out_leads_only_back_to_a_registered_site(browser):
    known = {"client_id": "zhgg-legal"}
    back = browser.get("/logout", params={**known, "post_logout_redirect_uri": "http://localhost:8000/"})
    assert back.headers["Location"] == "http://localhost:8000/"
    away = browser.get("/logout", params={**known, "post_logout_redirect_uri": "http://example.org/"})
    assert away.status_code == 200
    assert browser.get("/logout", params={"post_logout_redirect_uri": "http://localhost:8000/"}).status_code == 200
    assert browser.get("/logout", params={"id_token_hint": "made.up.token"}).status_code == 400


def test_the_key_set_holds_keys_that_sign_nothing_and_the_signing_key_can_rotate(provider, browser):
    before = [key["kid"] for key in browser.get("/jwks").json()["keys"]]
    assert len(before) == 3
    provider.rotate_key()
    after = [key["kid"] for key in browser.get("/jwks").json()["keys"]]
    assert before[:2] == after[:2]
    assert before[2] != after[2]


def test_a_misspelt_fault_is_an_error(provider):
    with pytest.raises(KeyError, match="unknown fault"):
        provider.faults["id_tokn"] = "alg_none"
    with pytest.raises(ValueError, match="cannot be"):
        provider.faults = {"token": "broken"}


def test_the_table_of_faults_is_complete():
    table = package.__doc__.partition("Faults.")[2]
    modes = {f'"{value}"' for name, values in CHOICES.items() if name != "rotate_at" for value in values}
    for name in (*CALLBACK_PARAMETERS, *CHOICES, *modes):
        assert name in table


@pytest.mark.parametrize(
    ("mode", "status"), [("down", 503), ("500", 500), ("redirect", 307), ("garbage", 200), ("not_object", 200)]
)
@pytest.mark.parametrize("endpoint", ["discovery", "jwks", "token", "userinfo"])
def test_every_endpoint_can_break_in_every_way(provider, browser, endpoint, mode, status):
    tokens = browser.exchange(browser.code()).json()
    code = browser.code()
    provider.faults[endpoint] = mode
    response = {
        "discovery": lambda: browser.get("/.well-known/openid-configuration"),
        "jwks": lambda: browser.get("/jwks"),
        "token": lambda: browser.exchange(code),
        "userinfo": lambda: browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}),
    }[endpoint]()
    assert response.status_code == status
    if mode == "redirect":
        assert "/elsewhere/" in response.headers["Location"]


def test_what_a_redirect_leads_to_is_right(provider, browser):
    provider.faults["discovery"] = "redirect"
    followed = browser.http.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5)
    assert followed.json()["issuer"] == provider.issuer


@pytest.mark.parametrize("mode", ["drip", "endless"])
def test_an_answer_without_end_ends_when_the_client_leaves(provider, browser, mode):
    provider.faults["jwks"] = mode
    with browser.get("/jwks", stream=True) as response:
        assert response.raw.read(1) == b" "


def test_a_slow_answer_comes_in_the_end(provider, browser):
    provider.slow_seconds = 0.1
    provider.faults["jwks"] = "slow"
    assert len(browser.get("/jwks").json()["keys"]) == 3


def test_answers_can_be_edited(provider, browser):
    provider.faults.update(
        {
            "discovery_set": {"issuer": "http://else.where"},
            "token_drop": ["access_token"],
            "id_token_set": {"aud": "other"},
            "id_token_drop": ["nonce"],
            "callback_iss": None,
        }
    )
    assert browser.get("/.well-known/openid-configuration").json()["issuer"] == "http://else.where"
    answer = query_of(browser.choose())
    assert "iss" not in answer
    tokens = browser.exchange(answer["code"]).json()
    assert "access_token" not in tokens
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["aud"] == "other"
    assert "nonce" not in claims


@pytest.mark.parametrize(
    ("mode", "header"),
    [
        ("alg_none", {"alg": "none"}),
        ("hs256_public_key", {"alg": "HS256"}),
        ("no_kid", {"alg": "RS256", "kid": None}),
        ("unknown_kid", {"alg": "RS256", "kid": "nobody-knows-this"}),
        ("foreign_key", {"alg": "RS256"}),
    ],
)
def test_an_id_token_can_be_signed_wrongly(provider, browser, mode, header):
    provider.faults["id_token"] = mode
    token = browser.exchange(browser.code()).json()["id_token"]
    found = jwt.get_unverified_header(token)
    assert {name: found.get(name) for name in header} == header
    assert provider.keys.subject_of(token) is None or mode in ("no_kid", "unknown_kid")


def test_the_process_follows_its_file_and_ends_on_sigterm(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "accounts.json"
    command = [sys.executable, "-m", "zhgg.dev.provider", "--port", str(port), "--accounts", str(file)]
    process = subprocess.Popen(command, env=os.environ)
    try:
        browser = Browser(type("Running", (), {"issuer": f"http://127.0.0.1:{port}"}))
        browser.http.mount("http://", requests.adapters.HTTPAdapter(max_retries=_patiently()))
        assert "还没有演示账号" in browser.page().text
        file.write_text(json.dumps({"accounts": [UNIT, PERSON], "staff": []}), "utf-8")
        assert "重庆照明研究院" in browser.page().text
        file.write_text("{ half", "utf-8")
        assert "重庆照明研究院" in browser.page().text
        file.write_text(json.dumps({"accounts": [OTHER_UNIT]}), "utf-8")
        assert "重庆照明研究院" not in browser.page().text
    finally:
        process.terminate()
    assert process.wait(5) == 0


def _patiently():
    return requests.adapters.Retry(connect=20, backoff_factor=0.05)
