"""Many people log in at once, while 渝快办 takes its time or does not answer at all (docs/operations.md, 登录高峰)."""

import http.client
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests import factories as make
from tests.faults.server import TEMPLATE
from tests.faults.site import Site, environment
from tests.faults.visitor import Visitor
from zhgg.dev.oidc_defaults import OIDC_CLIENT_DEFAULTS
from zhgg.dev.provider import serve

# The mark of the database is what makes the tables that `house` copies.
pytestmark = [pytest.mark.faults, pytest.mark.django_db, pytest.mark.limit(150)]

HOST = "127.0.0.1"
LOGINS, WITHIN_SECONDS = 200, 10
ACCOUNTS, MINUTE = 300, 60
ENDPOINTS = ("discovery", "jwks", "token", "userinfo")


@dataclass(frozen=True)
class Login:
    """How one login ended: the last status, where it led, how long it took, how often its page said 'queueing', and
    when it had begun."""

    status: int
    location: str
    session: bool
    seconds: float
    queued: int
    began: float


class Browser:
    """What a browser does of a login: cookies, redirects by hand, and going on by itself where `Refresh` says so."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def get(self, path):
        """Status, headers and how long it took."""
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        began = time.monotonic()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return response.status, response.headers, time.monotonic() - began

    def log_in(self, sub):
        """The whole login of a person; a Login."""
        began = time.monotonic()
        status, headers, queued = self._patiently("/login/person/")
        if status == 302:
            status, headers, again = self._patiently(self._choose(headers["Location"], sub))
            queued += again
        took = time.monotonic() - began
        return Login(status, headers.get("Location", ""), "__Host-session" in self.cookies, took, queued, began)

    def _patiently(self, path):
        queued = 0
        while True:
            status, headers, _ = self.get(path)
            if status != 503 or "Refresh" not in headers or queued == 10:
                return status, headers, queued
            queued += 1
            time.sleep(int(headers["Refresh"]))

    @staticmethod
    def _choose(location, sub):
        parts = urlsplit(location)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=40)
        try:
            form = urlencode({**dict(parse_qsl(parts.query)), "sub": sub})
            connection.request("POST", parts.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = urlsplit(connection.getresponse().headers["Location"])
        finally:
            connection.close()
        return f"{answer.path}?{answer.query}"


@pytest.fixture(scope="module")
def running_provider():
    running = serve(accounts=[account(number) for number in range(3 * LOGINS)])
    yield running
    running.stop()


def account(number):
    claims = {"name": f"样例{number}", "id_type": "01", "id_number": make.id_number(5000 + number)}
    return {"sub": f"p{number}", "account_type": "person", "label": f"样例{number}", "claims": claims}


@pytest.fixture
def provider(running_provider):
    yield running_provider
    running_provider.faults = {}


@pytest.fixture(scope="module")
def site(running_provider, server, keys, house, tmp_path_factory):
    """Two workers with the threads that deploy/gunicorn.conf.py gives them, over a copy of the house."""
    database, folder = f"burst_{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("burst")
    server.start(TEMPLATE)
    server.copy_of(TEMPLATE, database)
    variables = {
        **OIDC_CLIENT_DEFAULTS,
        "OIDC_ISSUER": running_provider.issuer,
        "ALLOWED_HOSTS": f"{HOST},zhgg.example.org",
        "WEB_THREADS": "",
    }
    started = Site(environment(server.url(database), folder / "uploads", **keys, **variables), folder)
    yield started
    print(started.told())
    started.end()


class Others:
    """People who go on opening other pages meanwhile, a unit that is logged in too: the statuses and the slowest."""

    PATHS = ("/login/", "/", "/readyz")

    def __init__(self, site, house):
        self._session = house["sessions"]["legal"]
        self.statuses, self.slowest = set(), 0.0
        self._site = site
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(path,)) for path in self.PATHS]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _go(self, path):
        while not self._done.wait(0.1):
            browser = Browser(self._site.port)
            browser.cookies["__Host-session"] = self._session
            status, _, seconds = browser.get(path)
            self.statuses.add(status)
            self.slowest = max(self.slowest, seconds)


def burst(site, number, within, first=0, accounts=None):
    """`number` logins that begin evenly within so many seconds, of as many accounts or of `accounts` in turn."""
    begins = time.monotonic()

    def one(serial):
        time.sleep(max(0, begins + serial * within / number - time.monotonic()))
        return Browser(site.port).log_in(f"p{first + serial % (accounts or number)}")

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def told(name, logins, others):
    """The numbers of docs/operations.md; `pytest -s` shows them."""
    seconds = sorted(login.seconds for login in logins)
    print(
        f"{name}: {len(logins)} logins, median {seconds[len(seconds) // 2]:.1f} s, slowest {seconds[-1]:.1f} s,"
        f" queued {sum(login.queued > 0 for login in logins)}; other pages at most {others.slowest:.2f} s"
    )


@pytest.mark.parametrize("within", [WITHIN_SECONDS, 0.5], ids=["in ten seconds", "at once"])
def test_two_hundred_logins_succeed_while_the_provider_takes_two_seconds_for_each_answer(site, house, provider, within):
    provider.slow_seconds = 2
    provider.faults = dict.fromkeys(ENDPOINTS, "slow")

    with Others(site, house) as others:
        logins = burst(site, LOGINS, within)

    told(f"within {within} s", logins, others)
    assert {(login.status, login.location, login.session) for login in logins} == {(302, "/", True)}
    assert max(others.statuses) < 400
    assert others.slowest < 3


def test_a_provider_that_hangs_takes_neither_the_site_nor_those_who_come_after(site, house, provider):
    assert Browser(site.port).log_in("p0").status == 302
    provider.slow_seconds = 30
    provider.faults = {"token": "slow"}

    with Others(site, house) as others, ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(burst, site, 100, 5, first=LOGINS)
        time.sleep(5.5)
        # It answers again, while those 100 still wait for what never comes.
        provider.faults = {}
        honest = burst(site, 60, 3, first=2 * LOGINS)
        waited = hanging.result()

    told("hanging", waited, others)
    told("honest", honest, others)
    refused = [login for login in waited if login.status == 503]
    assert len(refused) > 50
    assert max(login.seconds for login in refused) < 10
    # Whoever found no place meanwhile was let in when there was one.
    assert {login.status for login in waited if login.queued} <= {302}
    assert {(login.status, login.session) for login in honest} == {(302, True)}
    assert max(others.statuses) < 400
    assert others.slowest < 3


@pytest.mark.limit(240)
def test_300_accounts_behind_one_address_log_in_ten_a_second_for_a_minute_and_20_failed_staff_logins_are_stopped(
    site, house, provider, server
):
    """The limits over HTTP. What rate the machine held is printed; what is asserted is that nobody was refused."""
    database = site.variables["DATABASE_URL"].partition("@/")[2].partition("?")[0]
    recorded = "SELECT count(*) FROM accounts_auditevent WHERE action = 'login' AND ok"
    before = server.value(database, recorded)

    with Others(site, house) as others:
        logins = burst(site, 10 * MINUTE, MINUTE, accounts=ACCOUNTS)

    told("for a minute", logins, others)
    begun = sorted(login.began for login in logins)
    print(f"{(len(begun) - 1) / (begun[-1] - begun[0]):.1f} logins began a second")
    assert {(login.status, login.location, login.session) for login in logins} == {(302, "/", True)}
    assert server.value(database, recorded) == before + 10 * MINUTE
    assert max(others.statuses) < 400

    def fail(number):
        wrong = {"username": f"name{number}", "password": "wrong", "token": "000000"}
        return Visitor(site.port).post("/admin/login/", wrong)

    answers = [fail(number) for number in range(21)]
    assert [answer.status for answer in answers] == [200] * 19 + [429] * 2
    assert "您所在的网络在 5 分钟内已登录失败 20 次，暂停从这里登录。请在 " in answers[-1].body
    assert 240 <= int(answers[-1].header("Retry-After")) <= 300
    # Staff alone: whoever comes by 渝快办 from the same address goes on.
    assert Browser(site.port).log_in("p0").status == 302
