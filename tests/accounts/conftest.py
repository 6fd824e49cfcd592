"""A browser that logs in for real: our site through Django's test client, the stand-in for 渝快办 over HTTP."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from accounts import privacy
from accounts.models import AuditEvent, Session, User
from accounts.oidc import discovery
from zhgg.dev.provider import serve
from zhgg.dev.provider.faults import gzip_bomb

ID_NUMBERS = ["990000198501010019", "990000198501010027", "990000198501010035"]
USCCS = ["91990000MATEXT01XL", "12990000TEXT00025N"]
SITE = "http://127.0.0.1"


def person(sub, **claims):
    """A person's account at the provider."""
    claims = {"name": "王小明", "id_type": "01", "id_number": ID_NUMBERS[0], **claims}
    return {"sub": sub, "account_type": "person", "label": sub, "claims": claims}


def legal(sub, **claims):
    """A unit's account at the provider."""
    claims = {"name": "张建国", "org_name": "重庆样例照明有限公司（虚构）", "uscc": USCCS[0], **claims}
    return {"sub": sub, "account_type": "legal", "label": sub, "claims": claims}


class Visitor:
    """One browser. `log_in` does all steps; the single steps are there for tests that bend one of them."""

    def __init__(self, provider):
        self.provider = provider
        self.client = Client(headers={"host": "127.0.0.1"})

    def begin(self, entrance, next_path=None):
        """Click an entrance; the address at the provider that the site sends the browser to."""
        query = {"next": next_path} if next_path is not None else {}
        response = self.client.get(reverse(f"login-{entrance}"), query)
        assert response.status_code == 302, response.content.decode()
        return response["Location"]

    def choose(self, location, sub):
        """Choose an account at the provider; the callback address it answers with."""
        parts = urlsplit(location)
        response = requests.post(
            f"{self.provider.issuer}{parts.path}",
            data={**dict(parse_qsl(parts.query)), "sub": sub},
            allow_redirects=False,
            timeout=10,
        )
        assert response.status_code == 302, response.text
        return response.headers["Location"]

    def come_back(self, callback):
        """Follow the provider's redirect to our callback."""
        assert callback.startswith(SITE)
        return self.client.get(callback.removeprefix(SITE))

    def log_in(self, sub, entrance, next_path=None, *, reads_privacy=True):
        """The whole login; our answer to the callback. The 个人信息保护告知 counts as confirmed, as at later logins."""
        answer = self.come_back(self.choose(self.begin(entrance, next_path), sub))
        if reads_privacy and (user := self.user):
            User.objects.filter(pk=user.pk).update(privacy_version=privacy.VERSION)
        return answer

    @property
    def user(self):
        """Who is logged in, or None."""
        pk = self.client.session.get("_auth_user_id")
        return User.objects.get(pk=pk) if pk else None


@pytest.fixture(scope="session")
def running_provider():
    gzip_bomb()  # packing it takes longer than the deadline that it is cut off at
    provider = serve(accounts=[])
    yield provider
    provider.stop()


@pytest.fixture
def provider(running_provider, settings):
    """The stand-in, in order, with one person ("p1", "p2" without number) and one unit ("u1")."""
    running_provider.faults = {}
    running_provider.requests.clear()
    running_provider.accounts = [person("p1"), person("p2", id_number=None, name="李慧"), legal("u1")]
    settings.OIDC_ISSUER = running_provider.issuer
    settings.OIDC_ENTRANCES = {
        entrance: {"client_id": f"zhgg-{entrance}", "client_secret": f"development-only-{entrance}", "extra": {}}
        for entrance in ("legal", "person")
    }
    settings.OIDC_CLAIMS = {}
    settings.ALLOW_SYNTHETIC_IDS = True
    discovery.forget()
    yield running_provider
    running_provider.faults = {}
    discovery.forget()


@pytest.fixture
def visitor(provider):
    return Visitor(provider)


def refusals():
    """Refused logins in the audit trail, as (kind of refusal, reason)."""
    events = AuditEvent.objects.filter(action="login_refused").order_by("pk")
    return [(event.detail["kind"], event.detail["reason"]) for event in events]


def assert_refused(visitor, response, status, kind=None):
    """One clear page with a number to quote, no session, and the refusal in the audit trail."""
    page = response.content.decode()
    assert response.status_code == status
    for words in ('<html lang="zh-', "编号", response["X-Request-Id"], "023-67035473"):
        assert words in page
    assert visitor.user is None
    if kind:
        assert [each for each, _ in refusals()] == [kind]
        assert AuditEvent.objects.get(action="login_refused").ok is False


PRIVATE = {"name": "欧阳样例", "phone_number": "16900000077", "email": "ouyang.yangli@example.org"}


@pytest.fixture
def spoiled(visitor, caplog, settings):
    """`spoiled(faults, status)`: a login of "p1" that is in order until the browser comes back from the provider.

    It must end as every refusal does, and with one line in the log that says why and nothing about anybody; and right
    after it an honest login must work. `seconds` is the deadline meanwhile. Answers the refusal's page and its line.
    """
    visitor.provider.accounts = [person("p1", **PRIVATE), person("p2", id_number=None, name="李慧"), legal("u1")]

    def run(faults, status, *, seconds=8, callback=None, start=False):
        callback = None if start else callback or visitor.choose(visitor.begin("person"), "p1")
        visitor.provider.faults = faults
        settings.OIDC_DEADLINE_SECONDS = seconds
        if start:
            discovery.forget()
        caplog.clear()
        began = time.monotonic()
        response = visitor.client.get(reverse("login-person")) if start else visitor.come_back(callback)
        assert time.monotonic() - began < seconds + 1
        assert_refused(visitor, response, status)
        assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())
        [line] = [record.getMessage() for record in caplog.records if record.name == "zhgg.login"]
        assert line.startswith("login refused: entrance=person ")
        for words in (*PRIVATE.values(), ID_NUMBERS[0]):
            assert words not in caplog.text
        visitor.provider.faults = {}
        discovery.forget()
        settings.OIDC_DEADLINE_SECONDS = 8
        assert visitor.log_in("p1", "person").status_code == 302
        assert visitor.user.subject == "p1"
        return response, line

    return run
