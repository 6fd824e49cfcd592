"""How the provider is talked to: what is sent, what is taken for an answer, and when it is over."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from accounts.oidc import client
from accounts.oidc.client import BackChannel, Unauthorized, Wire
from accounts.oidc.refusals import NotVerified, ProviderBroken, ProviderDown
from tests.accounts.conftest import refusals
from zhgg.kit.turns import Turns

JSON = "application/json"


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        *((500, ProviderDown), (599, ProviderDown), (400, NotVerified), (401, Unauthorized)),
        *((403, ProviderBroken), (404, ProviderBroken), (307, ProviderBroken), (201, ProviderBroken)),
    ],
)
def test_an_answer_that_is_no_200_is_none(status, refusal):
    with pytest.raises(refusal) as raised:
        client._object("/token", status, JSON, b'{"error": "invalid_grant"}')
    assert type(raised.value) is refusal
    assert str(status) in raised.value.reason


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        *(
            ("text/html", b"{}"),
            ("application/jwt", b"{}"),
            ("application/jsonx", b"{}"),
            ("x/application/json", b"{}"),
        ),
        *((JSON, b""), (JSON, b"[]"), (JSON, b"7"), (JSON, b'{"a": NaN}'), (JSON, b'{"a": -Infinity}')),
        *((JSON, b'{"a": "\xff"}'), (JSON, b'{"a": ' + b"9" * 5_000 + b"}"), (JSON, b'{"a":' * 9_999 + b"1")),
    ],
)
def test_only_an_object_of_plain_json_is_an_answer(content_type, body):
    with pytest.raises(ProviderBroken):
        client._object("/token", 200, content_type, body)


@pytest.mark.parametrize("content_type", ["", JSON, "application/jwk-set+json"])
def test_such_types_of_content_are_json(content_type):
    assert client._object("/token", 200, content_type, b'{"a": 1}') == {"a": 1}


def test_without_time_left_nobody_is_asked():
    before = threading.active_count()
    with BackChannel(0) as channel, pytest.raises(ProviderDown, match="/token: no time left"):
        channel.begin("GET", "http://127.0.0.1:1/token")
    assert threading.active_count() == before


def test_a_connection_that_comes_after_the_end_is_closed():
    wire = Wire()
    wire.cut()
    one, other = socket.socketpair()
    with other, pytest.raises(OSError, match="cut off"):
        wire.watch(one)
    assert one.fileno() == -1


@pytest.fixture
def silent():
    """A server that accepts one connection and says nothing: its address, and an event once the other side has ended
    the connection."""
    ended = threading.Event()

    def listen(server):
        with server.accept()[0] as accepted:
            while accepted.recv(4096):
                pass
        ended.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, args=[server], daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/keys", ended


@pytest.mark.django_db
def test_what_is_waited_for_in_vain_ends_at_once(silent):
    address, ended = silent
    with BackChannel(0.5) as channel:
        with pytest.raises(ProviderDown, match="/keys did not finish in time"):
            channel.get(address)
        assert ended.wait(5)


def test_what_nobody_waits_for_ends_with_the_login(silent):
    address, ended = silent
    with BackChannel(30) as channel:
        channel.begin("GET", address)
        assert not ended.wait(0.5)
    assert ended.wait(5)


@pytest.fixture
def answering():
    """The address of a provider that answers at once."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", JSON)
            self.end_headers()
            self.wfile.write(b'{"a": 1}')

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()


@pytest.mark.django_db
def test_the_crowd_of_our_own_is_not_the_providers_time(answering, monkeypatch):
    monkeypatch.setattr("zhgg.kit.turns.PATIENCE_SECONDS", 60)
    turns = Turns(at_once=1)

    def ask_twice():
        with BackChannel(0.5) as channel:
            channel.get(answering)
            return channel.get(answering)

    asked = turns.submit(ask_twice)
    # It begins as soon as the first waits for the provider, and has the only turn when the answer is there.
    turns.submit(time.sleep, 0.8)
    assert asked.result(10) == {"a": 1}
    turns.shutdown()


@pytest.mark.django_db
def test_whatever_the_library_stumbles_over_is_the_providers_doing(monkeypatch):
    def stumble(*args):
        raise KeyError("location")

    monkeypatch.setattr(client, "_exchange", stumble)
    with BackChannel(5) as channel, pytest.raises(ProviderBroken, match="/token: KeyError"):
        channel.get("http://127.0.0.1:1/token")


def test_what_is_asked_for_is_json_that_is_not_packed():
    heard = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Type", JSON)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with BackChannel(5) as channel:
            assert channel.get(f"http://127.0.0.1:{server.server_port}/a", headers={"Authorization": "Bearer x"}) == {}

    [headers] = heard
    assert (headers["Accept"], headers["Accept-Encoding"], headers["Authorization"]) == (JSON, "identity", "Bearer x")


@pytest.mark.django_db
def test_the_surroundings_of_the_process_change_nothing(visitor, monkeypatch, tmp_path):
    """A .netrc would replace our secret, and a proxy would hear everything."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    visitor.provider.faults = {"client_auth": "basic"}
    callback = None

    with monkeypatch.context() as browser:
        # The browser of the test asks the provider too.
        browser.delenv("http_proxy")
        browser.delenv("NETRC")
        callback = visitor.choose(visitor.begin("person"), "p1")

    assert visitor.come_back(callback).status_code == 302
    assert (visitor.user.subject, refusals()) == ("p1", [])


@pytest.mark.django_db
def test_a_token_that_names_no_key_is_refused_while_there_are_several(visitor, spoiled):
    own = visitor.provider.keys.key_set()["keys"][-1]
    visitor.provider.rotate_key()
    keys = [own, visitor.provider.keys.key_set()["keys"][-1]]

    spoiled({"id_token": "no_kid", "jwks_set": {"keys": keys}}, 403)

    assert refusals() == [("NotVerified", "no key of the provider fits the ID token")]
