"""Exactly one outcome under real parallel connections."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole
from orgs.models import Grant
from orgs.services.departments import end_department
from orgs.services.grants import end_grant, grant_role
from profiles import services
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from profiles.services import Decided, Saved, StalePerson
from profiles.workflow import ACTIONS
from tests import factories as make
from tests.profiles.conftest import REASON, again, submit
from tests.races import PATIENCE_SECONDS, together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = range(4)


def deciding(user, key, request):
    actor, action = make.actor_of(user), ACTIONS[key]
    reason = REASON if action.needs_reason else ""
    return lambda: services.decide(action=action, request_id=request.pk, actor=actor, reason=reason)


def saving(user, unit, department=None, **changes):
    actor, version = make.actor_of(user), Person.objects.get(pk=user.pk).version
    reviewed = make.reviewed(user, unit, department, **changes)
    return lambda: services.save_person(actor=actor, version=version, values={"major": "机械"}, reviewed=reviewed)


def kinds(answers):
    return sorted(
        ("repeated" if answer.repeated else "done") if isinstance(answer, Decided) else type(answer).__name__
        for answer in answers
    )


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_reviewers_make_one_decision_and_the_other_is_told_who(world, _round):
    request = submit(make.make_person("样例申请人").user, world.plain)

    answers = together(
        deciding(world.plain.account, "approve", request), deciding(world.plain_agent, "reject", request)
    )

    assert kinds(answers) == ["NotNow", "done"]
    decided = again(request)
    refusal = next(answer for answer in answers if isinstance(answer, NotNow))
    assert refusal.message.startswith(f"{decided.decider_name}已于 ")
    assert decided.get_state_display() in refusal.message
    assert AuditEvent.objects.filter(action="profile_decided").count() == 1
    assert Notice.objects.filter(recipient=request.person.user).count() == 1
    assert Person.objects.get(pk=request.person_id).is_approved == (decided.state == ReviewState.APPROVED)


@pytest.mark.parametrize("key", ["approve", "reject"])
def test_the_same_form_sent_three_times_at_once_decides_once(world, key):
    request = submit(make.make_person().user, world.plain)
    act = deciding(world.plain_agent, key, request)

    answers = together(act, act, act)

    assert kinds(answers) == ["done", "repeated", "repeated"]
    assert Notice.objects.filter(recipient=request.person.user).count() == 1


@pytest.mark.parametrize("_round", range(6))
def test_a_resubmission_and_a_decision_never_both_count_and_never_wait_for_each_other(world, _round):
    user = make.make_person().user
    request = submit(user, world.unit, world.software)

    saved, decided = together(
        saving(user, world.unit, world.software, position="教授"), deciding(world.manager, "approve", request)
    )

    first = again(request)
    if isinstance(decided, Decided):
        # The approval came first; the form that was open is old then.
        assert (first.state, type(saved)) == (ReviewState.APPROVED, StalePerson)
        assert ReviewRequest.objects.count() == 1
    else:
        assert isinstance(saved, Saved)
        assert (first.state, saved.request.state) == (ReviewState.REPLACED, ReviewState.PENDING)
        assert isinstance(decided, NotNow)
        assert "对方已重新提交个人信息" in decided.message
        assert not Person.objects.get(pk=user.pk).is_approved


def test_a_decision_waits_for_a_save_under_way_and_then_decides_nothing(world, monkeypatch):
    """The one order that counts, made to happen: the save holds its locks while the reviewer clicks."""
    user = make.make_person().user
    request = submit(user, world.unit, world.software)
    saving_now, may_finish = threading.Event(), threading.Event()
    original = services._list_latest

    def slow(person):
        saving_now.set()
        assert may_finish.wait(PATIENCE_SECONDS)
        original(person)

    monkeypatch.setattr(services, "_list_latest", slow)
    decide = deciding(world.manager, "approve", request)

    def clicks_meanwhile():
        assert saving_now.wait(PATIENCE_SECONDS)
        threading.Timer(0.4, may_finish.set).start()
        return decide()

    saved, decided = together(saving(user, world.unit, world.software, position="教授"), clicks_meanwhile)

    assert isinstance(saved, Saved)
    assert isinstance(decided, NotNow)
    assert again(request).state == ReviewState.REPLACED
    assert not Person.objects.get(pk=user.pk).is_approved


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_saves_of_one_form_make_one_request(world, _round):
    user = make.make_person().user

    answers = together(saving(user, world.plain), saving(user, world.plain, position="教授"))

    assert sorted(type(answer).__name__ for answer in answers) == ["Saved", "StalePerson"]
    assert ReviewRequest.objects.filter(person_id=user.pk, state=ReviewState.PENDING).count() == 1


def test_two_connections_cannot_both_open_a_request(world):
    person = make.make_person()

    def insert():
        return make.make_request(person, world.plain)

    answers = together(insert, insert)

    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "ReviewRequest"]
    refusal = next(answer for answer in answers if isinstance(answer, IntegrityError))
    assert refusal.__cause__.diag.constraint_name == "one_open_request_a_person"


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_department_is_either_deleted_or_chosen(world, _round):
    user = make.make_person().user
    actor = make.actor_of(world.unit.account)

    ended, saved = together(
        lambda: end_department(actor=actor, department=world.mechanics), saving(user, world.unit, world.mechanics)
    )

    gone = again(world.mechanics).ended_at is not None
    waits = ReviewRequest.objects.filter(department=world.mechanics, state=ReviewState.PENDING).exists()
    assert (gone, waits) in {(True, False), (False, True)}
    assert isinstance(saved, NotNow if gone else Saved)
    assert isinstance(ended, type(None) if gone else NotNow)


@pytest.mark.parametrize("_round", ROUNDS)
def test_whoever_becomes_manager_while_submitting_is_not_their_own_reviewer(world, _round):
    user = make.make_person().user
    actor = make.actor_of(world.unit.account)

    def name_manager():
        return grant_role(
            actor=actor,
            role=GrantRole.MANAGER,
            unit=world.unit,
            department=world.software,
            holder_name=user.name,
            holder_mobile="16900000001",
            holder_id_number=user.id_number,
        )

    _, saved = together(name_manager, saving(user, world.unit, world.software))

    assert isinstance(saved, Saved)
    assert again(saved.request).reviewing_department is None


def test_a_submission_waits_for_the_naming_of_a_manager_under_way(world):
    """The order that leaves the request behind unless the 二级单位 is locked."""
    user = make.make_person().user
    actor = make.actor_of(world.unit.account)
    named, may_commit = threading.Event(), threading.Event()

    def name_manager():
        with transaction.atomic():
            grant_role(
                actor=actor,
                role=GrantRole.MANAGER,
                unit=world.unit,
                department=world.software,
                holder_name=user.name,
                holder_mobile="16900000001",
                holder_id_number=user.id_number,
            )
            named.set()
            assert may_commit.wait(PATIENCE_SECONDS)

    save = saving(user, world.unit, world.software)

    def submits_meanwhile():
        assert named.wait(PATIENCE_SECONDS)
        threading.Timer(0.4, may_commit.set).start()
        return save()

    _, saved = together(name_manager, submits_meanwhile)

    assert saved.request.reviewing_department is None


def test_ending_a_grant_waits_for_a_decision_under_way(world):
    request = submit(make.make_person().user, world.plain)
    decide = deciding(world.plain_agent, "approve", request)
    actor = make.actor_of(world.plain.account)
    grant = Grant.objects.get(unit=world.plain, ended_at=None)
    decided, may_commit = threading.Event(), threading.Event()

    def decides():
        with transaction.atomic():
            answer = decide()
            decided.set()
            assert may_commit.wait(PATIENCE_SECONDS)
        return answer

    def ends():
        assert decided.wait(PATIENCE_SECONDS)
        threading.Timer(0.4, may_commit.set).start()
        end_grant(actor=actor, grant=grant)

    answer, _ = together(decides, ends)

    assert isinstance(answer, Decided)
    assert again(grant).ended_at - again(request).decided_at > timedelta(seconds=0.3)


def test_a_reviewer_of_an_old_place_finds_nothing_once_another_has_approved(world):
    user = make.make_person().user
    old = submit(user, world.plain)
    new = submit(user, world.unit, world.software)

    answers = together(deciding(world.manager, "approve", new), deciding(world.plain_agent, "approve", old))

    assert isinstance(answers[0], Decided)
    assert isinstance(answers[1], NotNow | Http404)
    assert Person.objects.get(pk=user.pk).unit == world.unit
