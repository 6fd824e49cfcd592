"""What POST bodies carry: numbers of rows that are not the sender's.

Each address that takes a POST stands in BODIES or in WITHOUT_NUMBERS; a new one fails until it does.
"""

import re

import pytest
from django.urls import reverse

from accounts import reveal
from accounts.models import User
from orgs.enums import Role
from orgs.models import Department, Grant
from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from profiles.views import batch as review_batch
from projects.enums import State
from projects.models import Proposal
from projects.stands import LOGINS, POSTS
from projects.views import batch as proposal_batch
from tests import factories as make
from tests.orgs.pages import filled_agent
from tests.profiles.conftest import filled as filled_person
from tests.reveals import asks
from tests.rows import changed, picture
from tests.test_urls import ROLES, address, world  # noqa: F401
from zhgg.kit.batch import sign

pytestmark = pytest.mark.django_db

UNKNOWN = 987_654_321
REASON = "不是自己的，不能办理"
DECISIONS = {Role.BUREAU: "accept", Role.MANAGER: "pass-to-unit"}

WITHOUT_NUMBERS = LOGINS | {
    # The row is named by the address (tests/test_urls.py); what is typed names none.
    *("attachment-delete", "attachment-replace", "department-delete", "department-edit", "department-import-preview"),
    *("proposal-act", "proposal-attachments", "proposal-delete", "proposal-edit", "proposal-new", "proposal-pdf"),
    *("review-decide", "bureau-announcement-edit", "bureau-announcement-publish", "bureau-announcement-withdraw"),
    *("bureau-call-close", "bureau-call-edit", "bureau-call-file-delete", "bureau-call-files", "bureau-call-publish"),
    *("bureau-conflict-settle", "bureau-grant-end", "bureau-unit-resume", "bureau-unit-suspend"),
    # Makes something new, of the sender's own.
    *("department-new", "department-import", "unit-edit", "bureau-announcement-new", "bureau-call-new"),
    *("bureau-maintenance", "bureau-maintenance-end"),
    # Lists are asked by conditions; a result is signed for the account that got it.
    *("reviews", "reviews-export", "reviews-export-full", "reviews-batch-export", "bureau-people", "figures-export"),
    *("departments-export", "my-proposals-export", "proposals-export", "proposals-export-full"),
    *("proposals-batch-result", "bureau-audit-export"),
    # About the sender alone.
    *("healthz", "readyz", "logout", "session", "kept-discard", "privacy-confirm", "own-data", "own-data-json"),
}


def reviews(actor, pk):
    """Ticked in the list, and confirmed with a selection of one's own signature, which the question gives for any."""
    selection = sign(actor, [pk], review_batch.SELECTION_SALT)
    yield {"action": "approve", "id": pk}
    yield {"action": "approve", "selection": selection}
    yield {"action": "reject", "reason": REASON, "selection": selection}


def proposals(actor, pk):
    action = DECISIONS.get(actor.role, "pass-to-bureau")
    yield {"id": f"{pk}-1"}
    yield {"action": action, "selection": sign(actor, [[pk, 1]], proposal_batch.SELECTION_SALT)}


def another_department(actor, pk):
    yield filled_person(actor.person, actor.unit, None, department=pk, version="0")


def shown(kinds):
    def bodies(actor, pk):
        for kind in kinds:
            yield asks(f"{kind}:{pk}")

    return bodies


def one(**body):
    def bodies(actor, pk):
        yield {name: pk if value is None else value for name, value in body.items()}

    return bodies


KINDS = {
    "unit": ["unit-bank-account", "unit-legal-rep", "unit-contact-mobile"],
    "grant": ["grant-id-number", "grant-mobile"],
    "person": ["person-id-number", "person-mobile"],
    "request": ["request-id-number", "request-mobile"],
    "proposal": ["proposal-mobiles", "proposal-ids", "proposal-bank"],
}
# Address, which row of the world its body names, for whom that row is no foreign one, and the bodies.
BODIES = [
    ("reviews-batch", "request", {"manager"}, reviews),
    ("proposals-batch", "proposal", {"legal", "agent", "manager", "bureau"}, proposals),
    ("person-edit", "document", set(), one(take_off=None)),
    ("person-edit", "their department", {"their manager"}, one(department=None, unit="1", version="1")),
    ("messages-read", "notice", {"pi"}, one(id=None)),
    ("messages-read", "notice", {"pi"}, one(id=None, open="1")),
    ("proposal-copy", "hidden call", set(), one(call=None, form_key="7b8b7e0e-3a5e-4d5e-8f5e-7b8b7e0e3a5e")),
    ("authorisation-new", "grant", {"legal"}, one(version=None, **filled_agent("周岚", "990000198501010019"))),
    ("authorisation-end", "grant", {"legal"}, one(seen=None)),
    ("bureau-call-extend", "unit", {"bureau"}, one(units=None, scope="units", reason=REASON, confirm="1")),
    # Whoever may see the row: an officer no single request, a 授权人 no grant of another 授权人.
    ("reveal", "unit", {"legal", "agent", "bureau"}, shown(KINDS["unit"])),
    ("reveal", "grant", {"legal", "bureau"}, shown(KINDS["grant"])),
    ("reveal", "person", {"pi", "legal", "agent", "manager", "bureau"}, shown(KINDS["person"])),
    ("reveal", "request", {"manager"}, shown(KINDS["request"])),
    ("reveal", "proposal", {"pi", "legal", "agent", "manager", "bureau"}, shown(KINDS["proposal"])),
]


