"""Saving 个人信息: what is in force at once, what is asked for, where it goes, what it tells."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import AuditEvent, Notice
from orgs import usage
from orgs.enums import GrantRole
from orgs.services.grants import grant_role
from profiles import services
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from profiles.queries import ReviewRequestQuerySet
from profiles.rules import contradiction, standing
from profiles.workflow import ACTIONS
from tests import factories as make
from tests.profiles.conftest import again, decide, save, submit
from zhgg.kit.errors import NeverAllowed, NotNow

pytestmark = pytest.mark.django_db


def listed_for(user):
    actor = make.actor_of(user)
    return list(ReviewRequest.objects.routed_to(actor).for_list().order_by("pk"))


def state_of(user):
    person = Person.objects.get(pk=user.pk)
    return standing(person, person.requests.order_by("-pk").first())


def trail():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "user_id", "unit_id"))


# Where a request goes ------------------------------------------------------------------------------------------------


def test_a_unit_with_departments_never_receives_what_flows_to_one(world):
    request = submit(make.make_person().user, world.unit, world.software)

    assert request.reviewing_department == world.software
    assert [listed_for(user) for user in (world.manager, world.unit.account, world.agent)] == [[request], [], []]


def test_a_unit_without_departments_reviews_itself(world):
    request = submit(make.make_person().user, world.plain)

    assert request.reviewing_department is None
    assert [listed_for(user) for user in (world.plain.account, world.plain_agent)] == [[request], [request]]


def test_a_department_must_be_chosen_where_there_is_one(world):
    with pytest.raises(NotNow, match="已设置二级单位，请选择您所在的二级单位"):
        save(make.make_person().user, world.unit)

    assert ReviewRequest.objects.count() == 0


def test_a_department_of_another_unit_is_refused(world):
    with pytest.raises(NotNow, match="已被删除，请重新选择"):
        save(make.make_person().user, world.plain, world.software)


def test_a_department_that_ended_meanwhile_is_refused_and_nothing_is_saved(world):
    user = make.make_person().user
    world.software.ended_at = timezone.now()
    world.software.save()

    with pytest.raises(NotNow, match="二级单位“软件学院”已被删除，请重新选择后再提交"):
        save(user, world.unit, world.software, values={"major": "没有保存"})

    assert (Person.objects.get(pk=user.pk).major, ReviewRequest.objects.count()) == ("", 0)


def test_what_waits_of_a_new_manager_moves_to_the_unit(world):
    user = make.make_person().user
    request = submit(user, world.unit, world.software)

    grant_role(
        actor=make.actor_of(world.unit.account),
        role=GrantRole.MANAGER,
        unit=world.unit,
        department=world.software,
        holder_name=user.name,
        holder_mobile="16900000001",
        holder_id_number=user.id_number,
    )

    assert [listed_for(each) for each in (user, world.unit.account)] == [[], [request]]
    request = again(request)
    assert (request.state, request.department) == (ReviewState.PENDING, world.software)


def test_what_waited_at_the_unit_stays_there_when_its_first_department_comes(world):
    request = submit(make.make_person().user, world.plain)
    department = make.make_department(world.plain)
    manager = make.make_manager(department)

    assert [listed_for(user) for user in (world.plain.account, manager)] == [[request], []]
    decide(world.plain_agent, "approve", request)
    assert state_of(request.person.user) == ReviewState.APPROVED


# What is asked for ---------------------------------------------------------------------------------------------------


def test_fields_that_need_no_review_are_in_force_at_once(world):
    user = make.make_person(unit=world.unit, department=world.software).user

    saved = save(user, world.unit, world.software, values={"major": "机械", "mobile": "16900000009"})

    person = Person.objects.get(pk=user.pk)
    assert (person.major, person.mobile) == ("机械", "16900000009")
    assert (saved.request, saved.withdrawn, state_of(user)) == (None, False, ReviewState.APPROVED)
    assert ReviewRequest.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"education": "14"}, {"degree": "3"}, {"title_level": "412"}, {"position": "主任"}],
    ids=lambda change: next(iter(change)),
)
def test_each_reviewed_field_asks_for_a_review(change, world):
    user = make.make_person(unit=world.unit, department=world.software).user

    request = submit(user, world.unit, world.software, **change)

    assert {name: getattr(request, name) for name in change} == change
    assert state_of(user) == ReviewState.PENDING


def test_the_first_save_asks_for_a_review_of_everything(world):
    user = make.make_person().user
    assert state_of(user) is None

    submit(user, world.plain)

    assert state_of(user) == ReviewState.PENDING
    assert not Person.objects.get(pk=user.pk).is_approved


def test_a_number_that_the_provider_stated_cannot_be_replaced_by_a_typed_one(world):
    user = make.make_person().user

    request = submit(user, world.plain, id_type="06", id_number="E12345678")

    assert (request.id_type, request.id_number) == ("01", user.id_number)
    assert request.id_digest == user.identity_digest


def test_a_typed_number_is_reviewed_and_grants_nothing(world):
    stated = make.make_manager(make.make_department(world.unit, "材料学院"))
    user = make.make_user()
    user.id_number, user.id_type, user.identity_digest = "", "", ""
    user.save()
    make.make_person(user=user)

    request = submit(user, world.unit, world.software, id_number=stated.id_number)
    decide(world.manager, "approve", request)

    user = again(user)
    assert make.actor_of(user).role == "person"
    assert (user.identity_digest, Person.objects.get(pk=user.pk).id_number) == ("", stated.id_number)


def test_the_approved_record_stays_in_force_while_a_request_waits_and_after_it_was_refused(world):
    user = make.make_person(unit=world.unit, department=world.software).user
    request = submit(user, world.unit, world.software, title_level="412")
    in_force = lambda: (Person.objects.get(pk=user.pk).title_level, Person.objects.get(pk=user.pk).is_approved)  # noqa: E731

    assert in_force() == ("411", True)
    decide(world.manager, "reject", request)
    assert (in_force(), state_of(user)) == (("411", True), ReviewState.REJECTED)
    again = submit(user, world.unit, world.software, title_level="412", position="高工")
    decide(world.manager, "approve", again)
    assert (in_force(), state_of(user)) == (("412", True), ReviewState.APPROVED)
    assert Person.objects.get(pk=user.pk).position == "高工"


def test_saving_again_while_it_waits_replaces_the_request(world):
    user = make.make_person().user
    first = submit(user, world.unit, world.software)

    second = submit(user, world.unit, world.software, position="教授")

    first = again(first)
    assert (first.state, second.state) == (ReviewState.REPLACED, ReviewState.PENDING)
    assert listed_for(world.manager) == [second]


def test_saving_the_same_again_while_it_waits_leaves_the_request(world):
    user = make.make_person().user
    first = submit(user, world.unit, world.software)

    saved = save(user, world.unit, world.software, values={"major": "机械"})

    assert saved.request is None
    assert list(ReviewRequest.objects.filter(state=ReviewState.PENDING)) == [first]


def test_going_back_to_what_is_in_force_takes_a_waiting_request_back(world):
    user = make.make_person().user
    approved = submit(user, world.unit, world.software)
    decide(world.manager, "approve", approved)
    waiting = submit(user, world.unit, world.mechanics, title_level="412")

    saved = save(user, world.unit, world.software)

    waiting = again(waiting)
    assert (saved.request, saved.withdrawn) == (None, True)
    assert (waiting.state, waiting.withdrawn_at is not None) == (ReviewState.REPLACED, True)
    assert state_of(user) == ReviewState.APPROVED
    assert [listed_for(each) for each in (world.manager, world.other_manager)] == [[approved], []]


def test_going_back_to_what_is_in_force_settles_a_refusal(world):
    user = make.make_person(unit=world.unit, department=world.software).user
    refused = submit(user, world.unit, world.software, title_level="412")
    decide(world.manager, "reject", refused)

    saved = save(user, world.unit, world.software)

    refused = again(refused)
    assert (saved.withdrawn, refused.state, state_of(user)) == (True, ReviewState.REJECTED, ReviewState.APPROVED)
    assert save(user, world.unit, world.software).withdrawn is False
    assert submit(user, world.unit, world.software, title_level="412").state == ReviewState.PENDING


def test_an_old_form_saves_nothing(world):
    user = make.make_person().user
    opened = Person.objects.get(pk=user.pk).version
    save(user, world.plain, values={"major": "先保存的"})

    with pytest.raises(services.StalePerson):
        save(user, world.plain, version=opened, values={"major": "后保存的"})

    assert Person.objects.get(pk=user.pk).major == "先保存的"


def test_an_approval_makes_an_open_form_old(world):
    user = make.make_person().user
    request = submit(user, world.plain)
    opened = Person.objects.get(pk=user.pk).version
    decide(world.plain_agent, "approve", request)

    with pytest.raises(services.StalePerson):
        save(user, world.plain, version=opened, position="教授")


def test_an_account_that_is_no_person_saves_nothing(world):
    actor = make.actor_of(world.unit.account)

    with pytest.raises(NeverAllowed, match="只有个人用户"):
        services.save_person(actor=actor, version=1, values={}, reviewed=make.reviewed(world.agent, world.unit))


# Lists and sight -----------------------------------------------------------------------------------------------------


def test_the_old_unit_sees_the_person_until_the_new_one_approves(world):
    user = make.make_person().user
    old = submit(user, world.plain)
    decide(world.plain_agent, "approve", old)
    new = submit(user, world.unit, world.software)
    sees_old = lambda: ReviewRequest.objects.visible_to(make.actor_of(world.plain_agent)).filter(pk=old.pk).exists()  # noqa: E731

    assert (listed_for(world.plain_agent), sees_old()) == ([old], True)
    decide(world.manager, "reject", new)
    assert (listed_for(world.plain_agent), sees_old()) == ([old], True)
    newer = submit(user, world.unit, world.software, position="教授")
    decide(world.manager, "approve", newer)
    assert (listed_for(world.plain_agent), sees_old(), listed_for(world.manager)) == ([], False, [newer])


def test_a_reviewer_lists_only_the_latest_request_of_a_person(world):
    user = make.make_person().user
    decide(world.manager, "reject", submit(user, world.unit, world.software))

    latest = submit(user, world.unit, world.software, position="教授")

    assert listed_for(world.manager) == [latest]


def test_a_refusal_is_back_in_the_list_when_what_replaced_it_went_elsewhere(world):
    user = make.make_person().user
    refused = submit(user, world.unit, world.software)
    decide(world.manager, "reject", refused)
    submit(user, world.unit, world.software, position="教授")

    elsewhere = submit(user, world.unit, world.mechanics)

    assert [listed_for(each) for each in (world.manager, world.other_manager)] == [[refused], [elsewhere]]


def test_what_waits_is_on_top_longest_first_then_the_latest_change(world):
    now = timezone.now()
    ages = [
        ("waits 1", ReviewState.PENDING, 1),
        ("done 9", ReviewState.APPROVED, 9),
        ("waits 5", ReviewState.PENDING, 5),
    ]
    ages.append(("refused 2", ReviewState.REJECTED, 2))
    for name, state, days in ages:
        request = make.make_request(make.make_person(name), world.unit, world.software, state=state)
        at = now - timedelta(days=days)
        ReviewRequest.objects.filter(pk=request.pk).update(submitted_at=at, updated_at=at)

    rows = ReviewRequest.objects.routed_to(make.actor_of(world.manager)).for_list().in_order()

    assert [row.person.name for row in rows] == ["waits 5", "waits 1", "refused 2", "done 9"]
    assert rows.state_counts() == {ReviewState.PENDING: 2, ReviewState.APPROVED: 1, ReviewState.REJECTED: 1}


def test_nobody_without_a_role_finds_anything():
    assert isinstance(ReviewRequest.objects.all(), ReviewRequestQuerySet)
    actor = make.actor_of(make.make_person().user)
    make.make_request(make.make_person(), make.make_unit())

    assert ReviewRequest.objects.visible_to(actor).count() == 0
    assert ReviewRequest.objects.awaiting(actor).count() == 0


# Decisions -----------------------------------------------------------------------------------------------------------


def test_an_approval_tells_the_person(world):
    request = submit(make.make_person().user, world.plain)

    decide(world.plain_agent, "approve", request)

    notice = Notice.objects.get(recipient=request.person.user)
    assert (notice.subject, notice.url) == ("您的个人信息审核已通过", "/person/")


def test_a_refusal_tells_the_person_the_reason(world):
    request = submit(make.make_person().user, world.plain)

    decide(world.plain_agent, "reject", request)

    notice = Notice.objects.get(recipient=request.person.user)
    assert notice.subject == "您的个人信息审核不通过"
    assert notice.body == "驳回原因：职称与证书不一致，请改为副高\n请修改后再次提交。"


def test_every_write_leaves_its_line_in_the_audit_trail(world):
    user = make.make_person().user
    before = len(trail())

    request = submit(user, world.plain)
    decide(world.plain_agent, "reject", request)

    assert trail()[before:] == [
        ("profile_saved", user.pk, None),
        ("profile_submitted", user.pk, world.plain.pk),
        ("profile_decided", world.plain_agent.pk, world.plain.pk),
    ]
    assert AuditEvent.objects.latest("pk").detail == {"action": "reject"}


def test_a_decision_about_a_foreign_request_answers_404(world):
    request = submit(make.make_person().user, world.unit, world.software)

    with pytest.raises(Http404):
        decide(world.other_manager, "approve", request)


def test_an_agent_who_was_replaced_decides_nothing(world):
    request = submit(make.make_person().user, world.plain)
    actor = make.actor_of(world.plain_agent)
    grant_role(
        actor=make.actor_of(world.plain.account),
        role=GrantRole.AGENT,
        unit=world.plain,
        holder_name="新人",
        holder_mobile="16900000001",
        holder_id_number=make.id_number(),
    )

    with pytest.raises(NotNow, match="授权已经结束"):
        services.decide(action=ACTIONS["approve"], request_id=request.pk, actor=actor)

    request = again(request)
    assert request.state == ReviewState.PENDING


# What the database holds ---------------------------------------------------------------------------------------------


def test_the_database_refuses_a_second_open_request(world):
    person = make.make_person()
    make.make_request(person, world.plain)

    with pytest.raises(IntegrityError, match="one_open_request_a_person"), transaction.atomic():
        make.make_request(person, world.plain)


def test_the_database_refuses_a_refusal_without_a_reason(world):
    request = make.make_request(make.make_person(), world.plain, state=ReviewState.REJECTED)

    with pytest.raises(IntegrityError, match="refusal_has_reason"), transaction.atomic():
        ReviewRequest.objects.filter(pk=request.pk).update(reason="")


def test_the_database_refuses_a_decision_without_a_time(world):
    request = make.make_request(make.make_person(), world.plain, state=ReviewState.APPROVED)

    with pytest.raises(IntegrityError, match="decision_has_time"), transaction.atomic():
        ReviewRequest.objects.filter(pk=request.pk).update(decided_at=None)


def test_the_database_refuses_an_approved_record_without_a_unit(world):
    person = make.make_person(unit=world.plain)

    with pytest.raises(IntegrityError, match="approved_person_has_unit"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(unit=None)


def test_people_keep_a_department_from_being_deleted(world):
    make.make_person(unit=world.unit, department=world.software)
    waiting = make.make_person(unit=world.unit, department=world.software)
    make.make_request(waiting, world.unit, world.software, title_level="412")
    make.make_request(make.make_person(), world.unit, world.software)
    make.make_request(make.make_person(), world.unit, world.software, state=ReviewState.REJECTED)

    uses = [use for use in usage.of(world.software) if "个人信息" in use.sentence]

    assert [(use.count, use.sentence) for use in uses] == [(3, "有 3 人的个人信息填写了这个二级单位")]
    assert usage.of(world.mechanics) == []


@pytest.mark.parametrize(
    ("education", "degree", "odd"),
    [
        ("11", "2", False),
        ("11", "3", True),
        ("14", "2", True),
        ("14", "3", False),
        ("31", "4", True),
        ("31", "0", False),
    ],
)
def test_education_and_degree_that_hardly_go_together_are_remarked(education, degree, odd):
    assert bool(contradiction(education, degree)) is odd
