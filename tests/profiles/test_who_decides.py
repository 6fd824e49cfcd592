"""role × action × state of 个人信息审核, from the table of who may do what; asked through the pages."""

import pytest
from django.db import transaction
from django.urls import reverse

from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from profiles.rules import may_decide
from profiles.workflow import ACTIONS, REVIEWERS
from tests import factories as make
from tests.profiles.conftest import REASON, again, submit
from zhgg.kit.errors import NeverAllowed

pytestmark = pytest.mark.django_db

VIEWERS = (
    "legal",
    "agent",
    "manager",
    "other manager",
    "foreign legal",
    "foreign agent",
    "self",
    "other person",
    "officer",
)
# Where the request of each case goes, and who of VIEWERS decides it. For everybody else it does not exist.
CASES = {
    "in a 二级单位": {"manager"},
    "in a unit without 二级单位": {"foreign legal", "foreign agent"},
    "the manager's own": {"legal", "agent"},
    "the agent's own, with a 二级单位": {"manager"},
    "the agent's own, in a unit without 二级单位": {"foreign legal"},
    "waiting at the unit since before its first 二级单位": {"legal", "agent"},
}


@pytest.fixture
def people(world):
    return {
        "legal": world.unit.account,
        "agent": world.agent,
        "manager": world.manager,
        "other manager": world.other_manager,
        "foreign legal": world.plain.account,
        "foreign agent": world.plain_agent,
        "other person": make.make_person(unit=world.unit, department=world.software).user,
        "officer": make.make_officer(),
    }


def request_of(case, world, people):
    """The waiting request of the case; its person becomes people["self"]."""
    if case == "in a 二级单位":
        people["self"] = make.make_person().user
        return submit(people["self"], world.unit, world.software)
    if case == "in a unit without 二级单位":
        people["self"] = make.make_person().user
        return submit(people["self"], world.plain)
    if case == "waiting at the unit since before its first 二级单位":
        person = make.make_person()
        people["self"] = person.user
        return make.make_request(person, world.unit)
    who, unit, department = {
        "the manager's own": (world.manager, world.unit, world.software),
        "the agent's own, with a 二级单位": (world.agent, world.unit, world.software),
        "the agent's own, in a unit without 二级单位": (world.plain_agent, world.plain, None),
    }[case]
    people["self"] = who
    return submit(who, unit, department)


def bring_to(request, state, by):
    """Put the request into a state without the service."""
    decided = state in (ReviewState.APPROVED, ReviewState.REJECTED)
    ReviewRequest.objects.filter(pk=request.pk).update(
        state=state,
        decided_at=request.submitted_at if decided else None,
        decided_by=by if decided else None,
        decider_name="样例审核人" if decided else "",
        reason="样例原因" if state == ReviewState.REJECTED else "",
    )


@pytest.mark.parametrize("key", list(ACTIONS))
@pytest.mark.parametrize("state", ReviewState.values)
@pytest.mark.parametrize("case", CASES)
def test_who_may_decide_what(case, state, key, world, people, login):
    request = request_of(case, world, people)
    bring_to(request, state, by=make.make_user())
    expected = {viewer: _expected(viewer in CASES[case], state, key) for viewer in VIEWERS}

    happened = {}
    for viewer in VIEWERS:
        untouched = transaction.savepoint()
        answer = login(people[viewer]).post(reverse("review-decide", args=[request.pk, key]), {"reason": REASON})
        request = again(request)
        happened[viewer] = (answer.status_code, request.state)
        transaction.savepoint_rollback(untouched)

    assert happened == expected


def _expected(sees, state, key):
    if not sees:
        return (404, state)
    return (302, ACTIONS[key].target) if state == ReviewState.PENDING else (409, state)


@pytest.mark.parametrize("state", ReviewState.values)
@pytest.mark.parametrize("case", CASES)
def test_who_sees_what(case, state, world, people, login):
    request = request_of(case, world, people)
    bring_to(request, state, by=make.make_user())
    offered = "审核" if state == ReviewState.PENDING else "查看"

    seen = {}
    for viewer in VIEWERS:
        client = login(people[viewer])
        listed = client.get(reverse("reviews"))
        row = f'href="{request.get_absolute_url()}?list=">{offered}<span' in listed.content.decode()
        page = client.get(request.get_absolute_url())
        buttons = page.status_code == 200 and "审核不通过</a>" in page.content.decode()
        seen[viewer] = (listed.status_code, row, page.status_code, buttons)

    reviewers = {viewer for viewer in VIEWERS if make.actor_of(people[viewer]).role in REVIEWERS}
    waits, listable = state == ReviewState.PENDING, state != ReviewState.REPLACED
    assert seen == {
        viewer: (200, listable, 200, waits)
        if viewer in CASES[case]
        else (200 if viewer in reviewers else 404, False, 404, False)
        for viewer in VIEWERS
    }


@pytest.mark.parametrize("role", ["person", "bureau", "none"])
def test_a_role_that_never_reviews_is_told_so_even_if_it_sees_the_request(role, world):
    request = submit(make.make_person().user, world.unit, world.software)
    actor = make.actor_of(world.manager).__class__(make.make_user(), role)

    verdict = may_decide(ACTIONS["approve"], actor, request)

    assert not verdict
    with pytest.raises(NeverAllowed, match="只有审核这条个人信息的单位或二级单位可以办理"):
        verdict.enforce()


def test_nobody_decides_about_themselves_even_if_they_see_the_request(world):
    request = submit(world.agent, world.unit, world.software)

    verdict = may_decide(ACTIONS["approve"], make.actor_of(world.agent), request)

    assert (bool(verdict), verdict.never) == (False, True)
    assert verdict.reason == "不能审核自己的个人信息。"


@pytest.mark.parametrize(
    "path", ["reviews/999999999/", "reviews/0/", f"reviews/{10**40}/", "reviews/x/", "reviews/1/frob/"]
)
def test_unknown_and_malformed_addresses_answer_404(path, world, login):
    assert login(world.manager).get(f"/{path}").status_code == 404


def test_a_stranger_is_sent_to_the_login(client, world):
    request = submit(make.make_person().user, world.unit, world.software)
    for address in (reverse("person"), reverse("person-edit"), reverse("reviews"), request.get_absolute_url()):
        answer = client.get(address, HTTP_HOST="127.0.0.1")
        assert answer["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("address", ["person", "person-edit"])
def test_only_individuals_have_a_record_of_their_own(address, world, login):
    seen = {
        name: login(user).get(reverse(address)).status_code
        for name, user in {
            "person": make.make_person().user,
            "agent": world.agent,
            "manager": world.manager,
            "legal": world.unit.account,
            "officer": make.make_officer(),
        }.items()
    }

    assert seen == {"person": 200, "agent": 200, "manager": 200, "legal": 404, "officer": 404}
