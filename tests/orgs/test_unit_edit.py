"""【维护单位信息】: what may be changed and what is checked."""

import re
from decimal import Decimal

import pytest

from accounts.models import AuditEvent
from orgs.models import Unit
from orgs.services.units import save_unit
from tests import factories as make
from tests.orgs.unit_form import ACCOUNT, OTHER_ACCOUNT, errors, save, synthetic_numbers, typed, unit

__all__ = ["synthetic_numbers", "unit"]

pytestmark = pytest.mark.django_db


GREY_ALWAYS = ["name", "scope", "uscc", "bank_holder"]


def state(fields, unit):
    """Let 渝快办 have stated these fields."""
    Unit.objects.filter(pk=unit.pk).update(stated=fields)


# Saving ---------------------------------------------------------------------------------------------------------------


def test_what_was_changed_is_saved_and_everything_else_stays(unit, login):
    response = save(login(make.make_agent(unit, make.make_user("周岚"))), postcode="400010", email="new@example.com")

    now = Unit.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/unit/")
    assert (now.postcode, now.email, now.version) == ("400010", "new@example.com", 2)
    assert now.updated_by == "周岚（法人单位授权人）"
    untouched = [field.name for field in Unit._meta.fields if field.name not in CHANGED_WITH_EACH_SAVE]
    assert {name: getattr(now, name) for name in untouched} == {name: getattr(unit, name) for name in untouched}


CHANGED_WITH_EACH_SAVE = ("postcode", "email", "version", "updated_at", "updated_by")


def test_saving_is_on_the_trail_by_the_names_of_the_fields(unit, login):
    save(login(unit.account), postcode="400010", bank_account=OTHER_ACCOUNT, bank_account_again=OTHER_ACCOUNT)

    event = AuditEvent.objects.get(action="unit_saved")
    assert event.detail == {"fields": ["bank_account", "postcode"]}
    assert (event.user, event.role, event.unit_id) == (unit.account, "legal", unit.pk)


def test_saving_says_what_happens_next_and_what_is_still_missing(unit, login):
    visitor = login(unit.account)

    page = visitor.get(save(visitor, postcode="400010")["Location"])

    assert [str(message) for message in page.context["messages"]] == [
        "单位信息已保存。建议再补全：登记注册类型、单位性质、行业门类。"
    ]


def test_saving_without_a_change_changes_nothing(unit, login):
    visitor = login(unit.account)

    page = visitor.get(save(visitor)["Location"])

    assert [str(message) for message in page.context["messages"]] == ["内容没有变化，单位信息保持原样。"]
    assert Unit.objects.get().version == 1
    assert AuditEvent.objects.filter(action="unit_saved").count() == 0


def test_everything_can_be_filled_in(login):
    unit = make.make_unit(complete=False)
    Unit.objects.filter(pk=unit.pk).update(stated=[], province="", district="")
    values = {
        "province": "510000",
        "district": "510104",
        "address": "成都市锦江区样例街 2 号",
        "postcode": "610000",
        "registered_on": "2001-02-03",
        "registered_capital": "1,500.5",
        "paid_in_capital": "０",
        "registration_type": "110",
        "nature": "12",
        "legal_rep_name": "买买提·样例",
        "legal_rep_id_type": "06",
        "legal_rep_id_number": "e12345678",
        "new_area": "CQ00",
        "industry": "C27",
        "contact_name": "样例联系人",
        "contact_mobile": "169 0000 0001",
        "contact_phone": "（028）20000001",
        "email": "someone@example.com",
        "keywords": "智能装备、工业机器人;镁合金，智能装备",
        "bank_name": "样例银行成都分行",
        "bank_account": "9999 9900 0000 0006",
        "bank_account_again": ACCOUNT,
        "bank_code": "999653000014",
    }

    assert save(login(unit.account), **values).status_code == 302

    now = Unit.objects.get()
    assert {name: getattr(now, name) for name in values if name != "bank_account_again"} == {
        **{name: value for name, value in values.items() if name != "bank_account_again"},
        "registered_on": now.registered_on,
        "registered_capital": Decimal("1500.5"),
        "paid_in_capital": Decimal(0),
        "legal_rep_id_number": "E12345678",
        "contact_mobile": "16900000001",
        "contact_phone": "028-20000001",
        "keywords": ["智能装备", "工业机器人", "镁合金"],
        "bank_account": ACCOUNT,
    }
    assert str(now.registered_on) == "2001-02-03"


# Grey fields ----------------------------------------------------------------------------------------------------------


STATED = [
    "address",
    "district",
    "legal_rep_id_number",
    "legal_rep_id_type",
    "legal_rep_name",
    "name",
    "paid_in_capital",
    "province",
    "registered_capital",
    "registered_on",
    "registration_type",
]


