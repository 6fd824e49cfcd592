"""Who acts for a unit: giving and ending the roles, and what the database holds about them."""

from threading import Event

import pytest
from django.db import transaction

from accounts.models import AuditEvent
from orgs.enums import GrantRole, Role
from orgs.models import Grant, Unit
from orgs.services.grants import GRANT_CONFLICTS, end_grant, grant_role
from orgs.services.locks import confirm_authority
from orgs.services.units import save_unit
from tests import factories as make
from tests.orgs.pages import PATIENCE_SECONDS, overlapping
from tests.races import together
from zhgg.kit.errors import NeverAllowed, NotNow


def give(actor, role, unit, department=None, *, number=None, name="周岚"):
    return grant_role(
        actor=actor,
        role=role,
        unit=unit,
        department=department,
        holder_name=name,
        holder_mobile="16900000005",
        holder_id_number=number or make.id_number(),
    )


def legal(unit):
    return make.actor_of(unit.account)


def current():
    return Grant.objects.current().count()


# Giving and ending ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_grant_waits_for_the_first_login_of_its_holder():
    unit, number = make.make_unit(), make.id_number()

    grant = give(legal(unit), GrantRole.AGENT, unit, number=number)
    actor = make.actor_of(make.make_user("周岚", id_number=number))

    assert (actor.role, actor.unit_id, actor.grant_id) == (Role.AGENT, unit.pk, grant.pk)
    assert (grant.holder_name, grant.holder_id_number, grant.started_by) == ("周岚", number, unit.account)


@pytest.mark.django_db
def test_a_new_agent_ends_the_former_one_and_both_stay_on_record():
    unit = make.make_unit()
    first = give(legal(unit), GrantRole.AGENT, unit)

    second = give(legal(unit), GrantRole.AGENT, unit)

    first.refresh_from_db()
    assert (first.ended_at, first.ended_by) == (second.started_at, unit.account)
    assert (second.ended_at, Grant.objects.count(), current()) == (None, 2, 1)


@pytest.mark.django_db
def test_the_former_agent_loses_the_right_with_the_next_request(login):
    unit = make.make_unit()
    agent = make.make_agent(unit)
    open_session = login(agent)
    before = open_session.get("/unit/").status_code

    end_grant(actor=legal(unit), grant=Grant.objects.get())

    assert (before, open_session.get("/unit/").status_code) == (200, 404)


@pytest.mark.django_db
def test_ending_a_grant_twice_keeps_the_first_end():
    unit = make.make_unit()
    grant = give(legal(unit), GrantRole.AGENT, unit)
    end_grant(actor=legal(unit), grant=grant)
    ended_at = Grant.objects.get().ended_at

    end_grant(actor=legal(unit), grant=grant)

    assert Grant.objects.get().ended_at == ended_at
    assert AuditEvent.objects.filter(action="grant_ended").count() == 1


@pytest.mark.django_db
def test_every_grant_and_its_end_are_on_the_trail_without_the_number():
    unit, number = make.make_unit(departments=["一所"]), make.id_number()
    [department] = unit.made_departments
    grant = give(legal(unit), GrantRole.MANAGER, unit, department, number=number)
    end_grant(actor=legal(unit), grant=grant)

    events = AuditEvent.objects.filter(object_type="orgs.grant").order_by("pk")

    assert [event.action for event in events] == ["granted", "grant_ended"]
    assert {event.unit_id for event in events} == {unit.pk}
    assert events[0].detail == {"role": "manager", "department": department.pk}
    assert number not in "".join(f"{event.detail}{event.object_label}" for event in events)


