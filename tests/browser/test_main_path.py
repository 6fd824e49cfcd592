"""The job that the site is for, done by clicking: from 个人信息 to 受理, in every way it can go."""

import itertools
import re
from datetime import date

import pytest
from playwright.sync_api import expect

from projects.enums import Tab
from tests.browser.filling import fill_in
from tests.full_proposal import FULL
from zhgg.kit.identifiers.synthetic import synthetic_resident_id

pytestmark = pytest.mark.django_db
UNIVERSITY, COMPANY = "重庆样例大学（虚构）", "重庆样例智能装备有限公司（虚构）"
SOFTWARE, COMPUTING = "软件学院", "计算机学院"
CALL = "自然科学基金"
TABS = (Tab.RESEARCH, Tab.TARGETS, Tab.SCHEDULE)
"""What the call asks for between 负责人与成员 and 经费预算."""
SERIAL = itertools.count(1)
MONEY = {
    "source_11": "20",
    "fiscal_1201": "10",
    "fiscal_1301": "6",
    "fiscal_22": "4",
    "basis": "材料费按试验次数测算，劳务费按人月测算，绩效支出在间接费用的上限以内。",
}
ABSTRACT = "面向山地城市楼宇密集、风场复杂、起降点分散的配送场景，研究调度方法并开展示范应用。" * 4
REASON = "技术指标没有可考核的数值，请补充后再次提交。"


def field(page, label):
    """The control that the label belongs to; a star or a remark may stand after the words."""
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\*|选填|需审核|$)"))


def submit_record(visitor, unit, department=None, **typed):
    """【维护个人信息】, from an empty form to 待审核."""
    page = visitor.open("/person/edit/")
    for label, value in typed.items():
        control = field(page, label)
        (control.select_option if control.evaluate("e => e.tagName") == "SELECT" else control.fill)(value)
    field(page, "查找单位").fill("样例")
    page.get_by_role("button", name="查找单位").click()
    page.get_by_role("radio", name=re.compile(re.escape(unit))).check()
    if department:
        page.get_by_role("button", name="选定单位").click()
        field(page, "二级单位（部门）").select_option(department)
    field(page, "最高学历").select_option("博士研究生")
    field(page, "最高学位").select_option("博士")
    field(page, "职称").select_option("副高")
    field(page, "专业").fill("计算机应用")
    field(page, "手机").fill("16900008888")
    field(page, "Email").fill("main.path@example.com")
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.locator("h1")).to_contain_text("待审核")


def approve_record(visitor, name):
    """【审核】 → 【审核通过】 from the list."""
    page = visitor.open("/reviews/")
    page.get_by_role("link", name=re.compile(rf"审核\s*{name}")).click()
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{name}的个人信息审核已通过")


def write_proposal(visitor, title):
    """【我要申报】, every tab that the call asks for, one after the other; leaves the page with 【检查】."""
    page = visitor.open("/calls/")
    page.get_by_role("link", name=re.compile(CALL)).first.click()
    page.get_by_role("button", name="我要申报").click()
    # The demo's 限项: nobody is a member of more than three.
    member = FULL[Tab.TEAM]["members"][0] | {"id_number": synthetic_resident_id(date(1991, 1, 1), next(SERIAL))}
    basics = {"title": title, "direction": "信息科学", "category": "面上项目", "abstract": ABSTRACT}
    for tab, changes in (
        (Tab.BASICS, basics),
        (Tab.TEAM, {"members": [member]}),
        *((tab, {}) for tab in TABS),
        (Tab.BUDGET, None),
    ):
        page.wait_for_url(re.compile(f"/edit/{tab}/"))
        fill_in(page, MONEY if changes is None else FULL[tab] | changes)
        if tab != Tab.BUDGET:
            page.get_by_role("button", name="保存，下一步").click()


def submit_proposal(visitor):
    """【检查】 finds nothing, then 【提交】."""
    page = visitor.page
    page.get_by_role("button", name="检查").click()
    page.get_by_role("button", name="提交", exact=True).click()


