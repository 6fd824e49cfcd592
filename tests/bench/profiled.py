"""Where the time of one 提交 and of one login goes: `./dev bench deadline --profile`."""

from urllib.parse import parse_qsl, urlsplit

import requests
from django.test import override_settings

from tests.bench import report
from tests.bench.sampling import request, shares_of

REQUESTS, WARM = 60, 10
SUBMIT = {
    "check of completeness": ("projects/completeness/",),
    "frozen copy and attachments": ("projects/snapshot.py", "projects/services/attachments.py"),
    "PDF to be made": ("projects/services/printouts.py",),
    "messages": ("projects/notices.py", "accounts/notices.py"),
    "audit line": ("orgs/trail.py", "accounts/audit.py"),
    "lock, rule, step and history": ("projects/services/", "projects/rules.py"),
    "view": ("projects/views/",),
}
LOGIN = {
    "waiting for 渝快办": ("accounts/oidc/client.py",),
    "checking its token": ("accounts/oidc/tokens.py", "accounts/oidc/claims.py"),
    "account brought up to date, throttles, audit line": ("accounts/services.py", "accounts/throttles.py"),
    "beginning the session": ("accounts/sessions.py",),
    "rest of start and callback": ("accounts/oidc/",),
    "portal": ("projects/views/",),
}
REST = "middleware, session and account of the request, answer"
# How the account is chosen at the stand-in; the site itself asks it in threads of their own.
CHOICE = ("requests/",)
HEADS = ("share of the time", "share", "of it PostgreSQL and its driver")


class Visitor:
    """Somebody who logs in, or does what needs no more than a cookie."""

    def __init__(self, crowd):
        self.crowd, self.cookies = crowd, {}

    def ask(self, path, status, cookie=None, form=None):
        """The answer, which has to have this status."""
        sent = "; ".join(map("=".join, self.cookies.items())) if cookie is None else cookie
        answer = request(path, sent, form)
        if answer.status != status:
            raise SystemExit(f"{path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        self.cookies |= answer.cookies
        return answer

    def submit(self):
        """One 提交."""
        _, path, cookie, form = self.crowd.submission()
        self.ask(path, 302, cookie, form)

    def log_in(self):
        """One login, from the entrance to the portal."""
        _, path, account, name = self.crowd.login()
        self.cookies = {}
        away = urlsplit(self.ask(path, 302).place)
        address, form = f"{away.scheme}://{away.netloc}{away.path}", {**dict(parse_qsl(away.query)), "sub": account}
        chosen = requests.post(address, form, allow_redirects=False, timeout=10)
        back = urlsplit(chosen.headers["Location"])
        portal = self.ask(self.ask(f"{back.path}?{back.query}", 302).place, 200)
        if name.encode() not in portal.body:
            raise SystemExit(f"{name} is not on the portal")


def told(crowd, stand_in):
    """The tables of both, in Markdown."""
    visitor, texts = Visitor(crowd), []
    with override_settings(OIDC_ISSUER=stand_in.issuer):
        for words, act, stages in (("提交", visitor.submit, SUBMIT), ("login", visitor.log_in, LOGIN)):
            for _ in range(WARM):
                act()
            shares = shares_of([act] * REQUESTS, stages, REST, apart=CHOICE)
            rows = [[stage, *(f"{each:.0%}" for each in both)] for stage, both in shares.items()]
            texts.append(f"**One {words}**, the mean of {REQUESTS}\n\n{report.table(HEADS, rows)}")
    print("", *texts, sep="\n\n")
    return "\n\n".join(texts)
