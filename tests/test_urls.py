"""Every address as every role, with an own, a foreign and an unknown object. A new address fails until it has a row."""

import pytest
from django.contrib.auth.models import Group
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

from accounts.models import IdentityConflict
from accounts.staff import BUREAU_GROUP
from orgs.models import Grant
from projects.enums import State, Tab
from projects.models import Step
from tests import factories as make
from tests.attached import make_attachment, make_call_file
from tests.orgs.workbooks import make_department_import
from tests.rows import changed, picture

pytestmark = pytest.mark.django_db

ROLES = (
    "legal",
    "agent",
    "manager",
    "pi",
    "colleague",
    "stranger",
    "their manager",
    "bureau",
    "unverified",
    "unitless",
)
YES, GONE, NEVER, LATER, NO_GET, AWAY = 200, 404, 403, 409, 405, 302

# What GET answers, in the order of ROLES. The objects: a call; a request waiting at the manager's 二级单位; an 申报书
# of the PI in 单位审核. For `stranger` (another unit), `their manager`, `colleague`, `unverified` and `unitless` they
# are foreign.
GET = {
    "portal": (YES,) * 10,
    "unit": (YES, YES, GONE, GONE, GONE, YES, GONE, GONE, GONE, YES),
    "unit-edit": (YES, YES, GONE, GONE, GONE, YES, GONE, GONE, GONE, AWAY),
    "authorisation": (YES, *(GONE,) * 4, YES, *(GONE,) * 4),
    "authorisation-new": (YES, *(GONE,) * 4, YES, *(GONE,) * 4),
    # Nobody to end there: back to 账号授权.
    "authorisation-end": (YES, *(GONE,) * 4, AWAY, *(GONE,) * 4),
    "departments": (YES, YES, *(GONE,) * 3, YES, *(GONE,) * 4),
    "department-new": (YES, YES, *(GONE,) * 3, YES, *(GONE,) * 4),
    # 【导出】 answers POST; whoever comes back from a login by GET is led to the list.
    "departments-export": (AWAY, AWAY, *(GONE,) * 3, AWAY, *(GONE,) * 4),
    "department-import": (YES, YES, *(GONE,) * 3, YES, *(GONE,) * 4),
    "department-import-template": (YES, YES, *(GONE,) * 3, YES, *(GONE,) * 4),
    # Seen by whoever uploaded it, here the legal account.
    "department-import-preview": (YES, *(GONE,) * 9),
    "department": (YES, YES, *(GONE,) * 8),
    "department-edit": (YES, YES, *(GONE,) * 8),
    "department-delete": (YES, YES, *(GONE,) * 8),
    "person": (GONE, YES, YES, YES, YES, GONE, YES, GONE, GONE, GONE),
    "person-edit": (GONE, YES, YES, YES, YES, GONE, YES, GONE, GONE, GONE),
    "document": (GONE, GONE, YES, GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    "reviews": (YES, YES, YES, GONE, GONE, YES, YES, GONE, GONE, GONE),
    # Answers POST; whoever comes back from a login by GET is led to the list.
    "reviews-batch": (AWAY,) * 10,
    "reviews-batch-export": (AWAY, AWAY, AWAY, GONE, GONE, AWAY, AWAY, *(GONE,) * 3),
    "reviews-export-full": (YES, YES, YES, GONE, GONE, YES, YES, *(GONE,) * 3),
    "reviews-export": (AWAY, AWAY, AWAY, GONE, GONE, AWAY, AWAY, *(GONE,) * 3),
    "review": (GONE, GONE, YES, GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    "review-decide": (GONE, GONE, YES, GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    **dict.fromkeys(
        (
            "bureau-calls",
            "bureau-call-new",
            "bureau-call",
            "bureau-call-edit",
            "bureau-call-preview",
            "bureau-call-close",
            "bureau-call-extend",
            "bureau-call-files",
            "bureau-call-file-delete",
        ),
        (*(GONE,) * 7, YES, GONE, GONE),
    ),
    # The call is published already: back to its page.
    "bureau-call-publish": (*(GONE,) * 7, AWAY, GONE, GONE),
    # The announcement is for 法人单位 (with their agents) and 二级单位管理人员.
    "announcements": (YES,) * 10,
    "announcement": (YES, YES, YES, GONE, GONE, YES, YES, GONE, GONE, GONE),
    **dict.fromkeys(
        (
            "bureau-announcements",
            "bureau-announcement-new",
            "bureau-announcement",
            "bureau-announcement-edit",
            "bureau-announcement-withdraw",
            "bureau-maintenance",
        ),
        (*(GONE,) * 7, YES, GONE, GONE),
    ),
    # None is set: back to the page that sets one.
    "bureau-maintenance-end": (*(GONE,) * 7, AWAY, GONE, GONE),
    # It is published already: back to its page.
    "bureau-announcement-publish": (*(GONE,) * 7, AWAY, GONE, GONE),
    "calls": (YES,) * 10,
    "call": (YES,) * 10,
    "call-file": (YES,) * 10,
    # Answers POST; whoever comes back from a login by GET is led to the call.
    "proposal-new": (AWAY,) * 10,
    "guides": (YES,) * 10,
    # That of 二级单位管理人员; who reads which is in tests/projects/test_guide.py.
    "guide": (YES,) * 10,
    # Of people alone.
    "own-data": (GONE, YES, YES, YES, YES, GONE, YES, GONE, GONE, GONE),
    "own-data-json": (GONE, AWAY, AWAY, AWAY, AWAY, GONE, AWAY, GONE, GONE, GONE),
    "own-data-file": (GONE, AWAY, AWAY, AWAY, AWAY, GONE, AWAY, GONE, GONE, GONE),
    "own-data-state": (GONE, YES, YES, YES, YES, GONE, YES, GONE, GONE, GONE),
    "my-proposals": (GONE, YES, YES, YES, YES, GONE, YES, GONE, GONE, GONE),
    "proposals": (YES, YES, YES, GONE, GONE, YES, YES, YES, GONE, GONE),
    # Answer POST; whoever comes back from a login by GET is led to the list.
    "proposals-batch": (AWAY,) * 10,
    "proposals-batch-result": (AWAY,) * 10,
    "proposals-export": (AWAY, AWAY, AWAY, GONE, GONE, AWAY, AWAY, AWAY, GONE, GONE),
    "proposals-export-full": (*(GONE,) * 7, YES, GONE, GONE),
    "figures": (YES, YES, YES, GONE, GONE, YES, YES, YES, GONE, GONE),
    "figures-export": (AWAY, AWAY, AWAY, GONE, GONE, AWAY, AWAY, AWAY, GONE, GONE),
    "my-proposals-export": (GONE, AWAY, AWAY, AWAY, AWAY, GONE, AWAY, GONE, GONE, GONE),
    "proposal": (YES, YES, YES, YES, GONE, GONE, GONE, YES, GONE, GONE),
    "proposal-differences": (AWAY, AWAY, AWAY, AWAY, GONE, GONE, GONE, AWAY, GONE, GONE),
    "proposal-delete": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "proposal-copy": (GONE, GONE, GONE, YES, *(GONE,) * 6),
    "proposal-check": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "proposal-edit": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "proposal-attachments": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "attachment": (YES, YES, YES, YES, GONE, GONE, GONE, YES, GONE, GONE),
    "attachment-replace": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "attachment-delete": (NEVER, NEVER, NEVER, LATER, GONE, GONE, GONE, NEVER, GONE, GONE),
    "proposal-act": (YES, YES, NEVER, NEVER, GONE, GONE, GONE, NEVER, GONE, GONE),
    # Nobody has asked for the PDF: the page says so, and the file leads to the page.
    "proposal-pdf": (YES, YES, YES, YES, GONE, GONE, GONE, YES, GONE, GONE),
    "proposal-pdf-file": (AWAY, AWAY, AWAY, AWAY, GONE, GONE, GONE, AWAY, GONE, GONE),
    "proposal-pdf-state": (YES, YES, YES, YES, GONE, GONE, GONE, YES, GONE, GONE),
    "verify-form": (YES,) * 10,
    # A wrong code.
    "verify": (GONE,) * 10,
    "bureau-units": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-unit": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-unit-suspend": (*(GONE,) * 7, YES, *(GONE,) * 2),
    # The unit is not suspended.
    "bureau-unit-resume": (*(GONE,) * 7, LATER, *(GONE,) * 2),
    "bureau-grant-end": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-people": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-person": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-audit": (*(GONE,) * 7, YES, *(GONE,) * 2),
    # 【导出】 answers POST; whoever comes back from a login by GET is led to the list.
    "bureau-audit-export": (*(GONE,) * 7, AWAY, *(GONE,) * 2),
    "bureau-conflicts": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-conflict": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "bureau-conflict-settle": (*(GONE,) * 7, YES, *(GONE,) * 2),
    "messages": (YES,) * 10,
    "messages-read": (NO_GET,) * 10,
    "reveal": (NO_GET,) * 10,
    "session": (YES,) * 10,
    "kept-discard": (NO_GET,) * 10,
    "logout": (NO_GET,) * 10,
    "text-size": (AWAY,) * 10,
    "privacy": (YES,) * 10,
    # They have all confirmed it: on to the portal.
    "privacy-confirm": (AWAY,) * 10,
    "login": (AWAY,) * 10,
    "healthz": (YES,) * 10,
    "readyz": (YES,) * 10,
}
PUBLIC = {
    "login",
    "announcements",
    "announcement",
    "session",
    "text-size",
    "privacy",
    "guides",
    "guide",
    "healthz",
    "readyz",
    "verify-form",
    "verify",
}
# Begin or end a login at the provider (tests/accounts), or exist in development only.
ELSEWHERE = {"login-legal", "login-legal-callback", "login-person", "login-person-callback", "gallery"}
ARGUMENTS = {
    "department-import-preview": ["import"],
    "department": ["department"],
    "department-edit": ["department"],
    "department-delete": ["department"],
    "document": ["document"],
    "bureau-conflict": ["conflict"],
    "bureau-conflict-settle": ["conflict", "bind"],
    "bureau-unit": ["unit"],
    "bureau-unit-suspend": ["unit"],
    "bureau-unit-resume": ["unit"],
    "bureau-grant-end": ["grant"],
    "bureau-person": ["person"],
    "review": ["request"],
    "review-decide": ["request", "approve"],
    "bureau-call": ["call"],
    "bureau-call-edit": ["call"],
    "bureau-call-preview": ["call"],
    "bureau-call-publish": ["call"],
    "bureau-call-close": ["call"],
    "bureau-call-extend": ["call"],
    "bureau-call-files": ["call"],
    "bureau-call-file-delete": ["call", "call file"],
    "announcement": ["announcement"],
    "bureau-announcement": ["announcement"],
    "bureau-announcement-edit": ["announcement"],
    "bureau-announcement-publish": ["announcement"],
    "bureau-announcement-withdraw": ["announcement"],
    "call": ["call"],
    "call-file": ["call", "call file"],
    "proposal-new": ["call"],
    "proposal": ["proposal"],
    "proposal-copy": ["proposal"],
    "proposal-check": ["proposal"],
    "proposal-delete": ["proposal"],
    "proposal-differences": ["proposal"],
    "proposal-edit": ["proposal", "basics"],
    "proposal-attachments": ["proposal"],
    "attachment": ["proposal", "attachment"],
    "attachment-replace": ["proposal", "attachment"],
    "attachment-delete": ["proposal", "attachment"],
    "proposal-act": ["proposal", "pass-to-bureau"],
    "proposal-pdf": ["proposal", "1"],
    "proposal-pdf-file": ["proposal", "1"],
    "proposal-pdf-state": ["proposal", "1"],
    "guide": ["manager"],
    "verify": ["TEST-1", "0123456789abcdef"],
}
WITH_OBJECT = sorted(set(ARGUMENTS) - {"call", "guide", "proposal-new", "verify"})


@pytest.fixture
def world(login):
    unit = make.make_unit(departments=["机器人研究所"])
    department = unit.made_departments[0]
    other = make.make_unit(departments=["外单位所"])
    pi = make.make_person(unit=unit, department=department)
    colleague = make.make_person(unit=unit, department=department)
    unitless = make.make_unit()
    unitless.account.uscc = ""
    unitless.account.save()
    call = make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS])
    proposal = make.make_proposal(pi, call, state=State.UNIT)
    unverified = make.make_officer()
    users = {
        "legal": unit.account,
        "agent": make.make_agent(unit),
        "manager": make.make_manager(department),
        "pi": pi.user,
        "colleague": colleague.user,
        "stranger": other.account,
        "their manager": make.make_manager(other.made_departments[0]),
        "bureau": make.make_officer(),
        "unverified": unverified,
        "unitless": unitless.account,
    }
    clients = {role: login(user) for role, user in users.items()}
    session = clients["unverified"].session
    del session["otp_device_id"]
    session.save()
    waiting = make.make_request(make.make_person(), unit, department)
    return {
        "clients": clients,
        "announcement": make.make_announcement(audience=["unit", "manager"]),
        "call": call,
        "unit": unit,
        "grant": Grant.objects.current().agents().get(unit=unit),
        "person": pi,
        "conflict": IdentityConflict.objects.create(
            reason="taken", account=pi.user, issuer=make.ISSUER, subject="other", digest=pi.user.known_as
        ),
        "department": department,
        "import": make_department_import(unit),
        "request": waiting,
        "document": make.make_document(waiting.person, waiting),
        "proposal": proposal,
        "call file": make_call_file(call),
        "attachment": make_attachment(proposal, submissions=(1, 1)),
    }


def own_names(patterns=None):
    """Names of all our addresses; the admin is Django's own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        elif pattern.app_name != "admin":
            yield from own_names(pattern.url_patterns)


def address(name, world, pk=None):
    words = ARGUMENTS.get(name, [])
    return reverse(name, args=[(pk or world[word].pk) if word in world else word for word in words])


def status(answer):
    """Its number; a download is read to its end, as a browser does."""
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def test_every_address_has_a_row():
    assert set(own_names()) - ELSEWHERE == set(GET)


@pytest.mark.parametrize("role", ROLES)
def test_what_get_answers_and_that_it_changes_nothing(world, role):
    client, column, before = world["clients"][role], ROLES.index(role), picture()

    answers = {name: status(client.get(address(name, world))) for name in GET}

    assert answers == {name: row[column] for name, row in GET.items()}
    assert changed(before) == []


def test_nobody_gets_in_without_a_login(world, client):
    for name in set(GET) - PUBLIC:
        answer = client.get(address(name, world), headers={"host": "127.0.0.1"})
        wanted = (302, f"{reverse('login')}?next=") if GET[name][0] != NO_GET else None
        if wanted:
            assert (answer.status_code, answer.headers["Location"].startswith(wanted[1])) == (302, True), name
        else:
            assert answer.status_code in (302, 405), name


UNKNOWN = ("999999999", "9" * 30)
MALFORMED = ("-1", "abc", "1\0", "１")


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_what_is_no_number_leads_nowhere(world, name):
    path = address(name, world, pk=777777777)

    for pk in MALFORMED:
        with pytest.raises(Resolver404):
            resolve(path.replace("777777777", pk))


@pytest.mark.parametrize("role", ROLES)
def test_unknown_numbers_are_not_found(world, role):
    client = world["clients"][role]

    found = []
    for name in WITH_OBJECT:
        for pk in UNKNOWN:
            path = address(name, world, pk=777777777).replace("777777777", pk)
            # A page that is only read refuses every POST, whatever the number.
            if client.get(path).status_code != GONE or client.post(path).status_code not in (GONE, NO_GET):
                found.append(path)

    assert found == []


@pytest.mark.parametrize("role", ["colleague", "stranger", "their manager", "unverified", "unitless"])
def test_a_foreign_object_is_not_found_by_post_either(world, role):
    client = world["clients"][role]
    form = {"seen_step": "1", "reason": "想越权办理", "title": "改掉别人的题目", "version": "1"}

    answers = {name: client.post(address(name, world), form).status_code for name in WITH_OBJECT}

    # 检查 is only read; it takes no POST from anybody.
    assert {name: status for name, status in answers.items() if status not in (GONE, NO_GET)} == {}
    assert Step.objects.count() == 1


def test_an_unpublished_call_is_the_bureaus_alone(world):
    world["call"].published = False
    world["call"].save()

    answers = {role: client.get(address("call", world)).status_code for role, client in world["clients"].items()}

    assert answers == {role: YES if role == "bureau" else GONE for role in ROLES}


def test_the_admin_is_for_verified_administrators_alone(world, login):
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    outsiders = {role: client.get("/admin/").status_code for role, client in world["clients"].items()}

    assert login(administrator).get("/admin/").status_code == YES
    assert set(outsiders.values()) <= {302, 403, 404}


def test_an_administrator_is_no_officer(login):
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    assert not Group.objects.filter(name=BUREAU_GROUP, user=administrator).exists()

    assert login(administrator).get(reverse("proposals")).status_code == GONE
