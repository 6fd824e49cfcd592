"""`./dev lint`: every check that needs no test run. All of them run; the sum tells whether one failed."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

from zhgg.dev.console import complain, say
from zhgg.dev.leaks import new_secrets
from zhgg.dev.traces import traces

APPS = ("accounts", "orgs", "profiles", "projects")
PRODUCTION = {
    "ZHGG_ENV": "production",
    "ALLOWED_HOSTS": "zhgg.example.org",
    "SITE_URL": "https://zhgg.example.org",
    "OIDC_ISSUER": "https://ykb.example.org",
    "OIDC_LEGAL_CLIENT_ID": "legal",
    "OIDC_LEGAL_CLIENT_SECRET": "for-the-check",
    "OIDC_PERSON_CLIENT_ID": "person",
    "OIDC_PERSON_CLIENT_SECRET": "for-the-check",
    "YKB_REGISTER_URL": "https://ykb.example.org/register",
    "EMAIL_URL": "smtp://mail.example.org:25",
}


def lint(project: Path) -> int:
    """Exit code 0 when everything is clean. The environment must hold a DATABASE_URL."""
    templates = [name for name in ("templates",) if any((project / name).rglob("*.html"))]
    checks = {
        "ruff format": _module("ruff", "format", "--check", "."),
        "ruff check": _module("ruff", "check", "."),
        "makemigrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        # No migration may stop the release before it, which runs on beside it; exceptions stand in the migration.
        "migrations": _module("zhgg.dev.migrations"),
        "bandit": _module("bandit", "-q", "-ll", "-c", "pyproject.toml", "-r", *APPS, "zhgg/kit"),
        # A library is used as it comes; none of the AGPL, which would ask for the source of all that is beside it.
        "licences": _module("piplicenses", "--partial-match", "--fail-on", "Affero;AGPL"),
        "check --deploy": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }
    if templates:
        checks["djlint format"] = _module("djlint", "--check", *templates)
        checks["djlint"] = _module("djlint", "--lint", "--quiet", *templates)
    failed = [name for name, command in checks.items() if _fails(name, command, project)]
    found = [*traces(project), *new_secrets(project)]
    for line in found:
        complain(line)
    if found:
        failed.append("traces, secrets")
    if failed:
        complain(f"未通过 / failed: {', '.join(failed)}")
        return 1
    say("全部通过 / all clean.")
    return 0


def reformat(project: Path) -> int:
    """Put everything into the form that `lint` asks for."""
    commands = [
        _module("ruff", "check", "--fix", "--quiet", "."),
        _module("ruff", "format", "--quiet", "."),
        _module("djlint", "--reformat", "--quiet", "templates"),
    ]
    for command in commands:
        subprocess.run(command, cwd=project, stdin=subprocess.DEVNULL)
    return 0


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _fails(name: str, command: list[str], project: Path) -> bool:
    environment = dict(os.environ)
    if name == "check --deploy":
        environment.update(PRODUCTION)
        environment["SECRET_KEY"] = secrets.token_urlsafe(64)
        environment["FIELD_KEYS"] = f"check:{base64.b64encode(secrets.token_bytes(32)).decode()}"
        for variable in ("ALLOW_SYNTHETIC_IDS", "DEBUG"):
            environment.pop(variable, None)
    answer = subprocess.run(
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if answer.returncode:
        complain(f"── {name}\n{answer.stdout.rstrip()}\n")
    return answer.returncode != 0
