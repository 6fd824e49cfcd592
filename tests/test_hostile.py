"""Whatever is sent to an address, by whoever may open it, the answer is no 5xx."""

import re
from functools import partial
from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.urls import reverse

from projects.enums import Tab
from tests import factories as make
from tests.full_proposal import make_full_call, make_full_proposal
from tests.test_urls import GET, ROLES, YES, address, status, world  # noqa: F401 - the fixture

pytestmark = pytest.mark.django_db

VALUES = (
    "1\0",
    b"\xed\xa0\x80",  # a lone surrogate
    b"\xff\xfe",  # no UTF-8
    "1" + "0" * 40,
    "9223372036854775808",
    "-1",
    "1e309",
    "NaN",
    "１２",
    "2026-02-31",
    "0000-00-00T00:00",
    "长" * 1_000,
    "%' OR 1=1 --\\",
)
VERY_LONG = "长" * 100_000
# What views ask of a form beside the fields that its page shows.
ASKED = ("page", "size", "sort", "list", "all", "id", "next", "then", "rows", "kind", "tab", "at", "what", "selection")
NAME = re.compile(r'name="([\w.:-]+)"')
ANSWERS = ("accept", "decline", "pass-to-unit", "pass-to-bureau", "send-back", "withdraw", "submit")


@pytest.fixture
def doors(world, login):  # noqa: F811
    """`[(name, client, address)]`: each address as somebody to whom it opens, or else as its PI."""
    draft = make_full_proposal(make.make_person(unit=world["unit"]), make_full_call(tabs=list(Tab.values)))
    applicant = login(draft.pi.user)
    found = [
        (name, world["clients"][ROLES[row.index(YES)] if YES in row else "pi"], address(name, world))
        for name, row in GET.items()
    ]
    found += [
        (name, client, address(name, world))
        for name in ("reviews-export", "reviews-batch", "proposals-batch", "proposals-export", "figures-export")
        for client in (world["clients"]["manager"],)
    ]
    found += [(f"edit {tab}", applicant, reverse("proposal-edit", args=[draft.pk, tab])) for tab in Tab.values[:-1]]
    found += [
        (name, applicant, reverse(name, args=[draft.pk]))
        for name in ("proposal-attachments", "proposal-check", "proposal-delete", "proposal-copy", "proposal")
    ]
    bureau = world["clients"]["bureau"]
    for action in ANSWERS:
        client = applicant if action in ("submit", "withdraw") else bureau
        pk = draft.pk if client is applicant else world["proposal"].pk
        found.append((action, client, reverse("proposal-act", args=[pk, action])))
    found += [(name, world["clients"]["unverified"], reverse(name)) for name in ("login-legal-callback", "admin:login")]
    for _, client, _ in found:
        client.raise_request_exception = False
    return found


def taken_back(send):
    """The status of the answer; whatever it did to the database is undone."""
    with transaction.atomic():
        code = status(send())
        transaction.set_rollback(True)
    return code


def fields_of(client, path):
    page = client.get(path)
    shown = [] if page.streaming else NAME.findall(page.content.decode())
    status(page)
    return sorted({*shown, *ASKED} - {"csrfmiddlewaretoken"})


def sent(fields, turn):
    """Each field has another value; some come twice, and one has the very long one."""
    pairs = [(field, VALUES[(place + turn) % len(VALUES)]) for place, field in enumerate(fields)]
    return urlencode([*pairs, *pairs[:2], *([(fields[turn % len(fields)], VERY_LONG)] if turn else [])])


def errors(doors, turns, *methods):
    """What was answered by 5xx. In each turn a field has another of the values: after all turns each has had each."""
    for (name, client, path), turn in product(doors, turns):
        text = sent(fields_of(client, path), turn)
        ways = {
            "GET": partial(client.get, f"{path}?{text}"),
            "POST": partial(client.post, path, text, content_type="application/x-www-form-urlencoded"),
        }
        for method in methods:
            if (code := taken_back(ways[method])) >= 500:
                yield code, method, name, turn


def test_no_form_that_is_sent_is_an_error_of_ours(doors):
    assert list(errors(doors, range(1), "POST")) == []


@pytest.mark.faults
def test_nothing_that_is_sent_or_asked_is_an_error_of_ours(doors):
    assert list(errors(doors, range(len(VALUES)), "GET", "POST")) == []