def handle(visitor, title, action, reason=""):
    """【处理】 from the list, the action, and its confirmation."""
    page = visitor.open("/projects/")
    row = page.get_by_role("row").filter(has_text=title)
    row.get_by_role("link", name=re.compile("^处理")).click()
    expect(page.locator("h1")).to_contain_text(title)
    page.get_by_role("link", name=action, exact=True).click()
    if reason:
        field(page, f"{action}原因").fill(reason)
    page.get_by_role("button", name=action, exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(title)


def expect_state(visitor, title, state):
    """The PI sees the state on the page of the 申报书, reached from 我的申报."""
    page = visitor.open("/my/")
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1")).to_contain_text(title)
    expect(page.locator("h1")).to_contain_text(state)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_personal_record_to_acceptance_in_a_unit_with_departments(visitor, script):
    name, title = ("喻试安", "浏览器所见的第一份申报书") if script else ("水样", "不用脚本完成的一份申报书")
    pi = visitor(script=script).sign_in("person", name)
    manager = visitor(script=script).sign_in("person", "陈样安")
    unit = visitor(script=script).sign_in("legal", UNIVERSITY)
    bureau = visitor(script=script).sign_in_as_staff("kjj")

    submit_record(pi, UNIVERSITY, SOFTWARE)
    approve_record(manager, name)
    expect(pi.open("/person/").locator("h1")).to_contain_text("审核已通过")

    write_proposal(pi, title)
    submit_proposal(pi)
    expect_state(pi, title, "部门审核")
    handle(manager, title, "项目申报审核（单位）")
    expect_state(pi, title, "单位审核")
    handle(unit, title, "提交至科技局")
    expect_state(pi, title, "科技局审核")
    handle(bureau, title, "受理")
    expect_state(pi, title, "已受理")

    page = pi.open("/messages/")
    expect(page.get_by_role("heading", name=f"{title}：受理")).to_be_visible()


def test_a_proposal_sent_back_is_corrected_and_goes_all_the_way_again(visitor):
    title = "退回一次之后受理的申报书"
    pi = visitor().sign_in("person", "郑拟源")
    manager = visitor().sign_in("person", "林例舟")
    agent = visitor().sign_in("person", "周例言")
    bureau = visitor().sign_in_as_staff("kjj")

    write_proposal(pi, title)
    submit_proposal(pi)
    handle(manager, title, "项目申报审核（单位）")
    handle(agent, title, "退回", reason=REASON)

    expect_state(pi, title, "未提交")
    expect(pi.page.get_by_text(REASON).first).to_be_visible()
    pi.page.get_by_role("link", name="编辑").click()
    field(pi.page, "摘要").fill(ABSTRACT + "定位精度优于 0.5 米。")
    submit_proposal(pi)

    expect_state(pi, title, "部门审核")
    handle(manager, title, "项目申报审核（单位）")
    handle(agent, title, "提交至科技局")
    handle(bureau, title, "受理")
    expect_state(pi, title, "已受理")
    pi.page.get_by_role("link", name="审核记录").click()
    for words in ("提交", "退回", "受理", REASON):
        expect(pi.page.get_by_text(words).first).to_be_visible()


def test_in_a_unit_without_departments_the_unit_does_both_reviews(visitor):
    name, title = "柏例知", "没有二级单位时的一份申报书"
    pi = visitor().sign_in("person", name)
    unit = visitor().sign_in("legal", COMPANY)
    bureau = visitor().sign_in_as_staff("kjj")

    # Their first login: the notice stands before everything else.
    expect(pi.page.get_by_role("heading", name="个人信息保护告知")).to_be_visible()
    pi.page.get_by_role("button", name="我已阅读并知悉").click()
    # 渝快办 stated no 证件号码 about this person, so they type it; sex and birth date follow from it.
    id_number = synthetic_resident_id(date(1990, 12, 8), 2)
    submit_record(pi, COMPANY, 证件类型="中华人民共和国居民身份证", 证件号码=id_number)
    approve_record(unit, name)

    write_proposal(pi, title)
    submit_proposal(pi)
    expect_state(pi, title, "单位审核")
    handle(unit, title, "提交至科技局")
    handle(bureau, title, "受理")
    expect_state(pi, title, "已受理")
