"""二级单位: names, and deleting one without losing what refers to it."""

import pytest

from accounts.models import AuditEvent
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant
from orgs.services.departments import add_department, department_name_key, end_department, rename_department
from orgs.services.grants import grant_role
from projects.enums import State
from tests import factories as make
from tests.races import together
from zhgg.kit.errors import NeverAllowed, NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make.make_unit()


@pytest.fixture
def owner(unit):
    return make.actor_of(unit.account)


def test_a_department_is_added_once_whatever_the_width_and_blanks(unit, owner):
    add_department(actor=owner, unit=unit, name="ＡＩ 研究所")

    with pytest.raises(NotNow) as refusal:
        add_department(actor=owner, unit=unit, name="ai研究所")

    assert refusal.value.message == "本单位已有名为“ai研究所”的二级单位，请换一个名称。"
    assert [department.name for department in Department.objects.all()] == ["ＡＩ 研究所"]


def test_another_unit_may_use_the_name_and_so_may_one_after_it_was_deleted(unit, owner):
    other = make.make_unit()
    first = add_department(actor=owner, unit=unit, name="机器人研究所")
    add_department(actor=make.actor_of(other.account), unit=other, name="机器人研究所")
    end_department(actor=owner, department=first)

    second = add_department(actor=owner, unit=unit, name="机器人研究所")

    assert Department.objects.current().filter(unit=unit).get() == second


@pytest.mark.django_db(transaction=True)
def test_the_same_name_twice_at_once_is_added_once(unit, owner):
    results = together(*[lambda: add_department(actor=owner, unit=unit, name="机器人研究所")] * 2)

    assert sorted(type(result).__name__ for result in results) == ["Department", "FieldConflict"]
    assert Department.objects.count() == 1


def test_a_new_name_keeps_the_former_one_on_the_trail(unit, owner):
    department = add_department(actor=owner, unit=unit, name="机器人所")

    rename_department(actor=owner, department=department, name="机器人研究所")
    rename_department(actor=owner, department=department, name="机器人研究所")

    assert Department.objects.get().name_key == department_name_key("机器人研究所")
    event = AuditEvent.objects.get(action="department_saved")
    assert (event.object_label, event.detail, event.unit_id) == ("机器人研究所", {"former_name": "机器人所"}, unit.pk)


def test_a_taken_name_and_a_deleted_department_are_refused(unit, owner):
    one, other = (add_department(actor=owner, unit=unit, name=name) for name in ("一所", "二所"))
    with pytest.raises(NotNow, match="本单位已有名为“二所”的二级单位"):
        rename_department(actor=owner, department=one, name="二所")

    end_department(actor=owner, department=other)
    with pytest.raises(NotNow, match="二级单位“二所”已被删除"):
        rename_department(actor=owner, department=other, name="三所")

    assert [department.name for department in Department.objects.all()] == ["一所", "二所"]


def test_deleting_one_ends_its_managers_right_and_keeps_both_rows(unit, owner):
    department = add_department(actor=owner, unit=unit, name="一所")
    manager = make.make_manager(department)

    end_department(actor=owner, department=department)
    end_department(actor=owner, department=department)

    ended, grant = Department.objects.get(), Grant.objects.get()
    assert (ended.name, grant.ended_by) == ("一所", unit.account)
    assert ended.ended_at == grant.ended_at
    assert make.actor_of(manager).role == Role.PERSON
    assert AuditEvent.objects.filter(action="department_deleted").count() == 1


def test_one_that_people_refer_to_stays(unit, owner):
    department = add_department(actor=owner, unit=unit, name="一所")
    make.make_person(unit=unit, department=department)
    make.make_request(make.make_person(), unit, department)

    with pytest.raises(NotNow) as refusal:
        end_department(actor=owner, department=department)

    assert refusal.value.message == "不能删除“一所”：有 2 人的个人信息填写了这个二级单位。"
    assert Department.objects.get().ended_at is None


def test_one_with_proposals_in_its_review_stays(unit, owner):
    department, elsewhere = (add_department(actor=owner, unit=unit, name=name) for name in ("一所", "二所"))
    pi = make.make_person(unit=unit, department=department)
    make.make_proposal(pi, state=State.DEPARTMENT)
    make.make_proposal(pi, state=State.UNIT)
    make.approve_person(pi, unit, elsewhere)

    with pytest.raises(NotNow) as refusal:
        end_department(actor=owner, department=department)

    assert refusal.value.message == "不能删除“一所”：有 1 份申报书正在它的部门审核。"


def test_a_deleted_department_gets_no_manager(unit, owner):
    department = add_department(actor=owner, unit=unit, name="一所")
    end_department(actor=owner, department=department)

    with pytest.raises(NotNow, match="二级单位“一所”已被删除，不能再办理。"):
        grant_role(
            actor=owner,
            role=GrantRole.MANAGER,
            unit=unit,
            department=department,
            holder_name="周岚",
            holder_mobile="16900000005",
            holder_id_number=make.id_number(),
        )

    assert Grant.objects.count() == 0


@pytest.mark.parametrize(
    ("who", "may"), [("agent", True), ("manager", False), ("person", False), ("legal elsewhere", False)]
)
def test_who_may_set_up_departments(unit, owner, who, may):
    department = add_department(actor=owner, unit=unit, name="一所")
    users = {
        "agent": lambda: make.make_agent(unit),
        "manager": lambda: make.make_manager(department),
        "person": lambda: make.make_person(unit=unit).user,
        "legal elsewhere": lambda: make.make_unit().account,
    }
    actor = make.actor_of(users[who]())

    def allowed(function, **values):
        try:
            function(actor=actor, **values)
        except NeverAllowed:
            return False
        return True

    assert allowed(add_department, unit=unit, name="二所") is may
    assert allowed(rename_department, department=department, name="三所") is may
    assert allowed(end_department, department=department) is may
