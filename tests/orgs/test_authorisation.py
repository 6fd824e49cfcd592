"""账号授权: the agent of a unit, named, replaced and ended by the legal account alone."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole, Role
from orgs.models import Grant
from orgs.services.grants import StaleGrant, end_grant, grant_role
from tests import factories as make
from tests.orgs.pages import filled_agent, overlapping, posted, text
from tests.reveals import REASON, asks
from zhgg.kit.masking import mask_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所"])


@pytest.fixture
def client(login, unit):
    return login(unit.account)


def owner(unit):
    return make.actor_of(unit.account)


def name_agent(unit, name="周岚", **options):
    return grant_role(actor=owner(unit), role=GrantRole.AGENT, unit=unit, **filled_agent(name), **options)


def current():
    return Grant.objects.current().agents().get()


# The page ------------------------------------------------------------------------------------------------------------


def test_a_unit_without_an_agent_is_told_what_one_is_for(client):
    page = client.get("/authorisation/")

    assert "还没有授权人" in text(page)
    assert "授权记录" not in text(page)
    assert page.content.decode().count('href="/authorisation/new/"') == 1


def test_an_agent_who_has_never_logged_in_is_shown_as_such_and_masked(client, unit):
    grant = name_agent(unit)

    page = client.get("/authorisation/")

    number = grant.holder_id_number
    assert "待首次登录" in text(page)
    assert "169****0005" in text(page)
    assert f"{number[:6]}********{number[-4:]}" in text(page)
    assert number not in page.content.decode()


def test_after_the_first_login_the_grant_is_in_force(client, login, unit):
    grant = name_agent(unit)
    user = make.make_user("周岚", id_number=grant.holder_id_number)
    login(user).get("/unit/")

    page = text(client.get("/authorisation/"))

    assert "授权中" in page
    assert "待首次登录" not in page
    assert "尚未登录" not in page


def test_the_history_tells_who_was_agent_when_and_how_it_ended(client, unit):
    name_agent(unit, "甲样")
    name_agent(unit, "乙样")
    end_grant(actor=owner(unit), grant=current())
    name_agent(unit, "丙样")

    table = client.get("/authorisation/").context["history"]

    rows = [(row.get_cell("holder_name"), row.get_cell("ended_at"), row.get_cell("by")) for row in table.rows]
    assert [name for name, _, _ in rows] == ["丙样", "乙样", "甲样"]
    assert [ended[-4:] for _, ended, _ in rows] == ["至今", "（结束）", "（更改）"]
    assert {by for _, _, by in rows} == {"法人账号"}


def test_a_manager_named_in_the_same_moment_as_an_agent_ends_is_no_successor(client, unit):
    agent = name_agent(unit)
    end_grant(actor=owner(unit), grant=agent)
    agent.refresh_from_db()
    make.make_manager(unit.made_departments[0])
    Grant.objects.managers().update(started_at=agent.ended_at)

    [row] = client.get("/authorisation/").context["history"].rows

    assert row.get_cell("ended_at").endswith("（结束）")


def test_the_number_is_shown_in_full_on_purpose_and_logged(client, login, unit):
    grant = name_agent(unit)
    what = asks(f"grant-id-number:{grant.pk}", next="/authorisation/")

    page = client.post("/reveal/", what, follow=True)

    assert grant.holder_id_number in text(page)
    event = AuditEvent.objects.get(action="reveal")
    detail = {"field": "grant-id-number", "reason": REASON}
    assert (event.object_label, event.user, event.detail) == ("周岚", unit.account, detail)
    assert login(make.make_unit().account).post("/reveal/", what).status_code == 404


# Who ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["agent", "manager", "person", "bureau", "legal elsewhere"])
def test_nobody_but_the_legal_account_reaches_it_or_ends_it(login, unit, who):
    agent = make.make_agent(unit)
    users = {
        "agent": lambda: agent,
        "manager": lambda: make.make_manager(unit.made_departments[0]),
        "person": lambda: make.make_person(unit=unit).user,
        "bureau": make.make_officer,
        "legal elsewhere": lambda: make.make_unit().account,
    }
    client, grant = login(users[who]()), current()

    posts = {
        "authorisation-new": {"version": grant.pk, **filled_agent("冒名")},
        "authorisation-end": {"seen": grant.pk},
    }
    answers = {name: client.post(reverse(name), form).status_code for name, form in posts.items()}

    # Another unit's legal account has a page of its own there, and nobody to replace on it.
    assert answers == dict.fromkeys(posts, 409 if who == "legal elsewhere" else 404)
    assert Grant.objects.agents().get() == grant
    assert grant.ended_at is None


def test_tabs_by_role(login, unit):
    users = {
        "legal": unit.account,
        "agent": make.make_agent(unit),
        "manager": make.make_manager(unit.made_departments[0]),
        "person": make.make_person(unit=unit).user,
    }

    pages = {who: login(user).get("/unit/" if who == "legal" else "/person/") for who, user in users.items()}
    shown = {who: [tab.label for tab in page.context["site"].tabs] for who, page in pages.items()}

    assert shown == {
        "legal": ["单位信息", "账号授权", "二级单位", "个人信息审核"],
        "agent": ["个人信息", "单位信息", "二级单位", "个人信息审核"],
        "manager": ["个人信息", "个人信息审核"],
        "person": ["个人信息"],
    }


def test_the_reviews_tab_counts_what_waits(client, unit):
    make.make_request(make.make_person(), unit)

    tabs = client.get("/departments/").context["site"].tabs

    assert {tab.label: tab.count for tab in tabs if tab.count} == {"个人信息审核": 1}
    assert [tab.label for tab in tabs if tab.current] == ["二级单位"]


# 【授权】 ------------------------------------------------------------------------------------------------------------


def test_the_named_person_becomes_agent_and_is_told(client, unit):
    user = make.make_user("周岚")
    page = posted(client.get("/authorisation/new/"))

    answer = client.post("/authorisation/new/", {**page, **filled_agent("周岚", user.id_number)}, follow=True)

    actor = make.actor_of(user)
    assert (actor.role, actor.unit_id) == (Role.AGENT, unit.pk)
    assert "已授权周岚。周岚现在就可以办理单位事项，并已收到消息。" in text(answer)
    notice = Notice.objects.get(recipient=user)
    assert notice.subject == f"您已成为{unit.name}的法人单位授权人"


def test_mistakes_keep_everything_typed(client):
    typed = {"version": "0", **filled_agent("周", "110101199003070000"), "holder_mobile": "123"}

    page = client.post("/authorisation/new/", typed)

    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"holder_name", "holder_mobile", "holder_id_number"}
    assert posted(page) == typed
    assert not Grant.objects.exists()


def test_a_manager_is_refused_with_what_can_be_done(client, unit):
    manager = make.make_manager(unit.made_departments[0])
    typed = {"version": "0", **filled_agent(manager.name + "某", manager.id_number)}

    page = client.post("/authorisation/new/", typed)

    assert page.context["form"].errors == {
        "holder_id_number": [
            "此人已是“机器人研究所”的管理人员，不能同时担任法人单位授权人，请换一人，或先为“机器人研究所”更换管理人员。"
        ]
    }
    assert posted(page) == typed


@pytest.mark.parametrize(
    ("id_type", "number", "sentence"),
    [
        ("06", "E1234567*", "护照号码应为 5 至 20 位字母或数字，例如 E12345678，现在是 9 位，请核对"),
        ("02", "E12345678", "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字，例如 H12345678，现在是 9 位，请核对"),
        ("04", "990000199001011111", "港澳居民居住证号码应为 18 位，以 810000 或 820000 开头，现在是 18 位，请核对"),
        ("", "E12345678", "请先选择证件类型"),
    ],
)
def test_a_number_is_checked_as_one_of_the_chosen_type(client, id_type, number, sentence):
    page = client.post("/authorisation/new/", {"version": "0", **filled_agent("周岚", number, id_type)})

    assert page.context["form"].errors["holder_id_number"] == [sentence]
    assert not Grant.objects.exists()


def test_every_document_but_the_unknown_kind_can_be_chosen_and_the_resident_id_is_chosen_already(client):
    field = client.get("/authorisation/new/").context["form"]["holder_id_type"]

    assert [code for code, _ in field.field.choices] == ["", "01", "02", "03", "04", "05", "06", "07"]
    assert field.value() == "01"
    for strange in ("99", "xx", "\x00"):
        page = client.post("/authorisation/new/", {"version": "0", **filled_agent("周岚", "E12345678", strange)})
        assert "所选的项不存在或已停用，请从列表中重新选择" in page.context["form"].errors["holder_id_type"]


def test_the_page_names_the_document_of_the_agent(client):
    client.post("/authorisation/new/", {"version": "0", **filled_agent("周岚", "E12345678", "06")})

    assert f"证件类型 护照 证件号码 {mask_id('E12345678')}" in text(client.get("/authorisation/"))


def test_another_document_of_the_same_person_is_no_repetition(client):
    client.post("/authorisation/new/", {"version": "0", **filled_agent("周岚", "H12345678", "06")})

    client.post("/authorisation/new/", {"version": current().pk, **filled_agent("周岚", "H12345678", "02")})

    assert (current().holder_id_type, Grant.objects.count()) == ("02", 2)


def test_of_another_units_agent_only_that_there_is_a_role_is_told(client):
    elsewhere = make.make_unit()
    busy = make.make_agent(elsewhere)

    page = client.post("/authorisation/new/", {"version": "0", **filled_agent("周岚", busy.id_number)})

    [sentence] = page.context["form"].errors["holder_id_number"]
    assert sentence.startswith("此人已是某个单位的法人单位授权人或二级单位管理人员")
    assert elsewhere.name not in text(page)


def test_the_same_person_again_is_refused_and_a_corrected_phone_is_taken(client, unit):
    grant = name_agent(unit)
    same = {"version": grant.pk, **filled_agent("周岚", grant.holder_id_number)}

    page = client.post("/authorisation/new/", same)
    client.post("/authorisation/new/", {**same, "holder_mobile": "16900000009"})

    assert page.context["form"].errors == {
        "holder_id_number": ["周岚现在就是法人单位授权人，填写的内容没有变化，不必再授权。"]
    }
    assert (current().holder_mobile, Grant.objects.count()) == ("16900000009", 2)


def test_the_former_agent_loses_the_right_with_the_next_request_and_is_told(client, login, unit):
    former = make.make_agent(unit)
    session = login(former)
    before = session.get("/departments/").status_code
    page = client.get("/authorisation/new/")

    client.post("/authorisation/new/", {**posted(page), **filled_agent("周岚")})

    assert f"更改后，{former.name}立即失去法人单位权限。" in text(page)
    assert (before, session.get("/departments/").status_code) == (200, 404)
    assert Notice.objects.get(recipient=former).subject == f"您不再是{unit.name}的法人单位授权人"


# Two windows ---------------------------------------------------------------------------------------------------------


def test_a_window_that_saw_nobody_does_not_replace_whom_the_other_named(client, unit):
    page = posted(client.get("/authorisation/new/"))
    name_agent(unit, "甲样")
    typed = {**page, **filled_agent("乙样")}

    conflict = client.post("/authorisation/new/", typed)

    assert conflict.status_code == 409
    assert "现在的授权人是甲样" in text(conflict)
    assert posted(conflict) == {**typed, "version": current().pk}
    assert current().holder_name == "甲样"

    client.post("/authorisation/new/", posted(conflict))

    assert current().holder_name == "乙样"


def test_a_window_whose_agent_was_ended_meanwhile_says_so(client, unit):
    name_agent(unit)
    page = posted(client.get("/authorisation/new/"))
    end_grant(actor=owner(unit), grant=current())

    conflict = client.post("/authorisation/new/", {**page, **filled_agent("乙样")})

    assert conflict.status_code == 409
    assert "原来的授权已经取消，现在没有授权人。" in text(conflict)
    assert not Grant.objects.current().exists()


@pytest.mark.parametrize("version", ["", "-1", "abc", "1" * 30])
def test_a_broken_version_grants_nothing(client, version):
    page = client.post("/authorisation/new/", {"version": version, **filled_agent("周岚")})

    assert "页面已过期，请重新打开本页后再修改" in text(page)
    assert not Grant.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earlier", [False, True])
def test_two_windows_at_once_leave_the_first_and_tell_the_second_who_it_is(unit, earlier):
    seen = name_agent(unit, "旧样").pk if earlier else 0

    results = overlapping(
        lambda: name_agent(unit, "甲样", seen=seen),
        lambda: name_agent(unit, "乙样", seen=seen),
    )

    assert results[0] == current()
    assert isinstance(results[1], StaleGrant)
    assert results[1].current.holder_name == "甲样"


@pytest.mark.django_db(transaction=True)
def test_replacing_somebody_who_is_ended_in_the_same_moment_says_so_and_ends_them_once(unit):
    agent = name_agent(unit, "旧样")

    results = overlapping(
        lambda: end_grant(actor=owner(unit), grant=agent), lambda: name_agent(unit, "乙样", seen=agent.pk)
    )

    assert results[0] is True
    assert isinstance(results[1], StaleGrant)
    assert results[1].current is None
    assert not Grant.objects.current().exists()
    assert AuditEvent.objects.filter(action="grant_ended").count() == 1


# 【取消授权】 ---------------------------------------------------------------------------------------------------------


def test_ending_asks_first_and_then_takes_the_right_at_once(client, login, unit):
    agent = make.make_agent(unit)
    session = login(agent)

    asked = client.get("/authorisation/end/")
    before = session.get("/unit/").status_code
    answer = client.post("/authorisation/end/", {"seen": current().pk}, follow=True)

    assert f"取消“{agent.name}”的授权？" in text(asked)
    assert "立即失去法人单位权限，已经登录的也立即失效" in text(asked)
    assert (before, session.get("/unit/").status_code) == (200, 404)
    assert f"已取消{agent.name}的授权" in text(answer)
    assert "还没有授权人" in text(answer)


@pytest.mark.parametrize("seen", ["former", "", "abc", "0"])
def test_ending_another_than_the_one_seen_ends_nobody(client, unit, seen):
    former = name_agent(unit, "甲样")
    name_agent(unit, "乙样")

    answer = client.post("/authorisation/end/", {"seen": former.pk if seen == "former" else seen})

    assert answer.status_code == 409
    assert "现在的授权人是乙样。没有取消任何授权。" in answer.content.decode()
    assert current().holder_name == "乙样"


def test_ending_without_an_agent_leads_back(client):
    assert client.get("/authorisation/end/").headers["Location"] == "/authorisation/"
    answer = client.post("/authorisation/end/", {"seen": "1"})
    assert (answer.status_code, "现在没有授权人" in answer.content.decode()) == (409, True)
