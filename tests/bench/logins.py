"""Who is logged in for measurements: sessions that are simply there, and people who log in through the stand-in for
渝快办, with what must be there then."""

import json
import subprocess
import sys
import time
from collections import Counter

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.enums import AuditAction
from accounts.models import AuditEvent, Session, User
from accounts.session_store import SessionStore
from accounts.sessions import BEGAN
from tests.bench.serving import ROOT, free_port, until_it_listens
from tests.conftest import backend_of

ENTRANCE = "/login/person/"
CALLBACK, PORTAL = "login: callback", "login: portal"


def sessions(users):
    """A cookie for each user, of a session that has just begun."""
    rows, store = [], SessionStore()
    for user in users:
        known = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backend_of(user),
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            BEGAN: int(time.time()),
        }
        end = timezone.now() + timezone.timedelta(seconds=settings.SESSION_COOKIE_AGE)
        key, said = get_random_string(32), store.encode(known)
        rows.append(Session(session_key=key, session_data=said, expire_date=end, user=user))
    Session.objects.bulk_create(rows, batch_size=2_000)
    return [f"{settings.SESSION_COOKIE_NAME}={row.session_key}" for row in rows]


def posted(cookie, fields):
    """The cookie and the form as a browser would send them."""
    secret = get_random_string(32)
    return f"{cookie}; {settings.CSRF_COOKIE_NAME}={secret}", {**fields, "csrfmiddlewaretoken": secret}


class StandIn:
    """zhgg.dev.provider as a process of its own; `folder` has the list of its accounts."""

    def __init__(self, folder):
        self.port, self._file = free_port(), folder / "accounts.json"
        self.issuer = f"http://127.0.0.1:{self.port}"
        command = (sys.executable, "-m", "zhgg.dev.provider", "--port", str(self.port), "--accounts", str(self._file))
        self.process = subprocess.Popen(command, cwd=ROOT)

    def wait(self):
        """Until it listens."""
        until_it_listens(self.process, self.port)

    def take(self, users):
        """From now on these accounts of the site are those of the stand-in."""
        User.objects.filter(pk__in=[user.pk for user in users]).update(issuer=self.issuer)
        accounts = [
            {
                "sub": user.subject,
                "account_type": "person",
                "label": user.name,
                "claims": {"name": user.name, "id_type": user.id_type, "id_number": user.id_number},
            }
            for user in users
        ]
        self._file.write_text(json.dumps({"accounts": accounts}), "utf-8")

    def stop(self):
        """End it."""
        self.process.terminate()
        self.process.wait()


class Ledger:
    """What the logins of one step leave behind: an audit line each, and a session of the right account."""

    def __init__(self):
        self._before = AuditEvent.objects.order_by("pk").values_list("pk", flat=True).last() or 0

    def balance(self, results):
        """How many logins ended at their portal, and what is wrong, in words."""
        callbacks = [status for kind, _, _, status, *_ in results if kind == CALLBACK]
        ended = [place.split() for kind, _, _, _, place, _ in results if kind == PORTAL and place]
        recorded = AuditEvent.objects.filter(action=AuditAction.LOGIN, ok=True, pk__gt=self._before).count()
        wrong = []
        if not callbacks.count(302) <= recorded <= len(callbacks) - sum(status >= 400 for status in callbacks):
            wrong.append(f"{recorded} logins in the audit trail: {Counter(callbacks)}")
        owners = {str(pk): subject for pk, subject in User.objects.values_list("pk", "subject")}
        sessions = {each.session_key: each for each in Session.objects.filter(pk__in=[key for _, key in ended])}
        for subject, key in ended:
            if key not in sessions or owners[sessions[key].get_decoded()[SESSION_KEY]] != subject:
                wrong.append(f"{subject} has no session")
        if len(sessions) != len(ended):
            wrong.append(f"{len(ended)} logins in {len(sessions)} sessions")
        return len(ended), wrong
