"""What production adds: https and nothing else, cookies that nobody else can set or read, and a policy on every page.

Settings are read once, so a process of its own visits the pages with the variables of production.
"""

import base64
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.urls import URLPattern, get_resolver

from zhgg.dev.lint import PRODUCTION

pytestmark = pytest.mark.django_db

HOST = PRODUCTION["ALLOWED_HOSTS"]
VISITS = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
from accounts.oidc.views import BROWSER_COOKIE
client = Client(headers={"host": "HOST"})
found = {"browser_cookie": BROWSER_COOKIE, "session_cookie": settings.SESSION_COOKIE_NAME, "answers": {}}
https = {"x-forwarded-proto": "https"}
for name, path, headers in [
    ("plain", "/login/", {}),
    ("login", "/login/", https),
    ("missing", "/nothing/here/", https),
    ("forwarded", "/messages/", {**https, "x-forwarded-host": "evil.example"}),
    ("admin", "/admin/login/", https),
    ("foreign", "/login/", {**https, "host": "evil.example"}),
    ("subdomain", "/login/", {**https, "host": "a.HOST"}),
]:
    answer = client.get(path, headers=headers)
    found["answers"][name] = {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": {key: dict(morsel) for key, morsel in answer.cookies.items()},
        "evil": b"evil.example" in answer.content,
    }
found["modules"] = sorted({name.partition(".")[0] for name in sys.modules})
json.dump(found, sys.stdout)
""".replace("HOST", HOST)


@pytest.fixture(scope="module")
def production(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        known = connection.get_connection_params()
    user, password = (quote(known.get(name) or "", safe="") for name in ("user", "password"))
    place = urlencode({name: known[name] for name in ("host", "port") if known.get(name)})
    variables = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **PRODUCTION,
        # zhgg.settings but for what `collectstatic` prepares.
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "DATABASE_URL": f"postgres://{user}:{password}@/{known['dbname']}?{place}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"check:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    done = subprocess.run(
        [sys.executable, "-c", VISITS],
        cwd=Path(__file__).parents[1], env=variables, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_plain_http_leads_to_https(production):
    plain = production["answers"]["plain"]
    assert (plain["status"], plain["headers"]["Location"]) == (301, f"https://{HOST}/login/")


@pytest.mark.parametrize("name", ["login", "missing", "forwarded", "admin", "foreign"])
def test_every_answer_carries_its_policy(production, name):
    headers = production["answers"][name]["headers"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        **dict.fromkeys(("script-src", "style-src", "img-src", "font-src", "connect-src"), "'self'"),
        **dict.fromkeys(("base-uri", "object-src", "frame-ancestors"), "'none'"),
        "form-action": f"'self' {PRODUCTION['OIDC_ISSUER']}",
    }


def test_cookies_belong_to_this_host_and_to_https_alone(production):
    cookies = {name: facts for answer in production["answers"].values() for name, facts in answer["cookies"].items()}
    assert "__Host-csrf" in cookies
    assert (production["browser_cookie"], production["session_cookie"]) == ("__Host-login", "__Host-session")
    for name, facts in cookies.items():
        assert name.startswith("__Host-")
        assert (facts["secure"], facts["httponly"], facts["samesite"]) == (True, True, "Lax")
        assert (facts["path"], facts["domain"]) == ("/", "")


def test_only_the_named_host_is_ours_whatever_a_proxy_is_said_to_have_heard(production):
    answers = production["answers"]
    assert (answers["foreign"]["status"], answers["subdomain"]["status"]) == (400, 400)
    assert answers["forwarded"]["headers"]["Location"] == "/login/?next=/messages/"
    assert not any(answer["evil"] for answer in answers.values())


def views_of(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.callback
        else:
            yield from views_of(pattern)


def test_no_view_is_exempt_from_csrf():
    views = list(views_of(get_resolver()))
    assert len(views) > 100
    assert [view for view in views if getattr(view, "csrf_exempt", False)] == []


def test_a_process_of_the_site_does_not_load_what_makes_pdfs(production):
    # Each of its workers would be 25 MB larger for what only a process of its own uses.
    assert "pypdf" in production["modules"]
    assert not {"weasyprint", "pydyf"} & set(production["modules"])
