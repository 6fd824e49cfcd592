"""单位信息 in view mode."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from accounts.models import AuditEvent, User
from orgs.models import Unit
from tests import factories as make
from tests.reveals import REASON, asks

pytestmark = pytest.mark.django_db

QUERIES = 4


@pytest.fixture
def unit():
    return make.make_unit(
        "重庆样例研究院（虚构）",
        departments=["一所"],
        address="重庆市渝中区样例路 1 号",
        postcode="400010",
        registered_on=date(2017, 4, 18),
        registered_capital=Decimal("1500.5"),
        paid_in_capital=Decimal("0"),
        registration_type="110",
        nature="31",
        legal_rep_name="样例法人",
        legal_rep_id_type="01",
        legal_rep_id_number="990000198501010019",
        new_area="CQ01",
        industry="I65",
        keywords=["智能装备", "工业机器人", "镁合金"],
        updated_by="周岚（法人单位授权人）",
    )


def facts(response):
    """`{label: value}` of all facts of the page, as a reader sees them."""
    pairs = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", response.content.decode(), re.DOTALL)
    return {label: strip_tags(value).strip() for label, value in pairs}


def test_every_field_of_the_guide_stands_there_in_its_order(unit, login):
    response = login(unit.account).get("/unit/")

    assert response.status_code == 200
    assert list(facts(response).items()) == [
        ("单位名称", "重庆样例研究院（虚构）"),
        ("单位所在省市", "重庆市"),
        ("单位地域", "重庆市内"),
        ("单位所在区县", "渝中区"),
        ("通信地址", "重庆市渝中区样例路 1 号"),
        ("邮政编码", "400010"),
        ("注册时间", "2017-04-18"),
        ("注册资本", "1,500.5 万元"),
        ("实收资本", "0 万元"),
        ("统一社会信用代码", unit.uscc),
        ("登记注册类型", "有限责任公司"),
        ("单位性质", "新型研发机构"),
        ("法定代表人", "样例法人"),
        ("法定代表人证件类型", "中华人民共和国居民身份证"),
        ("法定代表人证件号码", "990000********0019显示"),
        ("单位所在新区", "两江新区"),
        ("行业门类", "软件和信息技术服务业（第三产业）"),
        ("单位联系人姓名", "样例联系人"),
        ("单位联系人手机", "169****0001显示"),
        ("单位联系人办公电话", "023-20000001"),
        ("E-mail", "unit@example.com"),
        ("研究领域关键词", "智能装备，工业机器人，镁合金"),
        ("户名", "重庆样例研究院（虚构）"),
        ("开户银行", "样例银行重庆分行"),
        ("银行账号", "9999 **** **** 0006显示"),
        ("银行行号", "999653000014"),
    ]
    assert "更新人：周岚（法人单位授权人）" in response.content.decode()


@pytest.mark.parametrize(
    ("province", "district", "scope", "words"),
    [
        ("510000", "510104", "重庆市外", "锦江区"),
        ("500000", "500112", "重庆市内", "渝北区（已撤销）"),
        ("", "", "未填写", "未填写"),
    ],
)
def test_scope_follows_from_the_province_and_withdrawn_codes_stay_readable(login, province, district, scope, words):
    unit = make.make_unit()
    Unit.objects.filter(pk=unit.pk).update(province=province, district=district)

    shown = facts(login(unit.account).get("/unit/"))

    assert (shown["单位地域"], shown["单位所在区县"]) == (scope, words)


def test_what_is_required_and_empty_is_named_with_the_way_to_fill_it_in(login):
    unit = make.make_unit(complete=False, contact_name="样例联系人", bank_name="样例银行重庆分行")

    page = login(unit.account).get("/unit/").content.decode()

    assert "还有 5 项必填信息未填写：" in page
    links = re.findall(r'<a href="/unit/edit/#id_(\w+)">(.*?)</a>', page)
    assert links == [
        ("contact_mobile", "单位联系人手机"),
        ("contact_phone", "单位联系人办公电话"),
        ("email", "E-mail"),
        ("bank_account", "银行账号"),
        ("bank_code", "银行行号"),
    ]


def test_a_complete_unit_gets_no_note(unit, login):
    assert "必填信息未填写" not in login(unit.account).get("/unit/").content.decode()


@pytest.mark.parametrize("path", ["/unit/", "/unit/edit/"])
def test_who_has_a_unit_page(unit, login, path):
    [department] = unit.made_departments
    officer = make.make_officer()
    statuses = {
        "legal": login(unit.account).get(path).status_code,
        "agent": login(make.make_agent(unit)).get(path).status_code,
        "manager": login(make.make_manager(department)).get(path).status_code,
        "person": login(make.make_person(unit=unit, department=department).user).get(path).status_code,
        "bureau": login(officer).get(path).status_code,
    }

    assert statuses == {"legal": 200, "agent": 200, "manager": 404, "person": 404, "bureau": 404}


def test_everybody_sees_their_own_unit_only(unit, login):
    other = make.make_unit("重庆另一样例大学（虚构）")

    page = login(make.make_agent(other)).get("/unit/").content.decode()

    assert "重庆另一样例大学（虚构）" in page
    assert "重庆样例研究院（虚构）" not in page


def test_a_visitor_is_sent_to_the_login(client):
    response = client.get("/unit/", HTTP_HOST="127.0.0.1")

    assert (response.status_code, response["Location"]) == (302, "/login/?next=/unit/")


def test_a_legal_account_without_a_code_is_told_what_to_do(unit, login):
    User.objects.filter(pk=unit.account.pk).update(uscc="")
    visitor = login(unit.account)

    response = visitor.get("/unit/")

    assert response.status_code == 200
    assert "渝快办没有提供统一社会信用代码" in response.content.decode()
    assert visitor.get("/unit/edit/")["Location"] == "/unit/"


@pytest.mark.parametrize(
    ("kind", "masked", "full"),
    [
        ("unit-bank-account", "9999 **** **** 0006", "9999990000000006"),
        ("unit-legal-rep", "990000********0019", "990000198501010019"),
        ("unit-contact-mobile", "169****0001", "16900000001"),
    ],
)
def test_a_number_is_shown_on_purpose_and_that_is_written_down(unit, login, kind, masked, full):
    visitor = login(make.make_agent(unit))
    before = visitor.get("/unit/").content.decode()

    visitor.post("/reveal/", asks(f"{kind}:{unit.pk}", next="/unit/"))
    after = visitor.get("/unit/").content.decode()

    assert (masked in before, full in before) == (True, False)
    assert (masked in after, full in after) == (False, True)
    event = AuditEvent.objects.get(action="reveal")
    assert (event.object_label, event.unit_id) == ("重庆样例研究院（虚构）", unit.pk)
    assert event.detail == {"field": kind, "reason": REASON}


def test_the_numbers_of_another_unit_cannot_be_shown(unit, login):
    other = make.make_unit()

    response = login(other.account).post("/reveal/", asks(f"unit-bank-account:{unit.pk}"))

    assert response.status_code == 404
    assert AuditEvent.objects.filter(action="reveal").count() == 0


def test_the_page_needs_few_queries(unit, login, django_assert_num_queries):
    visitor = login(unit.account)
    with django_assert_num_queries(QUERIES):
        visitor.get("/unit/")
