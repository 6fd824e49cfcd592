"""单位查询: what 科技局 finds and sees of units, and how a wrong grant ends."""

from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Notice
from orgs.models import Grant, Unit
from orgs.services.suspension import suspend_unit
from tests import factories as make
from tests.orgs.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(login):
    return login(make.make_officer())


def listed(client, **asked):
    answer = client.get(reverse("bureau-units"), asked)
    assert answer.status_code == 200
    table = answer.context.get("table")
    return [row.record.name for row in table.rows] if table else []


def test_units_are_found_by_part_of_the_name_code_district_and_state(officer):
    plant = make.make_unit("重庆甲虚构（北碚）厂")
    make.make_unit("重庆乙虚构所")
    Unit.objects.filter(name="重庆乙虚构所").update(district="500109")
    suspend_unit(actor=make.actor_of(make.make_officer()), unit=plant, reason="虚假材料")

    assert listed(officer, name="(北碚)") == ["重庆甲虚构（北碚）厂"]
    assert listed(officer, uscc=plant.uscc.lower()) == ["重庆甲虚构（北碚）厂"]
    assert listed(officer, uscc=plant.uscc[:17]) == []
    assert listed(officer, district="500109") == ["重庆乙虚构所"]
    assert listed(officer, state="suspended") == ["重庆甲虚构（北碚）厂"]
    assert listed(officer, state="active") == ["重庆乙虚构所"]


@pytest.mark.parametrize("value", ["\0", "\ud800", "9" * 41, "1e309", "x" * 100_000])
def test_nonsense_is_a_page_and_never_an_error(officer, value):
    for name in ("name", "uscc", "district", "state", "page", "size", "list"):
        raw = quote(value.encode("utf-8", "surrogatepass"))
        answer = officer.get(f"{reverse('bureau-units')}?{name}={raw}")
        assert answer.status_code == 200
        # Either the conditions say what is wrong, or it is a list like any other.
        assert bool(answer.context["form"].errors) != ("table" in answer.context)


@pytest.mark.parametrize("number", [1, 25])
def test_the_list_takes_a_fixed_number_of_queries(officer, number, django_assert_num_queries):
    for _ in range(number):
        make.make_agent(make.make_unit(departments=["甲所"]))

    with django_assert_num_queries(8):
        officer.get(reverse("bureau-units"))


def test_the_page_shows_numbers_masked_and_each_look_is_one_line(officer):
    unit = make.make_unit(departments=["机器人研究所"])
    make.make_agent(unit, make.make_user("周例岚"))
    make.make_manager(unit.made_departments[0], make.make_user("陈例安"))

    officer.get(reverse("bureau-units"))
    page = officer.get(reverse("bureau-unit", args=[unit.pk]))

    words = text(page)
    for shown in (unit.uscc, "周例岚", "陈例安", "机器人研究所", "169****0001", "待审核的个人信息"):
        assert shown in words
    assert unit.bank_account not in page.content.decode()
    [line] = AuditEvent.objects.filter(action="unit_viewed")
    assert (line.unit_id, line.object_id, line.role) == (unit.pk, str(unit.pk), "bureau")


def test_a_wrong_grant_is_ended_with_a_reason_that_everybody_is_told(officer):
    unit = make.make_unit(departments=["机器人研究所"])
    agent = make.make_agent(unit)
    manager = make.make_manager(unit.made_departments[0])
    grant = Grant.objects.current().managers().get()
    address = reverse("bureau-grant-end", args=[grant.pk])

    empty = officer.post(address, {"reason": " "})
    ended = officer.post(address, {"reason": "此人已调离"})
    again = officer.post(address, {"reason": "此人已调离"})

    assert (empty.status_code, ended.status_code, again.status_code) == (200, 302, 409)
    grant = Grant.objects.get(pk=grant.pk)
    assert (grant.ended_at <= timezone.now(), grant.end_reason) == (True, "此人已调离")
    told = {notice.recipient: notice.body for notice in Notice.objects.filter(subject__contains="不再是")}
    assert set(told) == {agent, manager, unit.account}
    assert all("原因：此人已调离。" in body for body in told.values())
    [line] = AuditEvent.objects.filter(action="grant_ended")
    assert line.detail["reason"] == "此人已调离"


def test_a_unit_is_suspended_and_resumed_on_its_page(officer):
    unit = make.make_unit()
    page, suspend, resume = (
        reverse(name, args=[unit.pk]) for name in ("bureau-unit", "bureau-unit-suspend", "bureau-unit-resume")
    )

    assert officer.post(suspend, {"reason": ""}).status_code == 200
    assert officer.post(suspend, {"reason": "虚假材料"}).headers["Location"] == page
    assert "停用，原因：虚假材料" in text(officer.get(page))
    assert officer.get(suspend).status_code == 409
    assert officer.post(resume, {"reason": "已核实"}).headers["Location"] == page
    assert not Unit.objects.get(pk=unit.pk).is_suspended
    assert officer.get(resume).status_code == 409
