"""What must not be there (T41, T43, T49, T63, T64): files of the machine, pages of development, SQL made of strings."""

import ast
import re
import subprocess

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from tests.test_architecture import APPS, ROOT, name, sources

NOWHERE = (
    *("/.git/config", "/.git/HEAD", "/.env", "/.dev/keys", "/manage.py", "/requirements.lock", "/zhgg/settings.py"),
    *("/static/", "/static/../.env", "/static/%2e%2e/.env", "/static/.git/config", "/media/", "/media/a.pdf"),
    *("/uploads/", "/api/", "/api/docs", "/swagger/", "/openapi.json", "/__debug__/", "/silk/", "/graphql"),
    *("/dev/login/", "/login/dev/", "/server-status", "/phpinfo.php", "/backup.sql", "/db.sqlite3", "/favicon.ico.bak"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("path", NOWHERE)
def test_nothing_of_the_machine_is_served(path):
    answer = Client(headers={"host": "127.0.0.1"}).get(path)

    assert answer.status_code == 404
    assert "No such" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_pages_of_development_are_in_development_only():
    """`zhgg.dev` is imported where settings.DEVELOPMENT says so, and by nothing else that production runs."""
    text = (ROOT / "zhgg/urls.py").read_text()
    inside = text[text.index("if settings.DEVELOPMENT:") : text.index("handler400")]

    assert text.count("zhgg.dev") == inside.count("zhgg.dev") == 1
    assert {pattern.name for pattern in get_resolver().url_patterns if "dev/" in str(pattern.pattern)} <= {"gallery"}
    assert not {"debug_toolbar", "silk", "rest_framework", "drf_spectacular"} & set(settings.INSTALLED_APPS)


def test_the_admin_is_found_by_nobody_but_staff(client):
    assert client.get("/admin/", headers={"host": "127.0.0.1"}).status_code == 302
    assert client.get("/admin/doc/", headers={"host": "127.0.0.1"}).status_code in (302, 404)


@pytest.mark.parametrize("path", sources("zhgg/kit", *APPS), ids=name)
def test_sql_is_not_made_of_what_people_send(path):
    """A statement put together from pieces says in its line that the pieces are constants, and bandit looks at it."""
    source = path.read_text()
    lines = source.splitlines()
    bad = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        made = node.args[0] if node.args else None
        if node.func.attr in ("execute", "executemany", "raw", "RawSQL", "extra") and isinstance(
            made, (ast.JoinedStr, ast.BinOp, ast.Call)
        ):
            said = " ".join(lines[node.lineno - 1 : node.end_lineno])
            bad += [] if "nosec B608" in said or "sql.SQL" in said else [node.lineno]

    assert bad == []


def test_no_secret_file_is_in_the_repository():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()

    secret = re.compile(r"(^|/)(\.env|id_rsa|.*\.(pem|key|p12|pfx|sqlite3|dump))$")
    assert "manage.py" in tracked
    assert [each for each in tracked if secret.search(each)] == []
