"""【维护单位信息】: what may be changed, what is checked, and two people at once."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.utils.html import strip_tags

from accounts.models import AuditEvent, Notice
from orgs.models import Unit
from orgs.services.units import save_unit
from tests import factories as make
from tests.races import together
from zhgg.kit.identifiers import synthetic

pytestmark = pytest.mark.django_db

ACCOUNT, OTHER_ACCOUNT = "9999990000000006", "9999900000000000077"
GREY_ALWAYS = ["name", "scope", "uscc", "bank_holder"]


@pytest.fixture(autouse=True)
def synthetic_numbers(settings):
    settings.ALLOW_SYNTHETIC_IDS = True


@pytest.fixture
def unit():
    return make.make_unit(
        "重庆样例研究院（虚构）",
        address="重庆市渝中区样例路 1 号",
        legal_rep_name="样例法人",
        legal_rep_id_type="01",
        legal_rep_id_number="990000198501010019",
        keywords=["智能装备", "工业机器人", "镁合金"],
    )


def state(fields, unit):
    """Let 渝快办 have stated these fields."""
    Unit.objects.filter(pk=unit.pk).update(stated=fields)


def typed(page):
    """`{name: value}` of every control of the form, as a browser would send it."""
    html = page.content.decode()
    form = re.search(r'<form class="panel".*?</form>', html, re.DOTALL)[0]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in attributes:
            values[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', options)
        values[name] = chosen[1] if chosen else ""
    values.pop("csrfmiddlewaretoken")
    return values


def errors(page):
    """`{label: message}` of the summary above the form."""
    lines = re.findall(r'<li><a href="#\w+">(.*?)</a></li>', page.content.decode())
    return dict(unescape(strip_tags(line)).split("：", 1) for line in lines)


def save(visitor, **changes):
    """Open the form, change what is given, and press 【保存】."""
    values = typed(visitor.get("/unit/edit/"))
    return visitor.post("/unit/edit/", {**values, **changes})


# Saving --------------------------------------------------------------------------------------------------------------


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


# Grey fields ---------------------------------------------------------------------------------------------------------

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


# Rules ---------------------------------------------------------------------------------------------------------------


def test_required_fields_cannot_be_emptied(unit, login):
    page = save(login(unit.account), **dict.fromkeys(Unit.REQUIRED, " "))

    assert page.status_code == 200
    assert errors(page) == {
        "单位联系人姓名": "请填写",
        "单位联系人手机": "请填写",
        "单位联系人办公电话": "请填写",
        "E-mail": "请填写，用于接收审核结果",
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


# Places --------------------------------------------------------------------------------------------------------------


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


# Numbers -------------------------------------------------------------------------------------------------------------


def test_stored_numbers_are_never_in_the_form(unit, login):
    page = login(unit.account).get("/unit/edit/")

    assert typed(page)["bank_account"] == "9999 **** **** 0006"
    assert typed(page)["legal_rep_id_number"] == "990000********0019"
    assert ACCOUNT not in page.content.decode()
    assert "990000198501010019" not in page.content.decode()
    assert "已保存，尾号 0006；不更改请保留原样" in page.content.decode()


@pytest.mark.parametrize(
    ("again", "message"),
    [
        ("", "银行账号已填写或更改，请再输入一遍，以免收款出错"),
        (OTHER_ACCOUNT[:-1] + "8", "与上面的银行账号不一致，请核对两处"),
        (ACCOUNT, "与上面的银行账号不一致，请核对两处"),
    ],
)
def test_another_account_number_is_typed_twice(unit, login, again, message):
    page = save(login(unit.account), bank_account=OTHER_ACCOUNT, bank_account_again=again)

    assert errors(page) == {"再次输入银行账号": message}
    assert typed(page)["bank_account"] == OTHER_ACCOUNT
    assert Unit.objects.get().bank_account == ACCOUNT


def test_the_account_is_encrypted_in_the_database(unit, login):
    save(login(unit.account), bank_account="9999 9000 0000 0000 077", bank_account_again=OTHER_ACCOUNT)

    stored = Unit.objects.values_list("bank_account", flat=True).get()
    assert Unit.objects.get().bank_account == OTHER_ACCOUNT
    assert OTHER_ACCOUNT.encode() not in bytes(stored)


def test_the_other_party_is_told_of_another_account(unit, login):
    agent = make.make_agent(unit, make.make_user("周岚"))

    save(login(agent), bank_account=OTHER_ACCOUNT, bank_account_again=OTHER_ACCOUNT, bank_name="样例银行渝中支行")

    notice = Notice.objects.get()
    assert (notice.recipient, notice.subject, notice.url) == (unit.account, "单位的开户银行、银行账号已更改", "/unit/")
    assert notice.body.startswith("周岚（法人单位授权人）更改了重庆样例研究院（虚构）的开户银行、银行账号。")
    assert OTHER_ACCOUNT not in notice.body


def test_the_agent_is_told_when_the_legal_account_changes_the_bank_code(unit, login):
    agent = make.make_agent(unit)

    save(login(unit.account), bank_code=synthetic.synthetic_cnaps(2))

    assert [(notice.recipient, notice.subject) for notice in Notice.objects.all()] == [(agent, "单位的银行行号已更改")]


def test_nobody_is_told_of_other_changes(unit, login):
    make.make_agent(unit)

    save(login(unit.account), postcode="400010")

    assert Notice.objects.count() == 0


# Two people at once --------------------------------------------------------------------------------------------------


def rows(page):
    table = re.search(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)
    return [
        tuple(unescape(strip_tags(cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL))
        for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    ]


def test_a_form_opened_before_somebody_saved_shows_both_and_wins_on_purpose(unit, login):
    agent = login(make.make_agent(unit, make.make_user("周岚")))
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(
        agent,
        address="重庆市渝中区新路 2 号",
        email="agent@example.com",
        bank_account=OTHER_ACCOUNT,
        bank_account_again=OTHER_ACCOUNT,
    )

    page = owner.post("/unit/edit/", {**opened, "email": "owner@example.com", "postcode": "400010"})

    assert page.status_code == 409
    assert "周岚（法人单位授权人）于" in page.content.decode()
    assert rows(page) == [
        ("通信地址", "重庆市渝中区新路 2 号", "重庆市渝中区样例路 1 号"),
        ("邮政编码", "未填写", "400010"),
        ("E-mail", "agent@example.com", "owner@example.com"),
    ]
    kept = typed(page)
    assert (kept["email"], kept["postcode"], kept["version"]) == ("owner@example.com", "400010", "2")
    assert (Unit.objects.get().email, Unit.objects.get().version) == ("agent@example.com", 2)

    response = owner.post("/unit/edit/", kept)

    now = Unit.objects.get()
    assert response.status_code == 302
    assert (now.email, now.address, now.version) == ("owner@example.com", "重庆市渝中区样例路 1 号", 3)
    assert now.bank_account == OTHER_ACCOUNT


def test_an_account_typed_into_an_outdated_form_is_shown_masked_beside_the_stored_one(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(owner, postcode="400010")

    page = owner.post(
        "/unit/edit/",
        {**opened, "bank_account": OTHER_ACCOUNT, "bank_account_again": OTHER_ACCOUNT, "postcode": "400010"},
    )

    assert rows(page) == [("银行账号", "9999 **** **** 0006", "9999 **** **** 0077")]


@pytest.mark.parametrize("version", ["", "0", "x", "１", "99999999999999999999", None])
def test_a_broken_version_counts_as_outdated(unit, login, version):
    owner = login(unit.account)
    values = {**typed(owner.get("/unit/edit/")), "postcode": "400010", "version": version}

    page = owner.post("/unit/edit/", {name: value for name, value in values.items() if value is not None})

    assert page.status_code == 409
    assert typed(page)["version"] == "1"
    assert Unit.objects.get().postcode == ""


def test_mistakes_in_an_outdated_form_are_named_too(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(owner, postcode="400010")

    page = owner.post("/unit/edit/", {**opened, "email": "nobody"})

    assert page.status_code == 409
    assert errors(page) == {"E-mail": "应为一个邮箱地址，例如 name@example.com，请核对"}


def test_what_became_grey_meanwhile_stays_as_it_was_stated(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    Unit.objects.filter(pk=unit.pk).update(
        address="渝快办给出的地址", stated=["address", "name"], version=2, updated_by="渝快办"
    )

    page = owner.post("/unit/edit/", {**opened, "address": "自己填的地址"})
    response = owner.post("/unit/edit/", {**typed(page), "address": "自己填的地址"})

    assert "渝快办于" in page.content.decode()
    assert response.status_code == 302
    assert Unit.objects.get().address == "渝快办给出的地址"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(unit, login):
    owner, agent = login(unit.account), login(make.make_agent(unit))
    forms = [(visitor, typed(visitor.get("/unit/edit/"))) for visitor in (owner, agent)]

    responses = together(
        *(
            lambda visitor=visitor, values=values, code=code: visitor.post("/unit/edit/", {**values, "postcode": code})
            for (visitor, values), code in zip(forms, ["400010", "400020"], strict=True)
        )
    )

    assert sorted(response.status_code for response in responses) == [302, 409]
    assert Unit.objects.get().version == 2


# Warnings ------------------------------------------------------------------------------------------------------------


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
