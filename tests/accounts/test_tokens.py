"""What an ID token, a key set and a userinfo must be before anybody is believed to be somebody."""

import time

import pytest

from accounts.models import AuditEvent, User
from accounts.oidc import tokens
from accounts.oidc.refusals import NotVerified
from tests.accounts.conftest import ID_NUMBERS, Visitor, person, refusals

pytestmark = pytest.mark.django_db


def now():
    return int(time.time())


BAD_TOKENS = {
    "the ID token is signed with 'none'": {
        "alg none": {"id_token": "alg_none"},
    },
    "the ID token is signed with 'HS256'": {
        "HS256 with the public key": {"id_token": "hs256_public_key"},
    },
    "no key of the provider fits the ID token": {
        "signed by another key": {"id_token": "foreign_key"},
        "unknown kid": {"id_token": "unknown_kid"},
        "a withdrawn key": {"id_token": "withdrawn_key"},
        "RS256 by the key for encryption": {"id_token": "key_for_encryption"},
        "jwk in the header": {"id_token": "jwk_header"},
        "jku in the header": {"id_token": "jku_header"},
        "x5u in the header": {"id_token": "x5u_header"},
        "no keys": {"jwks_set": {"keys": []}},
    },
    "the ID token is signed with 'RS512'": {
        "RS512": {"id_token": "rs512"},
    },
    "the ID token is signed with 'ES256'": {
        "ES256 by another key of the set": {"id_token": "key_of_ec"},
    },
    "the ID token is signed with (not a technical word)": {
        "alg a list": {"id_token": "alg_list"},
    },
    "the ID token cannot be read": {
        "crit in the header": {"id_token": "crit_header"},
        "b64 in the header": {"id_token": "b64_header"},
        "a deep header": {"id_token": "deep_header"},
        "kid a list": {"id_token": "kid_list"},
        "no signature": {"id_token": "no_signature"},
        "garbage": {"id_token": "garbage"},
    },
    "the ID token holds no JSON object": {
        "payload a list": {"id_token": "payload_list"},
        "payload with NaN": {"id_token": "payload_nan"},
        "payload with a huge number": {"id_token": "payload_huge_int"},
        "a deep payload": {"id_token": "payload_deep"},
        "payload not UTF-8": {"id_token": "payload_not_utf8"},
        "exp beyond any number": {"id_token_set": {"exp": float("1e308") * 10}},
    },
    "there is no ID token": {
        "ID token a list": {"token_set": {"id_token": ["a"]}},
        "ID token not ASCII": {"token_set": {"id_token": "令牌"}},
        "ID token of 300 kB less two": {"token_set": {"id_token": "a.b." + "c" * 200_000}},
        "no token": {"token_drop": ["id_token"]},
    },
    "the token answer has no access token": {
        "no access token": {"token_drop": ["access_token"], "id_token_drop": ["at_hash"]},
    },
    "the token answer has no bearer token": {
        "token type": {"token_set": {"token_type": "mac"}},
    },
    "the access token cannot be sent": {
        "unsendable access token": {"token_set": {"access_token": "a\r\nX: y"}, "id_token_drop": ["at_hash"]},
    },
    "at_hash does not match": {
        "at_hash": {"id_token": "wrong_at_hash"},
    },
    "aud is not this client alone": {
        "aud of another": {"id_token_set": {"aud": "somebody-else"}},
        "aud with another": {"id_token_set": {"aud": ["zhgg-person", "somebody-else"], "azp": "zhgg-person"}},
        "aud empty": {"id_token_set": {"aud": []}},
        "aud a number": {"id_token_set": {"aud": 7}},
        "no aud": {"id_token_drop": ["aud"]},
        "aud of the other entrance": {"id_token_set": {"aud": "zhgg-legal"}},
    },
    "azp is not this client": {
        "azp of another": {"id_token_set": {"azp": "somebody-else"}},
    },
    "iss is not our provider": {
        "iss": {"id_token_set": {"iss": "http://127.0.0.1:1"}},
        "iss with a slash": {"id_token_set": {"iss": "ISSUER/"}},
        "no iss": {"id_token_drop": ["iss"]},
    },
    "the ID token has expired": {
        "expired": {"id_token_set": {"exp": -120}},
    },
    "exp and iat are required": {
        "no exp": {"id_token_drop": ["exp"]},
        "no iat": {"id_token_drop": ["iat"]},
    },
    "exp is no number": {
        "exp a text": {"id_token_set": {"exp": "never"}},
        "exp true": {"id_token_set": {"exp": True}},
        "exp a list": {"id_token_set": {"exp": [1]}},
    },
    "iat is no number": {
        "iat a text": {"id_token_set": {"iat": "0"}},
    },
    "iat lies in the future": {
        "iat 10^40": {"id_token_set": {"iat": 10**40}},
        "iat in the future": {"id_token_set": {"iat": 120}},
    },
    "nbf lies in the future": {
        "nbf 10^40": {"id_token_set": {"nbf": 10**40}},
        "nbf in the future": {"id_token_set": {"nbf": 120}},
    },
    "iat is older than ten minutes": {
        "iat old": {"id_token_set": {"iat": -700}},
    },
    "nonce does not match": {
        "nonce of another": {"id_token_set": {"nonce": "another"}},
        "no nonce": {"id_token_drop": ["nonce"]},
        "nonce a list": {"id_token_set": {"nonce": ["a"]}},
        "nonce a lone surrogate": {"id_token_set": {"nonce": "\udfff"}},
    },
    "sub is no text of 1 to 255 characters": {
        "no sub": {"id_token_drop": ["sub"]},
        "sub empty": {"id_token_set": {"sub": ""}},
        "sub too long": {"id_token_set": {"sub": "x" * 256}},
        "sub blank": {"id_token_set": {"sub": " "}},
        "sub a list": {"id_token_set": {"sub": ["p1"]}},
        "sub a lone surrogate": {"id_token_set": {"sub": "\ud800"}},
        "sub a number": {"id_token_set": {"sub": 7}},
        "sub with NUL": {"id_token_set": {"sub": "a\0b"}},
    },
    "userinfo is about another subject": {
        "userinfo of another": {"userinfo_set": {"sub": "p2"}},
        "userinfo of somebody else of this entrance": {"mix_up": "userinfo"},
        "userinfo without sub": {"userinfo_drop": ["sub"]},
    },
}
"""Reason in the log → what is wrong."""


