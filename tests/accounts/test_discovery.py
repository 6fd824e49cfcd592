"""What is taken of what the provider says about itself: its addresses, its keys, and for how long."""

import math

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers, generate_private_key
from jwt.algorithms import RSAAlgorithm

from accounts.oidc import discovery
from accounts.oidc.refusals import ProviderBroken

HTTPS, PLAIN = "https://issuer.example", "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("address", "issuer"),
    [
        ("https://elsewhere.example:8443/token?a=1", HTTPS),
        ("https://elsewhere.example/token", PLAIN),
        ("http://127.0.0.1:9000/token", PLAIN),
        ("http://localhost/token", PLAIN),
        ("https://a.example/" + "a" * 1982, HTTPS),
    ],
)
def test_such_addresses_are_used(settings, address, issuer):
    settings.DEVELOPMENT = False
    assert discovery._endpoint("token_endpoint", address, issuer) == address


@pytest.mark.parametrize(
    ("address", "issuer"),
    [
        (None, HTTPS),
        (7, HTTPS),
        ({"a": "b"}, HTTPS),
        ("https://a.example/" + "a" * 1983, HTTPS),
        ("https://例子.example/token", HTTPS),
        ("https://a.example/\x7f", HTTPS),
        ("https://a.example/ b", HTTPS),
        ("https://a.example/\\b", HTTPS),
        ("https://a.example:99999/", HTTPS),
        ("https://a.example/#b", HTTPS),
        ("https://b@a.example/", HTTPS),
        ("https:///token", HTTPS),
        ("ftp://a.example/", HTTPS),
        # Plain http is for an issuer that has nothing else, and on this machine alone.
        ("http://127.0.0.1/token", HTTPS),
        ("http://a.example/token", PLAIN),
    ],
)
def test_such_addresses_are_not(settings, address, issuer):
    settings.DEVELOPMENT = False
    with pytest.raises(ProviderBroken, match="token_endpoint is no usable address"):
        discovery._endpoint("token_endpoint", address, issuer)


def jwk(bits=2048, **changes):
    """A key of a set; what is asked of it here is its size alone."""
    public = RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key()
    return {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "a", **changes}


def test_of_a_key_set_only_keys_that_may_sign_are_used():
    private = RSAAlgorithm.to_jwk(generate_private_key(65537, 2048), as_dict=True)
    good = [jwk(), jwk(8192), jwk(use="sig", alg="RS256"), {**jwk(), "kid": None}]
    bad = [
        *(None, 7, "key", ["key"]),
        *(jwk(2040), jwk(8200), jwk(use="enc"), jwk(use=7), jwk(alg="RS512"), jwk(alg=None), jwk(kty="EC")),
        *(private, {"kty": "RSA"}, jwk(n="!!"), jwk(n=7)),
    ]

    found = list(discovery._usable_keys({"keys": [*bad, *good]}))

    assert [key.key_size for _, key in found] == [2048, 8192, 2048, 2048]
    assert [kid for kid, _ in found] == ["a", "a", "a", None]


def test_of_a_key_set_a_hundred_keys_are_looked_at():
    assert list(discovery._usable_keys({"keys": [jwk(use="enc")] * 99 + [jwk()] * 5})) == [("a", found_key())]


def found_key():
    return RSAPublicNumbers(65537, (1 << 2047) + 1).public_key()


@pytest.mark.parametrize("said", [None, False, "false", "true", 1, ["x"]])
def test_only_true_says_that_the_provider_names_itself_on_the_callback(said):
    assert provider(authorization_response_iss_parameter_supported=said).names_itself_on_callback is False
    assert provider(authorization_response_iss_parameter_supported=True).names_itself_on_callback is True


@pytest.mark.parametrize("ways", [None, "client_secret_post", 7, {}, [7, {}], ["private_key_jwt"]])
def test_without_a_usable_way_announced_the_secret_goes_by_http_basic(ways):
    assert provider(token_endpoint_auth_methods_supported=ways).secret_ways == ("client_secret_basic",)


class Channel:
    """Answers with one document, and counts."""

    def __init__(self, **said):
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        self.document = {"issuer": HTTPS, **{name: f"{HTTPS}/{name}" for name in names}, **said}
        self.asked = 0

    def get(self, url):
        self.asked += 1
        return self.document


def provider(**said):
    return discovery._discover(Channel(**said), HTTPS)


def test_what_is_said_is_kept_for_ten_minutes(settings, monkeypatch):
    settings.OIDC_ISSUER = HTTPS
    now = [1000.0]
    monkeypatch.setattr(discovery.time, "monotonic", lambda: now[0])
    discovery.forget()
    channel = Channel()
    try:
        for moment, asked in ((1000.0, 1), (1599.9, 1), (1600.0, 2), (math.nextafter(2200.0, 0), 2), (2200.0, 3)):
            now[0] = moment
            discovery.discover(channel)
            assert (moment, channel.asked) == (moment, asked)
    finally:
        discovery.forget()


def test_what_is_wrong_is_not_kept(settings):
    settings.OIDC_ISSUER = HTTPS
    discovery.forget()
    channel = Channel(token_endpoint="javascript:alert(1)")
    for asked in (1, 2):
        with pytest.raises(ProviderBroken):
            discovery.discover(channel)
        assert channel.asked == asked
