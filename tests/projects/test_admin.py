"""The admin: calls and 申报书 are only looked at, and decided about through `perform` alone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from projects.enums import Scope, State
from projects.models import Call, CallChange, Extension, Proposal, Step
from tests import factories as make
from tests.projects.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(login):
    """A client of an administrator who has passed the second factor."""
    user = User.objects.create_staff("admin1", "long-enough-pass-1", name="样例管理员", superuser=True)
    return login(user)


@pytest.fixture
def proposal():
    return make.make_proposal(make.make_person(unit=make.make_unit()), state=State.BUREAU)


@pytest.mark.parametrize("model", ["call", "callchange", "extension"])
def test_calls_and_their_history_are_only_looked_at(admin, model):
    call, officer = make.make_call(), make.make_officer()
    values = {"at": timezone.now(), "by": officer, "by_name": officer.name}
    change = CallChange.objects.create(call=call, what="修改", values=[["批次名称", "旧", "新"]], **values)
    extension = Extension.objects.create(
        call=call, scope=Scope.ALL, submit_until=timezone.now(), reason="故障", **values
    )
    pk = {"call": call, "callchange": change, "extension": extension}[model].pk
    page = reverse(f"admin:projects_{model}_change", args=[pk])

    assert admin.get(reverse(f"admin:projects_{model}_changelist")).status_code == 200
    assert admin.get(page).status_code == 200
    assert admin.post(page, {"name": "改了", "published": ""}).status_code == 403
    assert admin.get(reverse(f"admin:projects_{model}_add")).status_code == 403
    assert admin.post(reverse(f"admin:projects_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert (Call.objects.get().name, Call.objects.get().published) == (call.name, True)


@pytest.mark.parametrize("model", ["proposal", "submission", "step"])
def test_proposals_and_their_history_are_only_looked_at(admin, proposal, model):
    pk = {
        "proposal": proposal.pk,
        "submission": proposal.submissions.get().pk,
        "step": proposal.steps.get().pk,
    }[model]
    change = reverse(f"admin:projects_{model}_change", args=[pk])

    assert admin.get(reverse(f"admin:projects_{model}_changelist")).status_code == 200
    assert admin.get(change).status_code == 200
    assert admin.post(change, {"state": "accepted", "title": "改了"}).status_code == 403
    assert admin.get(reverse(f"admin:projects_{model}_add")).status_code == 403
    assert admin.post(reverse(f"admin:projects_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert (Proposal.objects.get().state, Proposal.objects.get().title) == (State.BUREAU, make.BASICS["title"])


def decide_url(proposal, action):
    return reverse("admin:projects_proposal_decide", args=[proposal.pk, action])


def test_what_the_bureau_decides_can_be_decided_here_through_perform(admin, proposal):
    page = admin.get(reverse("admin:projects_proposal_change", args=[proposal.pk])).content.decode()
    for action in ("accept", "send-back", "decline"):
        assert f'href="{decide_url(proposal, action)}"' in page
    form = admin.get(decide_url(proposal, "accept"))

    admin.post(decide_url(proposal, "accept"), {"seen_step": "1"})

    step = Step.objects.get(proposal=proposal, number=2)
    assert 'name="_save"' in form.content.decode()
    assert Proposal.objects.get().state == State.ACCEPTED
    assert (step.action, step.capacity, step.user_name) == ("accept", "bureau", "样例管理员")


def test_a_reason_is_asked_for_here_too(admin, proposal):
    response = admin.post(decide_url(proposal, "decline"), {"seen_step": "1", "reason": ""})

    assert response.status_code == 200
    assert "请填写" in text_of(response)
    assert Proposal.objects.get().state == State.BUREAU


def test_a_step_that_somebody_else_took_meanwhile_is_told(admin, proposal):
    Step.objects.create(
        proposal=proposal,
        number=2,
        at=timezone.now(),
        user=proposal.pi.user,
        user_name="样例科员",
        capacity="bureau",
        action="accept",
        source=State.BUREAU,
        target=State.BUREAU,
        submission_number=1,
    )
    Proposal.objects.update(step_count=2)

    response = admin.post(decide_url(proposal, "accept"), {"seen_step": "1"})

    assert "样例科员（科技局）已办理：受理" in text_of(response)
    assert Proposal.objects.get().state == State.BUREAU


@pytest.mark.parametrize(
    ("state", "action", "status"),
    [
        (State.UNIT, "accept", 409),
        (State.UNIT, "pass-to-bureau", 403),
        (State.BUREAU, "withdraw", 403),
        (State.BUREAU, "nonsense", 404),
        (State.DRAFT, "submit", 404),
    ],
)
def test_what_is_not_the_bureaus_to_decide_is_refused_here_too(admin, state, action, status):
    proposal = make.make_proposal(make.make_person(unit=make.make_unit()), state=state)

    assert admin.get(decide_url(proposal, action)).status_code == status
    assert admin.post(decide_url(proposal, action), {"seen_step": "1"}).status_code == status
    assert Proposal.objects.get().state == state


@pytest.mark.parametrize("who", ["officer", "pi", "legal"])
def test_nobody_but_administrators_enters(login, proposal, who):
    user = {"pi": proposal.pi.user, "legal": proposal.unit.account}.get(who) or make.make_officer()

    for url in (decide_url(proposal, "accept"), reverse("admin:projects_call_changelist")):
        response = login(user).get(url)
        assert response.status_code in (302, 403)
    login(user).post(decide_url(proposal, "accept"), {"seen_step": "1"})
    assert Proposal.objects.get().state == State.BUREAU


def test_a_draft_is_not_the_administrators_to_read(admin, proposal):
    draft = make.make_proposal(proposal.pi, state=State.DRAFT)

    listed = text_of(admin.get(reverse("admin:projects_proposal_changelist")))

    assert proposal.number in listed
    assert draft.number not in listed
    assert admin.get(reverse("admin:projects_proposal_change", args=[draft.pk])).status_code == 302