@pytest.fixture
def people(world):  # noqa: F811
    """`world` with what only bodies name, and the Actor of each role."""
    clients = world["clients"]
    world["users"] = {role: User.objects.get(pk=client.session["_auth_user_id"]) for role, client in clients.items()}
    world["actors"] = {role: make.actor_of(user) for role, user in world["users"].items()}
    world["their department"] = Department.objects.get(name="外单位所")
    world["notice"] = world["person"].user.notices.create(subject="给负责人的消息", url="/person/")
    world["hidden call"] = make.make_call("还没有发布的专项", published=False)
    return world


def words(answer, pk):
    """What an answer says; the row that was named stands in the address it leads to, and in no word."""
    body = answer.content.decode() if not answer.streaming else ""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>|<dd>[2-9A-Z]{8}</dd>|\d\d:\d\d(:\d\d)?", "", body, flags=re.DOTALL)
    said = " ".join(re.sub(r"<[^>]+>", " ", body).split())
    return answer.status_code, answer.headers.get("Location", "").replace(str(pk), "PK"), said


def differing(*answers):
    """Where two answers first differ, for whoever reads of the failure."""
    texts = [f"{answer[0]} {answer[1]} {answer[2]}" for answer in answers]
    first = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    return [text[max(0, first - 60) : first + 60] for text in texts]


def test_every_address_that_takes_a_post_says_whether_its_body_names_rows():
    named = {name for name, *_ in BODIES}

    assert named | WITHOUT_NUMBERS == set(POSTS) | LOGINS
    assert named & WITHOUT_NUMBERS == set()
    assert sorted(kind for kinds in KINDS.values() for kind in kinds) == reveal.kinds()


def test_foreign_numbers_in_a_body_change_nothing_and_answer_as_unknown_ones(people):
    before = picture()
    different, tried = [], 0
    for role in ROLES:
        client, actor = people["clients"][role], people["actors"][role]
        for name, thing, own, bodies in BODIES:
            if role in own:
                continue
            pk, path = people[thing].pk, address(name, people)
            for foreign, unknown in zip(bodies(actor, pk), bodies(actor, UNKNOWN), strict=True):
                answers = [words(client.post(path, foreign), pk), words(client.post(path, unknown), UNKNOWN)]
                tried += 1
                if answers[0] != answers[1]:
                    different.append((role, name, thing, *differing(*answers)))

    assert different == []
    assert changed(before) == []
    assert tried > 150


def test_the_same_bodies_do_something_for_whom_the_rows_are(people):
    """The test above would pass for bodies that nobody may send."""
    clients, actors = people["clients"], people["actors"]

    shown = {
        (role, body["what"].split(":")[0]): clients[role].post(reverse("reveal"), body).status_code
        for _, thing, own, bodies in BODIES[-5:]
        for role in sorted(own)
        for body in bodies(None, people[thing].pk)
    }

    for body in reviews(actors["manager"], people["request"].pk):
        clients["manager"].post(reverse("reviews-batch"), body)
    for body in proposals(actors["agent"], people["proposal"].pk):
        clients["agent"].post(reverse("proposals-batch"), body)
    clients["pi"].post(reverse("messages-read"), {"id": people["notice"].pk})
    clients["legal"].post(reverse("authorisation-end"), {"seen": people["grant"].pk})
    assert ReviewRequest.objects.get(pk=people["request"].pk).state == ReviewState.APPROVED
    assert Proposal.objects.get(pk=people["proposal"].pk).state == State.BUREAU
    assert people["person"].user.notices.get(pk=people["notice"].pk).read_at
    assert Grant.objects.get(pk=people["grant"].pk).ended_at
    assert {kind: status for kind, status in shown.items() if status != 302} == {}
