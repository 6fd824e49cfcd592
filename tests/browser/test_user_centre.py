"""用户中心 by role: the tabs of S19, and the main task of each tab on a desk and on a phone, with script and without.

Every page on the way, with and without mistakes in its form, is looked at by axe and by the ruler.
"""

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.visitor import DESKTOP, PHONE
from tests.orgs.workbooks import row, workbook

pytestmark = pytest.mark.django_db

UNIVERSITY = ("legal", "重庆样例大学（虚构）")
INSTITUTE = ("legal", "重庆样例先进技术研究院（虚构）")
COMPANY = ("legal", "重庆样例智能装备有限公司（虚构）")
PHARMA = ("legal", "重庆样例生物医药有限公司（虚构）")
AGENT, AGENT_OF_COMPANY, MANAGER = ("person", "周例言"), ("person", "严例诚"), ("person", "陈样安")
PI, NEWCOMER = ("person", "张样明"), ("person", "章测如")

UNIT_TABS = {
    "单位信息": "/unit/",
    "账号授权": "/authorisation/",
    "二级单位": "/departments/",
    "个人信息审核": "/reviews/",
}
PERSON_TAB = {"个人信息": "/person/"}
EVERY_TAB = UNIT_TABS | PERSON_TAB
TABS = [
    (UNIVERSITY, UNIT_TABS),
    (AGENT, PERSON_TAB | {label: path for label, path in UNIT_TABS.items() if label != "账号授权"}),
    (MANAGER, PERSON_TAB | {"个人信息审核": "/reviews/"}),
    (PI, PERSON_TAB),
    (NEWCOMER, PERSON_TAB),
]
# Pages are looked at in both sizes wherever there is script: axe needs it.
WAYS = [(PHONE, True), (DESKTOP, False)]
BOTH_WAYS = pytest.mark.parametrize(("width", "script"), WAYS, ids=["phone", "desk-without-script"])


def field(page, label):
    """The control that the label belongs to; a star or a remark may stand after the words."""
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\*|选填|需审核|$)"))


def fill(page, **typed):
    for label, value in typed.items():
        control = field(page, label)
        (control.select_option if control.evaluate("e => e.tagName") == "SELECT" else control.fill)(value)


def press(visitor, button):
    """Press a button of the page and look at what comes."""
    visitor.page.get_by_role("button", name=button, exact=True).click()
    look(visitor)


def look(visitor):
    if visitor.script:
        visitor.look()


def expect_mistakes(visitor, number):
    """The summary on top names as many, the title says so, and each leads to its field."""
    page = visitor.page
    expect(page.get_by_role("alert").first).to_contain_text(f"有 {number} 处需要修改")
    assert page.title().startswith(f"有 {number} 处需要修改 - ")
    for link in page.get_by_role("alert").first.get_by_role("link").all():
        assert page.locator(link.get_attribute("href")).count() == 1


def expect_done(visitor, words):
    expect(visitor.page.get_by_role("status").first).to_contain_text(words)


# Tabs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "tabs"), TABS, ids=[label for (_, label), _ in TABS])
def test_the_tabs_of_a_role_lead_where_they_say_and_to_nothing_else(visitor, who, tabs):
    someone = visitor(width=PHONE).sign_in(*who)
    page = someone.open(next(iter(tabs.values())))
    navigation = page.get_by_role("navigation", name="用户中心").locator(".tabs a")
    assert [re.split(r"\s", each.strip())[0] for each in navigation.all_inner_texts()] == list(tabs)

    for label, path in tabs.items():
        # With the keyboard: the focus reaches the tab, also one that lies beyond the edge of a phone.
        tab = navigation.filter(has_text=re.compile(rf"^\s*{label}(\s|$)"))
        tab.focus()
        expect(tab).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        expect(page.locator("h1")).to_contain_text(label)
        expect(navigation.filter(has_text=re.compile(rf"^\s*{label}(\s|$)"))).to_have_attribute("aria-current", "page")
        someone.look()

    for label in EVERY_TAB.keys() - tabs.keys():
        assert page.goto(EVERY_TAB[label]).status in (403, 404)
    someone.complaints.clear()


# 账号授权 -------------------------------------------------------------------------------------------------------------