FORGED = {
    "name": "冒名单位",
    "uscc": "91990000MATEXT01XL",
    "scope": "重庆市外",
    "bank_holder": "冒名单位",
    "address": "别处的地址 9 号",
    "province": "510000",
    "district": "510104",
    "legal_rep_name": "冒名法人",
    "legal_rep_id_type": "06",
    "legal_rep_id_number": "E12345678",
    "registered_on": "1999-09-09",
    "registered_capital": "1",
    "paid_in_capital": "1",
    "registration_type": "500",
    "stated": "",
    "version_": "9",
    "updated_by": "冒名",
    "id": "1",
    "seal_id": "0",
}


def test_a_forged_post_changes_no_grey_field(unit, login):
    state(STATED, unit)
    before = Unit.objects.values().get()

    response = save(login(unit.account), **FORGED, postcode="400010")

    after = Unit.objects.values().get()
    changed = {name for name in before if name != "legal_rep_id_number" and before[name] != after[name]}
    assert response.status_code == 302
    assert changed == {"postcode", "version", "updated_at", "updated_by"}
    assert Unit.objects.get().legal_rep_id_number == "990000198501010019"


def test_the_service_itself_leaves_stated_and_locked_fields_alone(unit):
    state(STATED, unit)

    save_unit(
        actor=make.actor_of(unit.account),
        version=1,
        values={"address": "别处", "name": "冒名单位", "uscc": "x", "version": 77, "postcode": "400010"},
    )

    now = Unit.objects.get()
    assert (now.address, now.name, now.uscc, now.version) == (unit.address, unit.name, unit.uscc, 2)
    assert now.postcode == "400010"


def grey(page):
    return re.findall(r'<(?:input|textarea)[^>]*name="(\w+)"[^>]*readonly', page.content.decode())


def test_grey_is_what_was_stated_and_who_the_unit_is(unit, login):
    state([], unit)
    assert sorted(grey(login(unit.account).get("/unit/edit/"))) == sorted(GREY_ALWAYS)

    state(STATED, unit)
    assert sorted(grey(login(unit.account).get("/unit/edit/"))) == sorted({*STATED, *GREY_ALWAYS})


def test_a_red_star_stands_at_the_seven_required_fields(unit, login):
    page = login(unit.account).get("/unit/edit/").content.decode()

    starred = re.findall(r'<label for="id_(\w+)">[^<]*<span class="req"', page)
    assert sorted(starred) == sorted(Unit.REQUIRED)


# Rules ----------------------------------------------------------------------------------------------------------------


def test_required_fields_cannot_be_emptied(unit, login):
    page = save(login(unit.account), **dict.fromkeys(Unit.REQUIRED, " "))

    assert page.status_code == 200
    assert errors(page) == {
        "单位联系人姓名": "请填写",
        "单位联系人手机": "请填写",
        "单位联系人办公电话": "请填写",
        "E-mail": "请填写，供科技局联系单位",
        "开户银行": "请填写",
        "银行账号": "请填写",
        "银行行号": "请填写 12 位联行号，可在开户许可证上找到",
    }
    assert "<title>有 7 处需要修改 - 维护单位信息" in " ".join(page.content.decode().split())
    assert Unit.objects.get().version == 1


