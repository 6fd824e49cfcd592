"""二级单位: saving one with its manager, also two people at once."""

from threading import Event

import pytest
from django.db import transaction

from accounts.models import Notice
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant
from orgs.services.departments import StaleDepartment, end_department, rename_department, save_department
from orgs.services.grants import FieldConflict, grant_role
from tests import factories as make
from tests.orgs.department_form import client, filled, manager_of, path_of, robots, unit
from tests.orgs.pages import PATIENCE_SECONDS, filled_holder, overlapping, posted, text
from tests.races import together
from zhgg.kit.errors import NotNow

__all__ = ["client", "robots", "unit"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["legal", "agent"])
def test_saving_a_new_one_grants_the_role(login, unit, who):
    user = make.make_user("周岚")
    client = login(unit.account if who == "legal" else make.make_agent(unit))

    answer = client.post("/departments/new/", filled(holder_id_number=user.id_number), follow=True)

    department = Department.objects.get(name="智能传感研究所")
    actor = make.actor_of(user)
    assert (actor.role, actor.department_id) == (Role.MANAGER, department.pk)
    assert "已保存“智能传感研究所”。管理人员周岚现在就可以办理。" in text(answer)
    assert Notice.objects.get(recipient=user).subject == "您已成为智能传感研究所的管理人员"


def test_a_manager_who_has_never_logged_in_is_announced_as_such(client):
    answer = client.post("/departments/new/", filled(), follow=True)

    assert "管理人员周岚以【个人用户】首次登录后即可办理。" in text(answer)
    assert text(answer).count("待首次登录") == 1


def test_mistakes_keep_everything_typed_and_save_nothing(client, unit):
    typed = filled(name="所", holder_name="周", holder_mobile="1690000000", holder_id_number="11010119900307")

    page = client.post("/departments/new/", typed)

    assert page.status_code == 200
    assert [line[1] for line in page.context["form"].error_list] == [
        "二级单位（部门）名称",
        "管理人员姓名",
        "管理人员手机",
        "管理人员身份证号码",
    ]
    assert posted(page) == typed
    assert Department.objects.filter(unit=unit).count() == 1


def test_who_is_the_agent_or_manages_another_is_refused_at_the_field(client, unit, robots):
    agent, manager = make.make_agent(unit), make.make_manager(robots)
    elsewhere = make.make_agent(make.make_unit())
    sentences = {
        agent: "此人已是法人单位授权人，不能同时担任二级单位管理人员，请换一人，或先由法人单位更改授权人。",
        manager: "此人已是“机器人研究所”的管理人员，一人只能管理一个二级单位，请换一人，"
        "或先为“机器人研究所”更换管理人员。",
        elsewhere: "此人已是某个单位的法人单位授权人或二级单位管理人员，一人只能担任一项，请换一人，"
        "或先结束其现有的授权。",
    }

    for user, sentence in sentences.items():
        typed = filled(holder_id_number=user.id_number)
        page = client.post("/departments/new/", typed)
        assert page.context["form"].errors == {"holder_id_number": [sentence]}
        assert posted(page) == typed

    assert [department.name for department in Department.objects.filter(unit=unit)] == ["机器人研究所"]


def test_a_taken_name_is_refused_at_the_field_and_grants_nothing(client, robots):
    page = client.post("/departments/new/", filled(name="机器人 研究所"))

    assert page.context["form"].errors == {"name": ["本单位已有名为“机器人 研究所”的二级单位，请换一个名称。"]}
    assert not Grant.objects.exists()


def test_another_manager_takes_over_what_waits_and_the_former_stays_on_record(client, login, unit, robots):
    former, successor = make.make_manager(robots), make.make_user("周岚")
    request = make.make_request(make.make_person(), unit, robots)
    session = login(former)
    page = posted(client.get(path_of(robots, "edit/")))
    before = session.get(f"/reviews/{request.pk}/").status_code

    client.post(path_of(robots, "edit/"), {**page, **filled_holder("周岚", successor.id_number)})

    assert (before, session.get(f"/reviews/{request.pk}/").status_code) == (200, 404)
    assert login(successor).get(f"/reviews/{request.pk}/").status_code == 200
    assert Grant.objects.filter(department=robots).count() == 2
    assert Notice.objects.get(recipient=former).subject == "您不再是机器人研究所的管理人员"


def test_a_number_left_masked_keeps_the_person_and_saving_unchanged_keeps_the_grant(client, robots):
    user = make.make_manager(robots)
    grant = manager_of(robots)
    page = posted(client.get(path_of(robots, "edit/")))
    assert page["holder_id_number"] == f"{user.id_number[:6]}********{user.id_number[-4:]}"

    client.post(path_of(robots, "edit/"), {**page, "name": "机器人所"})
    robots.refresh_from_db()

    assert (robots.name, manager_of(robots)) == ("机器人所", grant)


def test_a_corrected_phone_begins_the_grant_anew_and_tells_nobody(client, robots):
    user = make.make_manager(robots)
    page = posted(client.get(path_of(robots, "edit/")))

    client.post(path_of(robots, "edit/"), {**page, "holder_mobile": "16900000009"})

    now = manager_of(robots)
    assert (now.holder_mobile, now.holder_id_number) == ("16900000009", user.id_number)
    assert list(Grant.objects.order_by("pk").values_list("holder_mobile", flat=True)) == ["16900000003", "16900000009"]
    assert not Notice.objects.exists()