@BOTH_WAYS
def test_the_legal_account_names_replaces_and_ends_its_agent(visitor, width, script):
    unit = visitor(width=width, script=script).sign_in(*INSTITUTE)
    page = unit.open("/authorisation/")
    page.get_by_role("link", name="新增授权").click()
    press(unit, "授权")
    expect_mistakes(unit, 3)
    fill(page, 姓名="样例授权", 手机号码="16900007001", 证件类型="护照", 证件号码="E 1234567*")
    press(unit, "授权")
    expect_mistakes(unit, 1)
    assert field(page, "证件类型").input_value() == "06"
    fill(page, 证件号码="E12345678")
    press(unit, "授权")
    expect_done(unit, "该人员以【个人用户】首次登录后，授权即生效")
    expect(page.get_by_text("待首次登录").first).to_be_visible()

    page.get_by_role("link", name="更改").click()
    look(unit)
    fill(page, 姓名="样例接任", 手机号码="16900007002", 证件号码=make.id_number(90_000 + width))
    press(unit, "授权")
    expect_done(unit, "已授权样例接任")

    page.get_by_role("button", name="显示完整手机号码").click()
    question = page.get_by_role("dialog") if script else page.locator("main")
    expect(question.get_by_role("heading")).to_contain_text("查看完整号码" if script else "查看“样例接任”的手机号码")
    look(unit)
    question.get_by_role("button", name="显示").click()
    expect_mistakes(unit, 1)
    look(unit)
    page.get_by_label("联系本人或联系人").check()
    page.get_by_role("button", name="显示", exact=True).click()
    expect(page.locator(".mask--open")).to_have_text("16900007002")

    page.get_by_role("link", name="取消授权").click()
    look(unit)
    question = page.get_by_role("dialog") if script else page.locator("main")
    expect(question).to_contain_text("取消“样例接任”的授权？")
    question.get_by_role("button", name="取消授权").click()
    expect_done(unit, "已取消样例接任的授权")
    expect(page.get_by_text("还没有授权人")).to_be_visible()
    look(unit)


# 二级单位 -------------------------------------------------------------------------------------------------------------


@BOTH_WAYS
def test_a_department_is_added_found_changed_and_deleted(visitor, width, script):
    name = f"浏览器{'手机' if script else '桌面'}研究所"
    unit = visitor(width=width, script=script).sign_in(*INSTITUTE)
    page = unit.open("/departments/new/")
    press(unit, "保存")
    expect_mistakes(unit, 4)
    manager = {
        "管理人员姓名": "样例新管",
        "管理人员手机": "16900007003",
        "管理人员身份证号码": make.id_number(91_000 + width),
    }
    fill(page, **{"二级单位（部门）名称": name}, **manager)
    press(unit, "保存")
    expect_done(unit, f"已保存“{name}”。管理人员样例新管以【个人用户】首次登录后即可办理")

    if script:
        page.get_by_text("查询条件").click()
    fill(page, **{"二级单位（部门）名称": name[3:]})
    press(unit, "查询")
    page.get_by_role("link", name=name, exact=True).click()
    look(unit)
    page.get_by_role("link", name="编辑").click()
    fill(page, **{"二级单位（部门）名称": "", "管理人员手机": "123"})
    press(unit, "保存")
    expect_mistakes(unit, 2)
    fill(page, **{"二级单位（部门）名称": f"{name}一室", "管理人员手机": "16900007004"})
    press(unit, "保存")
    expect_done(unit, f"已保存“{name}一室”")

    page.get_by_role("link", name=re.compile(rf"删除\s*{name}一室")).click()
    look(unit)
    press(unit, "删除")
    expect_done(unit, f"已删除“{name}一室”")


