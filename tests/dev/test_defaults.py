"""What development sets by itself, and what it leaves to whoever set it before."""

import base64
import json
import stat
import threading

import pytest

from zhgg.dev import defaults


@pytest.fixture
def environment(monkeypatch):
    """An empty environment in place of the real one."""
    values = {}
    monkeypatch.setattr(defaults.os, "environ", values)
    return values


def test_keys_are_made_once_for_the_owner_only(environment, tmp_path):
    defaults.set_defaults(tmp_path)
    first = dict(environment)
    file = tmp_path / ".dev" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    name, _, key = first["FIELD_KEYS"].partition(":")
    assert name == "dev1"
    assert len(base64.b64decode(key)) == 32
    assert len(first["SECRET_KEY"]) >= 50

    environment.clear()
    defaults.set_defaults(tmp_path)
    assert {name: environment[name] for name in ("SECRET_KEY", "FIELD_KEYS", "OIDC_ISSUER")} == {
        name: first[name] for name in ("SECRET_KEY", "FIELD_KEYS", "OIDC_ISSUER")
    }


def test_two_first_starts_at_once_agree(tmp_path):
    folder = tmp_path / ".dev"
    folder.mkdir()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(defaults._made_once(folder / "secrets.json"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({json.dumps(values) for values in found}) == 1
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]


def test_what_is_set_stays(environment, tmp_path):
    environment |= {"SECRET_KEY": "mine", "OIDC_ISSUER": "https://ykb.example.org", "EMAIL_URL": "smtp://mail"}
    defaults.set_defaults(tmp_path)
    assert environment["SECRET_KEY"] == "mine"
    assert environment["OIDC_ISSUER"] == "https://ykb.example.org"
    assert environment["EMAIL_URL"] == "smtp://mail"


def test_an_issuer_on_this_machine_that_somebody_names_is_theirs_to_run(environment, tmp_path):
    environment["OIDC_ISSUER"] = "http://127.0.0.1:9999"
    defaults.set_defaults(tmp_path)
    assert environment[defaults.STAND_IN] == ""

    environment.clear()
    defaults.set_defaults(tmp_path)
    assert environment[defaults.STAND_IN] == "1"


@pytest.mark.parametrize(
    ("host", "port", "url", "hosts"),
    [
        (None, None, "http://127.0.0.1:8000", "127.0.0.1,localhost,[::1]"),
        ("localhost", "8080", "http://127.0.0.1:8080", "127.0.0.1,localhost,[::1]"),
        ("192.0.2.7", "80", "http://192.0.2.7:80", "127.0.0.1,localhost,[::1],192.0.2.7"),
        ("::1", "8000", "http://[::1]:8000", "127.0.0.1,localhost,[::1]"),
        ("0.0.0.0", "8000", "http://127.0.0.1:8000", "127.0.0.1,localhost,[::1],*"),
    ],
)
def test_host_and_port_decide_the_address(environment, tmp_path, host, port, url, hosts):
    environment |= {name: value for name, value in (("HOST", host), ("PORT", port)) if value}
    defaults.set_defaults(tmp_path)
    assert environment["SITE_URL"] == url
    assert environment["ALLOWED_HOSTS"] == hosts


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "８０００x"])
def test_a_port_that_is_none_is_refused(environment, port):
    environment["PORT"] = port
    with pytest.raises(ValueError, match=port):
        defaults.site_address()


def test_the_stand_in_is_reached_without_the_proxy_of_the_machine(environment, tmp_path):
    environment["no_proxy"] = "intranet"
    defaults.set_defaults(tmp_path)
    assert environment["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_the_issuer_stays_the_same_when_the_site_moves(environment, tmp_path):
    defaults.set_defaults(tmp_path)
    issuer = environment["OIDC_ISSUER"]
    environment.clear()
    environment["PORT"] = "8123"
    defaults.set_defaults(tmp_path)
    assert environment["OIDC_ISSUER"] == issuer