def prepared(fault, provider):
    """Times are relative to now; ISSUER is the provider's."""
    claims = fault.get("id_token_set")
    if not claims:
        return fault
    times = {name: now() + claims[name] for name in ("exp", "iat", "nbf") if type(claims.get(name)) is int}
    texts = {"iss": claims["iss"].replace("ISSUER", provider.issuer)} if "iss" in claims else {}
    return {"id_token_set": {**claims, **times, **texts}}


@pytest.mark.parametrize(
    ("reason", "fault"),
    [pytest.param(reason, fault, id=name) for reason, faults in BAD_TOKENS.items() for name, fault in faults.items()],
)
def test_a_bad_token_is_refused_and_the_next_good_one_is_not(visitor, spoiled, reason, fault):
    if fault.get("id_token") == "withdrawn_key":
        visitor.provider.rotate_key()
    _, line = spoiled(prepared(fault, visitor.provider), 403)
    # The reason too: what one check lets pass another may refuse.
    assert refusals() == [("NotVerified", reason)]
    assert line.endswith(reason)


GOOD_TOKENS = {
    "exp within the skew": {"id_token_set": {"exp": -3}},
    "iat within the skew": {"id_token_set": {"iat": 3}},
    "nbf within the skew": {"id_token_set": {"nbf": 55}},
    "aud as a list of one": {"id_token_set": {"aud": ["zhgg-person"]}},
    "azp": {"id_token_set": {"azp": "zhgg-person"}},
    "no at_hash": {"id_token_drop": ["at_hash"]},
    "no kid": {"id_token": "no_kid"},
    "exp 10^40": {"id_token_set": {"exp": 10**40}},
    "times with fractions": {"id_token_set": {"exp": 2e9 + 0.5}},
    "bearer in small letters": {"token_set": {"token_type": "bearer"}},
    "sub of 255": {"id_token_set": {"sub": "x" * 255}, "userinfo_set": {"sub": "x" * 255}},
    "secret by HTTP Basic": {"discovery_drop": ["token_endpoint_auth_methods_supported"]},
    "no userinfo endpoint": {"discovery_drop": ["userinfo_endpoint"], "id_token_set": {"name": "王小明"}},
    "a new key before discovery": {"rotate_at": "discovery"},
    "a new key between discovery and token": {"rotate_at": "token"},
    "a new key after the token": {"rotate_at": "userinfo"},
    "the secret in the form only": {"client_auth": "form"},
    "the secret in HTTP Basic only": {"client_auth": "basic"},
    "ways of taking the secret no list": {"discovery_set": {"token_endpoint_auth_methods_supported": 7}},
    "ways of taking the secret unknown": {"discovery_set": {"token_endpoint_auth_methods_supported": ["x", 7, {}]}},
    "a way that is only announced": {
        "discovery_set": {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    },
}


@pytest.mark.parametrize("fault", GOOD_TOKENS.values(), ids=GOOD_TOKENS)
def test_what_is_allowed_is_accepted(visitor, fault):
    visitor.provider.faults = {**fault, **prepared(fault, visitor.provider)}
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user is not None


@pytest.mark.parametrize("name", ["crit", "b64"])
def test_extensions_that_must_be_understood_are_refused_though_the_library_should_once_let_them_pass(monkeypatch, name):
    monkeypatch.setattr(tokens.jwt, "get_unverified_header", lambda token: {"alg": "RS256", "kid": "a", name: ["x"]})
    with pytest.raises(NotVerified, match="the ID token has critical extensions"):
        tokens.verify("a.b.c", keys=lambda again: [], client_id="", issuer="", nonce="", access_token="")


@pytest.mark.parametrize("error", [ValueError, RecursionError])
def test_a_token_over_which_the_library_stumbles_is_refused(monkeypatch, error):
    def stumble(token):
        raise error

    monkeypatch.setattr(tokens.jwt, "get_unverified_header", stumble)
    with pytest.raises(NotVerified, match="the ID token cannot be read"):
        tokens.verify("a.b.c", keys=lambda again: [], client_id="", issuer="", nonce="", access_token="")


def test_a_moment_beyond_any_number_is_none():
    """JSON has no infinity, but 1e999 is one."""
    with pytest.raises(NotVerified, match="exp is no number"):
        tokens._moment({"exp": 1e999}, "exp")


def test_a_key_without_a_name_may_fit_any_token_and_a_token_without_one_only_the_single_key():
    keys = [(None, "nameless"), ("a", "own"), ("b", "other")]
    assert tokens._candidates(keys, "a") == ["nameless", "own"]
    assert tokens._candidates(keys[1:2], None) == ["own"]
    assert tokens._candidates(keys, None) == []


def test_unreadable_keys_in_the_set_do_no_harm(visitor):
    keys = visitor.provider.keys.key_set()["keys"]
    junk = [None, 7, {}, {"kty": "RSA"}, {"kty": "RSA", "n": "!!", "e": "AQAB"}, {"kty": "oct", "k": "c2VjcmV0"}]
    visitor.provider.faults["jwks_set"] = {"keys": [*junk, *keys]}
    assert visitor.log_in("p1", "person").status_code == 302
    assert (visitor.user.subject, refusals()) == ("p1", [])


def test_keys_may_rotate_at_any_time(visitor):
    for _ in range(3):
        visitor.log_in("p1", "person")
        visitor.provider.rotate_key()
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user == User.objects.get()
    assert AuditEvent.objects.filter(action="login", user=visitor.user).count() == 4


def test_keys_are_asked_for_twice_at_most(visitor):
    callback = visitor.choose(visitor.begin("person"), "p1")
    visitor.provider.faults["id_token"] = "unknown_kid"
    before = visitor.provider.requests.count("/jwks")
    assert visitor.come_back(callback).status_code == 403
    assert visitor.provider.requests.count("/jwks") == before + 2


def test_another_key_under_the_same_kid_does_no_harm(visitor):
    own = visitor.provider.keys.key_set()["keys"][-1]
    visitor.provider.rotate_key()
    present = visitor.provider.keys.key_set()["keys"][-1]
    visitor.provider.faults["jwks_set"] = {"keys": [{**own, "kid": present["kid"]}, present]}
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user is not None


def test_a_rotation_while_the_keys_are_asked_for_is_at_worst_one_refused_login(visitor):
    visitor.provider.faults["rotate_at"] = "jwks"
    assert visitor.log_in("p1", "person").status_code in (302, 403)
    visitor.provider.faults = {}
    assert visitor.log_in("p1", "person").status_code == 302


def test_the_id_token_of_another_login_is_refused(visitor, spoiled):
    other = Visitor(visitor.provider)
    assert other.log_in("p2", "person").status_code == 302
    other.client.logout()
    _, line = spoiled({"mix_up": "id_token"}, 403)
    assert line.endswith("nonce does not match")


def test_a_code_of_another_login_is_refused_whatever_the_provider_lets_pass(visitor, spoiled):
    """Somebody's own code in a victim's callback, or the other way round, at a provider that does not check PKCE."""
    visitor.provider.accounts = [person("p1"), person("thief", id_number=ID_NUMBERS[1])]
    theirs = visitor.choose(visitor.begin("person"), "thief")
    own = visitor.choose(visitor.begin("person"), "p1")
    code = theirs.split("code=")[1].split("&")[0]
    callback = own.replace(own.split("code=")[1].split("&")[0], code)
    _, line = spoiled({"code": "unchecked"}, 403, callback=callback)
    assert line.endswith("nonce does not match")