# Who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "agent", "manager"),
    [
        ("legal", True, True),
        ("agent", False, True),
        ("manager", False, False),
        ("person", False, False),
        ("legal elsewhere", False, False),
        ("agent elsewhere", False, False),
    ],
)
def test_who_may_give_and_end_which_role(who, agent, manager):
    unit, elsewhere = make.make_unit(departments=["一所", "二所"]), make.make_unit()
    first, second = unit.made_departments
    users = {
        "legal": lambda: unit.account,
        "agent": lambda: make.make_agent(unit),
        "manager": lambda: make.make_manager(first),
        "person": lambda: make.make_person(unit=unit, department=first).user,
        "legal elsewhere": lambda: elsewhere.account,
        "agent elsewhere": lambda: make.make_agent(elsewhere),
    }
    actor = make.actor_of(users[who]())

    def may(function, **values):
        with transaction.atomic():
            try:
                function(actor=actor, **values)
            except NeverAllowed:
                return False
            finally:
                transaction.set_rollback(True)
        return True

    person = {"holder_name": "周岚", "holder_mobile": "16900000005", "holder_id_number": make.id_number()}
    other_manager = Grant.objects.get(holder_digest=make.make_manager(second).identity_digest)
    assert may(grant_role, role=GrantRole.AGENT, unit=unit, **person) is agent
    assert may(grant_role, role=GrantRole.MANAGER, unit=unit, department=second, **person) is manager
    assert may(end_grant, grant=other_manager) is manager


@pytest.mark.django_db
def test_a_department_of_another_unit_gets_no_manager():
    unit, elsewhere = make.make_unit(), make.make_unit(departments=["一所"])

    with pytest.raises(NeverAllowed):
        give(legal(unit), GrantRole.MANAGER, unit, elsewhere.made_departments[0])

    assert Grant.objects.count() == 0


# What the database holds ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("held", "wanted"), [("agent", "manager"), ("manager", "agent"), ("manager", "manager")])
def test_one_person_has_one_role_in_the_whole_system(held, wanted):
    unit, elsewhere = make.make_unit(departments=["一所"]), make.make_unit(departments=["二所"])
    number = make.id_number()

    def take(role, where):
        department = where.made_departments[0] if role == "manager" else None
        return give(legal(where), role, where, department, number=number)

    take(held, unit)
    with pytest.raises(NotNow) as refusal:
        take(wanted, elsewhere)

    assert refusal.value.message == GRANT_CONFLICTS["one_unit_role_a_person"]
    assert current() == 1


@pytest.mark.django_db
def test_a_refused_change_leaves_the_present_agent_in_office():
    unit, elsewhere = make.make_unit(), make.make_unit()
    agent = make.make_agent(unit)
    busy = make.make_agent(elsewhere)

    with pytest.raises(NotNow):
        give(legal(unit), GrantRole.AGENT, unit, number=busy.id_number)

    assert make.actor_of(agent).role == Role.AGENT


def outcome(results):
    """How many got through, and the sentences of the others."""
    refused = [result.message for result in results if isinstance(result, NotNow)]
    granted = [result for result in results if isinstance(result, Grant)]
    assert len(refused) + len(granted) == len(results), results
    return len(granted), refused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earlier", [0, 1])
def test_two_agents_at_once_leave_one(earlier):
    unit = make.make_unit()
    if earlier:
        give(legal(unit), GrantRole.AGENT, unit)
    one, other = make.id_number(), make.id_number()

    results = overlapping(
        lambda: give(legal(unit), GrantRole.AGENT, unit, number=one),
        lambda: give(legal(unit), GrantRole.AGENT, unit, number=other),
    )

    assert outcome(results) == (1, [GRANT_CONFLICTS["one_agent_a_unit"]])
    assert (current(), Grant.objects.count()) == (1, 1 + earlier)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earlier", [0, 1])
def test_two_managers_of_one_department_at_once_leave_one(earlier):
    unit = make.make_unit(departments=["一所"])
    [department] = unit.made_departments
    if earlier:
        give(legal(unit), GrantRole.MANAGER, unit, department)
    one, other = make.id_number(), make.id_number()

    results = overlapping(
        lambda: give(legal(unit), GrantRole.MANAGER, unit, department, number=one),
        lambda: give(legal(unit), GrantRole.MANAGER, unit, department, number=other),
    )

    assert outcome(results) == (1, [GRANT_CONFLICTS["one_manager_a_department"]])
    assert (current(), Grant.objects.count()) == (1, 1 + earlier)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["agent", "manager"])