def test_another_name_over_the_old_number_asks_for_the_number(client, robots):
    user = make.make_manager(robots)
    page = posted(client.get(path_of(robots, "edit/")))

    asked = client.post(path_of(robots, "edit/"), {**page, "holder_name": "周岚"})
    client.post(path_of(robots, "edit/"), {**page, "holder_name": "周岚", "holder_id_number": user.id_number})

    assert asked.context["form"].errors == {
        "holder_id_number": [
            "管理人员姓名已更改：换人的，请填写新管理人员的身份证号码；只更正姓名的，请把原号码重新填写一遍"
        ]
    }
    assert manager_of(robots).holder_name == "周岚"


@pytest.mark.parametrize("other_window", ["manager", "name"])
def test_what_another_window_saved_is_not_undone_silently(client, unit, robots, other_window):
    make.make_manager(robots)
    owner = make.actor_of(unit.account)
    page = posted(client.get(path_of(robots, "edit/")))
    if other_window == "manager":
        number = make.id_number()
        holder = filled_holder("新管理", number)
        grant_role(actor=owner, role=GrantRole.MANAGER, unit=unit, department=robots, **holder)
    else:
        rename_department(actor=owner, department=robots, name="机器人与智能所")
    typed = {**page, **filled_holder("周岚"), "name": "机器人所"}

    conflict = client.post(path_of(robots, "edit/"), typed)

    assert conflict.status_code == 409
    assert {"manager": "管理人员是新管理", "name": "现在的名称是“机器人与智能所”"}[other_window] in text(conflict)
    shown = posted(conflict)
    assert {name: shown[name] for name in ("name", "holder_name", "holder_id_number")} == {
        name: typed[name] for name in ("name", "holder_name", "holder_id_number")
    }
    assert Department.objects.get().name != "机器人所"

    client.post(path_of(robots, "edit/"), shown)

    assert (Department.objects.get().name, manager_of(robots).holder_name) == ("机器人所", "周岚")


@pytest.mark.parametrize("version", ["", "abc", "9" * 30])
def test_a_broken_version_saves_nothing(client, robots, version):
    page = client.post(path_of(robots, "edit/"), filled(version=version, seen_name=robots.name))

    assert page.status_code == 200
    assert "页面已过期，请重新打开本页后再修改" in text(page)
    assert not Grant.objects.exists()


def save(unit, department, *, number=None, name="周岚", seen=0, actor=None):
    return save_department(
        actor=actor or make.actor_of(unit.account),
        unit=unit,
        department=department,
        name=department.name if department else "新所",
        seen_name=department.name if department else "",
        seen_grant=seen,
        **filled_holder(name, number),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("managed", [False, True])
def test_two_windows_that_replace_the_manager_at_once_leave_one_and_tell_the_other(unit, robots, managed):
    seen = 0
    if managed:
        make.make_manager(robots)
        seen = manager_of(robots).pk

    results = overlapping(
        lambda: save(unit, robots, name="甲样", seen=seen), lambda: save(unit, robots, name="乙样", seen=seen)
    )

    assert results[0] == robots
    assert isinstance(results[1], StaleDepartment)
    assert results[1].manager.holder_name == "甲样"
    assert manager_of(robots).holder_name == "甲样"


@pytest.mark.django_db(transaction=True)
def test_saving_and_deleting_do_not_wait_for_each_other(unit, robots):
    """Both lock the grant first and the 二级单位 second; the other way round one of them would die of a deadlock."""
    make.make_manager(robots)
    seen, locked = manager_of(robots).pk, Event()

    def delete():
        with transaction.atomic():
            list(Grant.objects.select_for_update().filter(pk=seen))
            locked.set()
            Event().wait(0.5)
            end_department(actor=make.actor_of(unit.account), department=robots)

    def save_meanwhile():
        locked.wait(PATIENCE_SECONDS)
        return save(unit, robots, seen=seen)

    deleted, refused = together(delete, save_meanwhile)

    assert deleted is None
    assert isinstance(refused, NotNow)
    assert refused.message == "二级单位“机器人研究所”已被删除，不能再办理。"


@pytest.mark.django_db(transaction=True)
def test_one_person_for_two_departments_at_once_gets_one_and_leaves_no_half(unit):
    number = make.id_number()
    agent = make.actor_of(make.make_agent(unit))

    results = overlapping(
        lambda: save(unit, None, number=number),
        lambda: save_department(
            actor=agent, unit=unit, name="另一新所", seen_name="", seen_grant=0, **filled_holder("周岚", number)
        ),
    )

    assert results[0].name == "新所"
    assert isinstance(results[1], FieldConflict)
    assert set(Department.objects.values_list("name", flat=True)) == {"机器人研究所", "新所"}


@pytest.mark.django_db(transaction=True)
def test_a_department_deleted_in_the_same_moment_gets_no_manager(unit, robots):
    results = overlapping(
        lambda: end_department(actor=make.actor_of(unit.account), department=robots), lambda: save(unit, robots)
    )

    assert results[0] is None
    assert isinstance(results[1], NotNow)
    assert results[1].message == "二级单位“机器人研究所”已被删除，不能再办理。"
    assert not Grant.objects.exists()
