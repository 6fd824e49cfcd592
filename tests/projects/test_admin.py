"""The admin: calls are written, 申报书 only looked at, and decided about through `perform` alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from projects.enums import State
from projects.models import Call, Proposal, Step
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


def call_data(**changes):
    data = {
        "name": "2027 年度样例专项",
        "kind": "样例计划",
        "number_prefix": "CSTB2027-",
        "guide": "指南",
        "directions": "1.1 人工智能\r\n\r\n  1.2 先进制造，含机器人  ",
        "categories": "一般项目",
        "max_months": "36",
        "tabs": ["basics", "team"],
        "required_attachments": ["01"],
        "budget_mode": "detailed",
        "min_own_ratio": "0",
        "published": "on",
    }
    for field, day in {"opens_at": "2027-01-01", "closes_at": "2027-02-01", "review_closes_at": "2027-02-05"}.items():
        data[f"{field}_0"], data[f"{field}_1"] = day, "17:00:00"
    return {**data, **changes}


def test_a_call_is_written_with_one_direction_a_line(admin):
    response = admin.post(reverse("admin:projects_call_add"), call_data())

    call = Call.objects.get()
    assert response.status_code == 302
    assert call.directions == ["1.1 人工智能", "1.2 先进制造，含机器人"]
    assert timezone.localtime(call.closes_at).isoformat() == "2027-02-01T17:00:00+08:00"
    assert AuditEvent.objects.filter(action="call_saved", object_id=str(call.pk)).count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_at_0": "2026-12-31"},
        {"closes_at_0": "2027-01-01"},
        {"review_closes_at_0": "2027-01-31"},
    ],
)
def test_times_out_of_order_are_refused_in_words(admin, changes):
    response = admin.post(reverse("admin:projects_call_add"), call_data(**changes))

    assert "时间顺序应为：开始受理早于申报截止，申报截止不晚于单位审核截止。" in text_of(response)
    assert Call.objects.count() == 0


def test_too_long_a_direction_is_refused_and_kept(admin):
    response = admin.post(reverse("admin:projects_call_add"), call_data(directions="长" * 101))

    assert "有 101 字，每项最多 100 字" in text_of(response)
    assert "长" * 101 in response.content.decode()
    assert Call.objects.count() == 0


def test_moving_a_deadline_names_only_what_was_changed(admin):
    admin.post(reverse("admin:projects_call_add"), call_data())
    call = Call.objects.get()

    admin.post(reverse("admin:projects_call_change", args=[call.pk]), call_data(closes_at_0="2027-02-03"))

    event = AuditEvent.objects.filter(action="call_saved").latest("pk")
    assert Call.objects.get().closes_at == call.closes_at + timedelta(days=2)
    assert event.detail == {"changed": ["closes_at"]}


def test_calls_are_never_deleted(admin):
    call = make.make_call()

    assert admin.post(reverse("admin:projects_call_delete", args=[call.pk]), {"post": "yes"}).status_code == 403
    assert Call.objects.count() == 1


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