@BOTH_WAYS
def test_departments_come_from_a_workbook_after_a_preview(visitor, width, script):
    unit = visitor(width=width, script=script).sign_in(*INSTITUTE)
    page = unit.open("/departments/import/")
    press(unit, "上传并预览")
    expect_mistakes(unit, 1)

    kind = "手机" if script else "桌面"
    good = row(f"{kind}导入一所"), row(f"{kind}导入二所")
    for rows, words in (([good[0], row("")], "有 1 行需要修改"), (good, "2 行都可以导入")):
        page.goto("/departments/import/")
        page.get_by_label("文件").set_input_files(
            {"name": "二级单位.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(rows).read()}
        )
        press(unit, "上传并预览")
        expect(page.locator("main")).to_contain_text(words)
    press(unit, "确认导入（2 个）")
    expect_done(unit, "已新增 2 个二级单位")


def test_what_keeps_a_department_from_being_deleted_is_said_with_the_ways_out(visitor):
    agent = visitor().sign_in(*AGENT)
    page = agent.open("/departments/")
    page.get_by_role("link", name=re.compile(r"删除\s*软件学院")).click()
    expect(page.get_by_role("alert")).to_contain_text("人的个人信息填写了这个二级单位")
    agent.look()

    # Somebody was named there and never logged in: the unit sees how many wait.
    agent.open("/departments/")
    page.get_by_role("link", name="环境学院", exact=True).click()
    expect(page.get_by_text("但管理人员魏测澜尚未登录过")).to_be_visible()
    agent.look()


# 单位信息 -------------------------------------------------------------------------------------------------------------


@BOTH_WAYS
def test_a_unit_completes_its_record(visitor, width, script):
    who = COMPANY if script else AGENT_OF_COMPANY
    unit = visitor(width=width, script=script).sign_in(*who)
    page = unit.open("/unit/edit/")
    field(page, "E-mail").fill("not an address")
    field(page, "单位联系人手机").fill("123")
    press(unit, "保存")
    expect_mistakes(unit, 2)
    field(page, "E-mail").fill(f"unit{width}@example.com")
    field(page, "单位联系人手机").fill("16900007005")
    press(unit, "保存")
    expect_done(unit, "已保存")
    expect(page.get_by_text(f"unit{width}@example.com")).to_be_visible()
    look(unit)


# 个人信息 -------------------------------------------------------------------------------------------------------------


@BOTH_WAYS
def test_a_person_changes_what_needs_no_review_and_what_does(visitor, width, script):
    person = visitor(width=width, script=script).sign_in("person", "孙样棋" if script else "吴例")
    page = person.open("/person/edit/")
    field(page, "手机").fill("123")
    field(page, "专业").fill("")
    press(person, "保存并提交审核")
    expect_mistakes(person, 2)
    field(page, "手机").fill("16900007006")
    field(page, "专业").fill("计算机应用")
    field(page, "职务").fill("教授、系主任")
    press(person, "保存并提交审核")
    expect(page.locator("h1")).to_contain_text("待审核")
    expect(page.get_by_text("审核期间，此前审核通过的内容继续有效").first).to_be_visible()
    look(person)


# 个人信息审核 ---------------------------------------------------------------------------------------------------------


def test_a_refusal_without_a_reason_is_asked_for_one(visitor):
    unit = visitor().sign_in(*PHARMA)
    page = unit.open("/reviews/")
    page.get_by_role("link", name=re.compile(r"(审核|查看)\s*邹样宁")).first.click()
    page.get_by_role("link", name="审核不通过").click()
    dialog = page.get_by_role("dialog", name="审核不通过")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    unit.look()
    dialog.get_by_role("button", name="确认").click()
    expect_mistakes(unit, 1)
    unit.look()


@BOTH_WAYS
def test_many_are_decided_at_once_after_a_question_and_with_a_result_for_each(visitor, width, script):
    if script:
        reviewer, names = visitor(width=width).sign_in(*AGENT_OF_COMPANY), ("姜测华", "戚样帆")
    else:
        reviewer, names = visitor(width=width, script=False).sign_in(*MANAGER), ("赵测远", "范样雪")
    page = reviewer.open("/reviews/?state=pending")
    for name in names:
        page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    look(reviewer)
    action = "审核通过" if script else "审核不通过"
    page.get_by_role("button", name=action, exact=True).click()
    expect(page.locator("h1")).to_have_text(f"批量{action}")
    look(reviewer)
    if script:
        page.get_by_role("button", name="审核通过（2 条）").click()
    else:
        page.get_by_role("button", name="确认（2 条）").click()
        expect_mistakes(reviewer, 1)
        field(page, "驳回原因").fill("请补充证明材料后再次提交。")
        page.get_by_role("button", name="确认（2 条）").click()
    expect_done(reviewer, f"2 条{action}" if script else "2 条")
    for name in names:
        expect(page.locator("main")).to_contain_text(name)
    look(reviewer)