@pytest.mark.parametrize(
    ("field", "value", "label", "message"),
    [
        ("address", "样例路口", "通信地址", "至少 5 字，现在只有 4 字，请补充"),
        ("postcode", "40001", "邮政编码", "应为 6 位数字，现在是“40001”，请核对"),
        ("postcode", "900000", "邮政编码", "邮政编码不以 9 开头，请核对"),
        ("registered_on", "2099-01-01", "注册时间", "应不晚于今天，请核对"),
        ("registered_on", "2001-02-30", "注册时间", "没有 2001 年 2 月 30 日这一天，请核对"),
        ("registered_capital", "-1", "注册资本", "不能是负数，请填写 0 或正数"),
        ("paid_in_capital", "1.0000001", "实收资本", "小数点后最多 6 位，现在有 7 位"),
        ("legal_rep_name", "张", "法定代表人", "至少 2 个字，现在是 1 个字，请填写完整姓名"),
        ("contact_mobile", "1690000000", "单位联系人手机", "应为 11 位数字，现在是 10 位"),
        (
            "contact_phone",
            "12345",
            "单位联系人办公电话",
            "应为“区号-号码”，例如 023-67035473；有分机时为 023-67035473-801，请核对",
        ),
        ("email", "someone", "E-mail", "应为一个邮箱地址，例如 name@example.com，请核对"),
        ("keywords", "智能装备，机器人", "研究领域关键词", "应为 3 至 5 个关键词，现在是 2 个，请用逗号分隔"),
        (
            "keywords",
            "一一，二二，三三，四四，五五，六六",
            "研究领域关键词",
            "应为 3 至 5 个关键词，现在是 6 个，请用逗号分隔",
        ),
        ("bank_name", "工行", "开户银行", "至少 4 字，现在只有 2 字，请补充"),
        ("bank_account", "1234567", "银行账号", "银行账号应为 8 至 32 位数字，现在是 7 位"),
        ("bank_code", "999653000015", "银行行号", "最后一位校验码与前 11 位不符，请对照开户许可证逐位核对"),
        ("nature", "77", "单位性质", "所选的项不存在或已停用，请从列表中重新选择"),
        ("industry", "nonsense", "行业门类", "所选的项不存在或已停用，请从列表中重新选择"),
        ("district", "510104", "单位所在区县", "不在重庆市内，已列出重庆市的区县，请重新选择"),
        ("district", "500112", "单位所在区县", "不在重庆市内，已列出重庆市的区县，请重新选择"),
        ("legal_rep_id_number", "123", "法定代表人证件号码", "居民身份证号码应为 18 位，现在是 3 位"),
        ("legal_rep_id_type", "06", "法定代表人证件号码", "证件类型已更改，请填写这种证件的号码"),
        ("address", "x" * 300, "通信地址", "最多 200 字，现在有 300 字，请删减"),
        ("address", "样例路\x00 1 号", "通信地址", "第 4 个字是无法显示的控制字符（U+0000），请删除后再保存"),
    ],
)
def test_each_mistake_is_named_and_nothing_is_lost(unit, login, field, value, label, message):
    page = save(login(unit.account), **{field: value, "contact_name": "新联系人"})

    assert page.status_code == 200
    assert errors(page) == {label: message}
    if "\x00" not in value:
        assert typed(page)[field] == ("" if field in ("nature", "industry", "district") else value)
    assert typed(page)["contact_name"] == "新联系人"
    assert Unit.objects.get().version == 1


def test_one_megabyte_in_a_field_is_a_mistake_like_any_other(unit, login):
    page = save(login(unit.account), address="样" * 350_000)

    assert errors(page) == {"通信地址": "最多 200 字，现在有 350,000 字，请删减"}


# Places ---------------------------------------------------------------------------------------------------------------


def districts(page):
    options = re.search(r'<select[^>]*name="district".*?</select>', page.content.decode(), re.DOTALL)[0]
    return re.findall(r'<option value="(\d+)"', options)


def test_another_province_lists_its_own_districts(unit, login):
    page = save(login(unit.account), province="510000")

    assert errors(page) == {"单位所在区县": "不在四川省内，已列出四川省的区县，请重新选择"}
    assert {code[:2] for code in districts(page) if code != unit.district} == {"51"}
    assert typed(page)["province"] == "510000"


def test_a_district_alone_tells_the_province(login):
    unit = make.make_unit()
    Unit.objects.filter(pk=unit.pk).update(province="", district="")

    save(login(unit.account), district="500103")

    assert (Unit.objects.get().province, Unit.objects.get().district) == ("500000", "500103")


def test_a_district_that_was_withdrawn_stays_choosable_where_it_was_stored(unit, login):
    Unit.objects.filter(pk=unit.pk).update(district="500112")
    visitor = login(unit.account)

    page = visitor.get("/unit/edit/")
    response = save(visitor, postcode="400010")

    assert "渝北区（已撤销）" in page.content.decode()
    assert (typed(page)["district"], response.status_code) == ("500112", 302)
    assert Unit.objects.get().district == "500112"


def test_a_withdrawn_district_does_not_move_to_another_province(unit, login):
    Unit.objects.filter(pk=unit.pk).update(district="500112")

    page = save(login(unit.account), province="510000")

    assert errors(page) == {"单位所在区县": "不在四川省内，已列出四川省的区县，请重新选择"}


# Warnings -------------------------------------------------------------------------------------------------------------


def test_what_does_not_fit_together_is_said_after_saving(unit, login):
    visitor = login(unit.account)

    response = save(visitor, postcode="610000", registered_capital="100", paid_in_capital="200", nature="20")
    page = visitor.get(response["Location"])

    assert response.status_code == 302
    assert [(message.level_tag, str(message)) for message in page.context["messages"]] == [
        ("success", "单位信息已保存。建议再补全：登记注册类型、行业门类。"),
        ("warning", "邮政编码 610000 不是重庆市的邮政编码（应以 40 开头），请核对。"),
        ("warning", "实收资本大于注册资本，请核对。"),
        ("warning", "单位性质“高等院校”与统一社会信用代码的开头“91”通常不一致，请核对。"),
    ]