def test_one_person_made_agent_and_manager_at_once_is_one_of_them(first):
    unit = make.make_unit(departments=["一所"])
    [department] = unit.made_departments
    number = make.id_number()
    calls = {
        "agent": lambda: give(legal(unit), GrantRole.AGENT, unit, number=number),
        "manager": lambda: give(legal(unit), GrantRole.MANAGER, unit, department, number=number),
    }
    then = "manager" if first == "agent" else "agent"

    results = overlapping(calls[first], calls[then])

    sentence = {
        "agent": "此人已是法人单位授权人，不能同时担任二级单位管理人员，请换一人，或先由法人单位更改授权人。",
        "manager": "此人已是“一所”的管理人员，不能同时担任法人单位授权人，请换一人，或先为“一所”更换管理人员。",
    }[first]
    assert outcome(results) == (1, [sentence])
    assert Grant.objects.get().role == first


@pytest.mark.django_db(transaction=True)
def test_two_units_that_name_the_same_agent_at_once_get_one_and_a_sentence():
    one, other, number = make.make_unit(), make.make_unit(), make.id_number()

    results = together(
        lambda: give(legal(one), GrantRole.AGENT, one, number=number),
        lambda: give(legal(other), GrantRole.AGENT, other, number=number),
    )

    assert outcome(results) == (1, [GRANT_CONFLICTS["one_unit_role_a_person"]])
    assert Grant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_grant_ended_twice_at_once_ends_once():
    unit = make.make_unit()
    make.make_agent(unit)
    grant = Grant.objects.get()

    overlapping(*[lambda: end_grant(actor=legal(unit), grant=grant)] * 2)

    assert AuditEvent.objects.filter(action="grant_ended").count() == 1


# Grants against what is done with them -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_agent_who_was_replaced_while_the_form_was_open_saves_nothing():
    unit = make.make_unit()
    actor = make.actor_of(make.make_agent(unit))
    end_grant(actor=legal(unit), grant=Grant.objects.get())

    with pytest.raises(NotNow) as refusal:
        save_unit(actor=actor, version=1, values={"address": "改过的地址"})

    assert refusal.value.title == "授权已结束"
    assert Unit.objects.get().address == ""


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_grant_waits_for_a_decision_that_is_under_way():
    unit = make.make_unit()
    actor = make.actor_of(make.make_agent(unit))
    order, confirmed = [], Event()

    def decide():
        with transaction.atomic():
            confirm_authority(actor)
            confirmed.set()
            Event().wait(0.5)
            order.append("decided")

    def end():
        confirmed.wait(PATIENCE_SECONDS)
        end_grant(actor=legal(unit), grant=Grant.objects.get())
        order.append("ended")

    assert together(decide, end) == [None, None]
    assert order == ["decided", "ended"]
    assert current() == 0


@pytest.mark.django_db(transaction=True)
def test_a_decision_waits_for_the_end_of_its_grant_and_is_refused():
    unit = make.make_unit()
    actor = make.actor_of(make.make_agent(unit))
    ended = Event()

    def end():
        with transaction.atomic():
            end_grant(actor=legal(unit), grant=Grant.objects.get())
            ended.set()
            Event().wait(0.5)

    def decide():
        ended.wait(PATIENCE_SECONDS)
        return save_unit(actor=actor, version=1, values={"address": "改过的地址"})

    _, refusal = together(end, decide)

    assert isinstance(refusal, NotNow)
    assert refusal.title == "授权已结束"
    assert Unit.objects.get().address == ""


@pytest.mark.django_db(transaction=True)
def test_an_agent_who_saves_and_the_unit_that_replaces_them_do_not_wait_for_each_other():
    """Both lock the grant first and the unit second; the other way round one of them would die of a deadlock."""
    unit = make.make_unit()
    actor = make.actor_of(make.make_agent(unit))
    confirmed = Event()

    def save():
        with transaction.atomic():
            confirm_authority(actor)
            confirmed.set()
            Event().wait(0.5)
            return save_unit(actor=actor, version=1, values={"address": "改过的地址"})

    def replace():
        confirmed.wait(PATIENCE_SECONDS)
        return give(legal(unit), GrantRole.AGENT, unit)

    saved, granted = together(save, replace)

    assert (saved, granted) == (unit, Grant.objects.current().get())
    assert Unit.objects.get().address == "改过的地址"
