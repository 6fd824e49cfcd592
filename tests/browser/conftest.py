"""A real browser in front of the real site and the real stand-in for 渝快办, on the demo data.

The site is seeded once for all of them, not once a test: they share it and keep out of each other's way by using
different people of the demo.
"""

import io
import os
from urllib.parse import urlsplit

import pytest
from csp.constants import SELF
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.visitor import Visitor
from zhgg.dev.browser import find_chromium
from zhgg.dev.provider import serve
from zhgg.dev.provider.clients import Client

# The browser's driver runs an event loop in this thread; Django's database calls beside it are fine.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Debian's chromium, in place of the one that Playwright would download."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no chromium here: apt-get install -y chromium, or name one in CHROMIUM")
    return {"executable_path": str(chromium), "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="package")
def site(browser, django_db_setup, django_db_blocker, tmp_path_factory, upload_folder):
    """The address of the site, with the demo data in its database and the stand-in beside it."""
    accounts = tmp_path_factory.mktemp("browser") / "accounts.json"
    clients = {
        client["client_id"]: Client(client["client_secret"], entrance)
        for entrance, client in settings.OIDC_ENTRANCES.items()
    }
    provider = serve(accounts_file=accounts, clients=clients)
    policy = settings.CONTENT_SECURITY_POLICY
    address = urlsplit(provider.issuer)
    directives = {**policy["DIRECTIVES"], "form-action": [SELF, f"{address.scheme}://{address.netloc}"]}
    with (
        override_settings(
            OIDC_ISSUER=provider.issuer,
            CONTENT_SECURITY_POLICY={**policy, "DIRECTIVES": directives},
            DEVELOPMENT=True,
            ALLOW_SYNTHETIC_IDS=True,
            # As in tests/conftest.py, which only speaks while a test runs; the seed comes before the first.
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            # Likewise: the files of the demo lie where the tests read them.
            UPLOAD_ROOT=upload_folder,
        ),
        django_db_blocker.unblock(),
    ):
        # pytest-django makes a test database only when a test is marked django_db. Never fill or empty another one.
        assert connection.settings_dict["NAME"].startswith("test_"), "mark browser tests django_db"
        try:
            call_command("seed_demo", accounts=accounts, stdout=io.StringIO())
            server = LiveServer("127.0.0.1")
            try:
                yield server.url
            finally:
                server.stop()
        finally:
            provider.stop()
            call_command("flush", interactive=False, verbosity=0)
            with connection.cursor() as cursor:
                # The queue's tables are not Django's, and flush leaves them.
                cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
            connections.close_all()


@pytest.fixture
def visitor(site, browser):
    """`visitor()` opens a browser of one's own on the site. What its pages complain about fails the test at the end."""
    visitors = []

    def make(**options):
        visitors.append(Visitor(browser, site, **options))
        return visitors[-1]

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for each in visitors:
        each.close()
    assert complaints == []
