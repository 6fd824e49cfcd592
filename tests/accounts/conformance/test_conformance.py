"""Both entrances against a certified provider that is not ours: npm's oidc-provider, in the version of package.json.

Needs Node and, the first time, npm's registry; without either the tests are skipped. Installed into .dev/conformance.
"""

import html
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import requests
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.oidc import discovery
from tests.accounts.conftest import ID_NUMBERS, SITE, USCCS, Visitor, refusals

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parents[2] / ".dev" / "conformance"
FILES = ("package.json", "package-lock.json", "provider.mjs")
ACCOUNTS = {
    "person-1": {
        "account_type": "person",
        "name": "王小明",
        "id_type": "01",
        "id_number": ID_NUMBERS[0],
        "email": "wang@example.com",
        "phone_number": "16900000001",
        "gender": "male",
        "birthdate": "1985-01-01",
    },
    "unit-1": {
        "account_type": "legal",
        "name": "张建国",
        "org_name": "重庆样例照明有限公司（虚构）",
        "uscc": USCCS[0],
    },
}

pytestmark = [pytest.mark.faults, pytest.mark.django_db]


@pytest.fixture(scope="session")
def installed():
    """The folder in which `node provider.mjs` finds its library."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("no Node here: the login is not tried at a certified provider")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    lock = INSTALLED / "package-lock.json"
    fresh = lock.exists() and lock.read_bytes() == (HERE / lock.name).read_bytes() and (INSTALLED / "done").exists()
    for name in FILES:
        shutil.copyfile(HERE / name, INSTALLED / name)
    if not fresh:
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=INSTALLED, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm cannot install oidc-provider: {done.stderr.strip().splitlines()[-1:]}")
        (INSTALLED / "done").touch()
    return INSTALLED


@pytest.fixture(scope="session")
def issuer(installed):
    """The certified provider, running."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clients = [
        {"id": f"certified-{entrance}", "secret": f"s:e/c r%t+{entrance}-{'x' * 20}", "entrance": entrance}
        for entrance in ("legal", "person")
    ]
    told = json.dumps({"site": SITE, "clients": clients, "accounts": ACCOUNTS})
    with subprocess.Popen(
        [shutil.which("node"), "provider.mjs", str(port), told],
        cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert "ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        process.terminate()


class CertifiedVisitor(Visitor):
    """A browser that fills in the provider's own pages."""

    def __init__(self, issuer):
        super().__init__(provider=None)
        self.issuer = issuer
        self.http = requests.Session()
        self.http.trust_env = False
        self.forms = []

    def choose(self, location, sub):
        """Log in and agree; the callback address. What was asked for is in `forms`."""
        response = self.follow(self.http.get(location, allow_redirects=False, timeout=10))
        while response.status_code == 200:
            fields = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', response.text))
            self.forms.append(fields["prompt"])
            fields |= {"login": sub, "password": sub} if fields["prompt"] == "login" else {}
            response = self.follow(self.submit(response, fields))
        return response.headers["Location"]

    def submit(self, page, fields):
        """Send the page's form."""
        address = html.unescape(re.search(r'action="([^"]+)"', page.text)[1])
        return self.http.post(address, data=fields, allow_redirects=False, timeout=10)

    def follow(self, response):
        """Go on through the provider's own redirects, up to a page or the way back to the site."""
        while response.is_redirect and not response.headers["Location"].startswith(f"{SITE}/"):
            address = requests.compat.urljoin(response.url, response.headers["Location"])
            response = self.http.get(address, allow_redirects=False, timeout=10)
        assert response.status_code in (200, 302, 303), response.text
        return response


@pytest.fixture
def certified(issuer, settings):
    settings.OIDC_ISSUER = issuer
    settings.OIDC_ENTRANCES = {
        entrance: {
            "client_id": f"certified-{entrance}",
            "client_secret": f"s:e/c r%t+{entrance}-{'x' * 20}",
            "extra": {},
        }
        for entrance in ("legal", "person")
    }
    settings.OIDC_CLAIMS = {}
    settings.ALLOW_SYNTHETIC_IDS = True
    discovery.forget()
    yield CertifiedVisitor(issuer)
    discovery.forget()


@pytest.mark.parametrize(("sub", "entrance"), [("person-1", "person"), ("unit-1", "legal")])
def test_somebody_logs_in_out_and_in_again(certified, issuer, sub, entrance):
    callback = certified.choose(certified.begin(entrance, "/messages/"), sub)
    assert f"iss={requests.utils.quote(issuer, safe='')}" in callback
    response = certified.come_back(callback)
    assert (response.status_code, response["Location"], refusals()) == (302, "/messages/", [])
    user = certified.user
    stated = ACCOUNTS[sub]
    assert (user.kind, user.issuer, user.subject, user.name) == (entrance, issuer, sub, stated["name"])
    assert (user.id_number, user.uscc) == (stated.get("id_number", ""), stated.get("uscc", ""))
    assert (user.email, user.phone) == (stated.get("email", ""), stated.get("phone_number", ""))
    assert certified.forms == ["login", "consent"]

    # Its session still lasts: nobody is asked again.
    certified.forms.clear()
    assert certified.log_in(sub, entrance).status_code == 302
    assert (certified.user, certified.forms) == (user, [])

    away = certified.client.post(reverse("logout"))
    assert certified.user is None
    assert away["Location"].startswith(f"{issuer}/session/end?")
    question = certified.http.get(away["Location"], timeout=10)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', question.text))
    back = certified.submit(question, {**fields, "logout": "yes"})
    assert back.headers["Location"] == f"{SITE}{reverse('login')}"

    # And now it does not: the logout ended both sessions.
    assert certified.log_in(sub, entrance).status_code == 302
    assert (certified.user, certified.forms[0]) == (user, "login")
    assert AuditEvent.objects.filter(action="login", ok=True, user=user).count() == 3


def test_the_wrong_entrance_is_refused_with_the_right_one_offered(certified):
    response = certified.log_in("unit-1", "person")
    assert response.status_code == 403
    assert f'href="{reverse("login-legal")}"' in response.content.decode()
    assert (certified.user, [kind for kind, _ in refusals()]) == (None, ["WrongEntrance"])


def test_a_code_of_another_attempt_is_refused(certified):
    first = certified.choose(certified.begin("person"), "person-1")
    second = certified.choose(certified.begin("person"), "person-1")
    own, other = (re.search(r"code=([^&]+)", callback)[1] for callback in (first, second))
    assert certified.come_back(first.replace(own, other)).status_code == 403
    assert certified.user is None
    assert refusals()[0][1].endswith("answered 400 'invalid_grant'")


def test_cancelling_is_said(certified):
    response = certified.http.get(certified.begin("person"), timeout=10)
    abort = html.unescape(re.search(r'href="([^"]+/abort)"', response.text)[1])
    address = requests.compat.urljoin(response.url, abort)
    back = certified.follow(certified.http.get(address, allow_redirects=False, timeout=10))
    response = certified.come_back(back.headers["Location"])
    assert (response.status_code, refusals()) == (
        403,
        [("RefusedByProvider", "the provider answered 'access_denied'")],
    )
