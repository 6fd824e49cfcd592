"""Units, 二级单位 and grants in the Django admin: to look at, and to change through the services alone."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, User
from orgs.enums import Role
from orgs.models import Department, Grant, Unit
from tests import factories as make

pytestmark = pytest.mark.django_db

ACCOUNT, LEGAL_REP = "9999990000000006", "990000198501010019"


@pytest.fixture(autouse=True)
def synthetic_numbers(settings):
    settings.ALLOW_SYNTHETIC_IDS = True


@pytest.fixture
def administrator():
    return User.objects.create_staff("root", "long-enough-pass-1", name="样例管理员", superuser=True)


@pytest.fixture
def admin(login, administrator):
    return login(administrator)


@pytest.fixture
def unit():
    return make.make_unit("重庆样例研究院（虚构）", departments=["一所"], legal_rep_id_number=LEGAL_REP)


def address(model, page, *args):
    return reverse(f"admin:orgs_{model}_{page}", args=args)


def grant_form(unit, **changes):
    return {
        "unit": unit.pk,
        "role": "agent",
        "department": "",
        "holder_name": "周岚",
        "holder_mobile": "16900000005",
        "holder_id_type": "01",
        "holder_id_number": make.id_number(),
        **changes,
    }


def mistakes(page):
    return re.findall(r'<ul class="errorlist[^"]*"[^>]*>\s*<li>(.*?)</li>', page.content.decode(), re.DOTALL)


# Who gets in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["unit", "department", "grant"])
def test_only_administrators_get_in(login, unit, model):
    officer = login(make.make_officer())
    owner = login(unit.account)

    assert [visitor.get(address(model, "changelist")).status_code for visitor in (officer, owner)] == [302, 302]


# Units ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"), [("样例研究院", 1), ("{uscc}", 1), ("{uscc_part}", 0), ("没有这个单位", 0)]
)
def test_units_are_found_by_name_and_code(admin, unit, query, found):
    query = query.format(uscc=unit.uscc, uscc_part=unit.uscc[2:12])

    page = admin.get(address("unit", "changelist"), {"q": query})

    assert page.context["cl"].result_count == found


def test_a_unit_is_shown_with_masks_and_cannot_be_changed(admin, unit):
    Unit.objects.update(stated=["name", "legal_rep_name"])
    path = address("unit", "change", unit.pk)
    page = admin.get(path).content.decode()

    posted = admin.post(path, {"name": "冒名单位", "uscc": "x", "bank_account": "1"})

    assert "9999 **** **** 0006" in page
    assert "990000********0019" in page
    assert ACCOUNT not in page
    assert LEGAL_REP not in page
    assert "单位名称、法定代表人" in page
    assert posted.status_code == 403
    assert (Unit.objects.get().name, Unit.objects.get().bank_account) == ("重庆样例研究院（虚构）", ACCOUNT)


@pytest.mark.parametrize(
    ("model", "page"), [("unit", "add"), ("unit", "delete"), ("department", "delete"), ("grant", "delete")]
)
def test_nothing_is_made_or_deleted_past_the_services(admin, unit, model, page):
    make.make_agent(unit)
    row = {"unit": Unit, "department": Department, "grant": Grant}[model].objects.get()

    response = admin.post(address(model, page, *([row.pk] if page == "delete" else [])), {"post": "yes"})

    assert response.status_code == 403
    assert (Unit.objects.count(), Department.objects.count(), Grant.objects.count()) == (1, 1, 1)


# 二级单位 ------------------------------------------------------------------------------------------------------------


def test_a_department_is_added(admin, administrator, unit):
    response = admin.post(address("department", "add"), {"unit": unit.pk, "name": "二所"})

    made = Department.objects.get(name="二所")
    assert (response.status_code, response["Location"]) == (302, address("department", "changelist"))
    assert (made.unit, made.name_key) == (unit, "二所")
    event = AuditEvent.objects.get(action="department_created")
    assert (event.user, event.unit_id) == (administrator, unit.pk)


def test_a_taken_name_is_a_mistake_in_the_form(admin, unit):
    page = admin.post(address("department", "add"), {"unit": unit.pk, "name": "一 所"})

    assert (page.status_code, mistakes(page)) == (200, ["本单位已有名为“一 所”的二级单位，请换一个名称。"])


def test_a_department_gets_another_name(admin, unit):
    [department] = unit.made_departments
    path = address("department", "change", department.pk)

    response = admin.post(path, {"name": "第一研究所"})

    assert 'value="一所"' in admin.get(path).content.decode() or response.status_code == 302
    assert Department.objects.get().name == "第一研究所"


def test_a_deleted_department_is_only_shown(admin, unit):
    [department] = unit.made_departments
    end(admin, "department", department)
    path = address("department", "change", department.pk)

    assert admin.get(path).status_code == 200
    assert admin.post(path, {"name": "新名称"}).status_code == 403
    assert Department.objects.get().name == "一所"


def test_an_unknown_department_leads_back(admin):
    answer = admin.get(address("department", "change", 999), follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "999" in " ".join(str(message) for message in answer.context["messages"])


def end(admin, model, *rows, confirmed=True):
    data = {"action": "end_selected", "_selected_action": [row.pk for row in rows]}
    return admin.post(address(model, "changelist"), {**data, "confirmed": "1"} if confirmed else data, follow=True)


def test_deleting_departments_asks_first_and_says_which_must_stay(admin, unit):
    [used] = unit.made_departments
    free = make.make_department(unit, "二所")
    make.make_person(unit=unit, department=used)

    asked = end(admin, "department", used, free, confirmed=False).content.decode()
    untouched = Department.objects.current().count()
    done = end(admin, "department", used, free)

    assert ("删除所选二级单位？" in asked, "一所（重庆样例研究院（虚构））" in asked, untouched) == (True, True, 2)
    assert sorted(str(message) for message in done.context["messages"]) == [
        "一所：不能删除“一所”：有 1 人的个人信息填写了这个二级单位。",
        "已办理：二所。",
    ]
    assert Department.objects.current().get() == used


# Grants --------------------------------------------------------------------------------------------------------------


def test_an_agent_is_granted(admin, administrator, unit):
    number = make.id_number()

    response = admin.post(address("grant", "add"), grant_form(unit, holder_id_number=number))

    grant = Grant.objects.get()
    assert (response.status_code, response["Location"]) == (302, address("grant", "changelist"))
    assert (grant.role, grant.unit, grant.holder_id_number, grant.started_by) == ("agent", unit, number, administrator)
    assert make.actor_of(make.make_user(id_number=number)).role == Role.AGENT
    assert AuditEvent.objects.get(action="granted").user == administrator


def test_a_manager_is_granted_for_a_department(admin, unit):
    [department] = unit.made_departments

    admin.post(address("grant", "add"), grant_form(unit, role="manager", department=department.pk))

    assert Grant.objects.get().department == department


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "manager"}, "请选择二级单位"),
        ({"role": "nonsense"}, "所选的项不存在或已停用，请重新选择"),
        ({"unit": "999"}, "所选的项不存在或已停用，请重新选择"),
        ({"unit": "x"}, "请选择"),
        ({"unit": "9" * 40}, "请选择"),
        ({"department": "999"}, "所选的项不存在或已停用，请重新选择"),
        ({"holder_name": ""}, "请填写"),
        ({"holder_mobile": "123"}, "应为 11 位数字，现在是 3 位"),
        ({"holder_id_number": "99000019850101001X"}, "最后一位校验码与前 17 位不符，请对照证件逐位核对"),
        ({"holder_id_number": "\x00"}, "居民身份证号码应为 18 位，现在是 1 位"),
    ],
)
def test_mistakes_are_named(admin, unit, changes, message):
    page = admin.post(address("grant", "add"), {**grant_form(unit), **changes})

    assert (page.status_code, mistakes(page)) == (200, [message])
    assert Grant.objects.count() == 0


def test_an_agent_belongs_to_no_department_and_a_manager_to_one_of_the_unit(admin, unit):
    [department] = unit.made_departments
    foreign = make.make_unit("重庆另一样例大学（虚构）", departments=["外所"]).made_departments[0]

    as_agent = admin.post(address("grant", "add"), grant_form(unit, department=department.pk))
    as_stranger = admin.post(address("grant", "add"), grant_form(unit, role="manager", department=foreign.pk))

    assert mistakes(as_agent) == ["法人单位授权人不属于二级单位，请留空"]
    assert mistakes(as_stranger) == ["“外所”是重庆另一样例大学（虚构）的二级单位，请重新选择"]
    assert Grant.objects.count() == 0


def test_somebody_who_holds_a_role_is_a_mistake_in_the_form_and_not_an_error_page(admin, unit):
    manager = make.make_manager(unit.made_departments[0])

    page = admin.post(address("grant", "add"), grant_form(unit, holder_id_number=manager.id_number))

    place = f"“{unit.made_departments[0]}”"
    sentence = f"此人已是{place}的管理人员，不能同时担任法人单位授权人，请换一人，或先为{place}更换管理人员。"
    assert (page.status_code, mistakes(page)) == (200, [sentence])
    assert Grant.objects.count() == 1


def test_grants_are_shown_masked_and_never_changed(admin, unit):
    agent = make.make_agent(unit)
    grant = Grant.objects.get()
    path = address("grant", "change", grant.pk)

    pages = admin.get(address("grant", "changelist")).content.decode() + admin.get(path).content.decode()

    assert agent.id_number not in pages
    assert f"{agent.id_number[:6]}********{agent.id_number[-4:]}" in pages
    assert grant.holder_mobile not in pages
    assert admin.post(path, {"holder_name": "冒名"}).status_code == 403


def test_ending_grants_asks_first_and_takes_the_right_at_once(admin, login, unit):
    agent = make.make_agent(unit)
    session = login(agent)
    grant = Grant.objects.get()

    asked = end(admin, "grant", grant, confirmed=False).content.decode()
    before = session.get("/unit/").status_code
    end(admin, "grant", grant)

    assert ("结束所选授权？" in asked, before, session.get("/unit/").status_code) == (True, 200, 404)
    assert Grant.objects.get().ended_at is not None
    assert "没有可以办理的" in end(admin, "grant", grant, confirmed=False).content.decode()


@pytest.mark.parametrize(("model", "queries"), [("unit", 4), ("department", 4), ("grant", 4)])
@pytest.mark.parametrize("rows", [1, 25])
def test_lists_take_a_fixed_number_of_queries(admin, django_assert_num_queries, model, queries, rows):
    for number in range(rows):
        make.make_manager(make.make_unit(departments=[f"{number}所"]).made_departments[0])
    admin.get(address(model, "changelist"))

    with django_assert_num_queries(queries):
        admin.get(address(model, "changelist"))
