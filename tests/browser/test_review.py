"""One 申报书 through 退回 with reasons to tick, its correction, and the difference that both reviewers see."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.django_db
ADDED = "与同类技术相比，本项目的部署成本更低。"
REASON = "项目名称或指南方向不符"
CAST = {
    True: ("卫例刚", "何拟川", "重庆样例大学（虚构）", "仿生柔性夹爪的变刚度机理与控制方法研究"),
    False: ("何试峰", "司马例川", "重庆样例先进技术研究院（虚构）", "特种作业机器人在隧道巡检中的自主导航技术研究"),
}


@pytest.mark.parametrize(
    ("width", "script"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without script"]
)
def test_a_return_with_ticked_reasons_comes_back_with_what_changed(visitor, width, script):
    pi_name, manager_name, unit_name, title = CAST[script]
    pi = visitor(width=width, script=script).sign_in("person", pi_name)
    manager = visitor(width=width, script=script).sign_in("person", manager_name)
    unit = visitor(width=width, script=script).sign_in("legal", unit_name)

    send_back(manager, title)
    correct(pi, title)
    for reviewer, action in ((manager, "项目申报审核（单位）"), (unit, "提交至科技局")):
        see_what_changed(reviewer, title)
        reviewer.page.get_by_role("link", name=action, exact=True).click()
        reviewer.page.get_by_role("button", name=action, exact=True).click()
        expect(reviewer.page.get_by_role("status").first).to_contain_text(title)


def look(visitor):
    """Without scripts there is no axe to look with."""
    if visitor.script:
        visitor.look()


def handle(visitor, title):
    page = visitor.open("/projects/")
    row = page.get_by_role("row").filter(has_text=title)
    row.get_by_role("link", name=re.compile("^处理")).click()
    expect(page.locator("h1")).to_contain_text(title)
    return page


def send_back(manager, title):
    page = handle(manager, title)
    expect(page.get_by_text(re.compile("第 .+ 条，共 .+ 条"))).to_be_visible()
    look(manager)
    page.get_by_role("link", name="退回", exact=True).click()
    page.get_by_label(REASON).check()
    text = page.locator("textarea[name=reason]")
    if manager.script:
        expect(text).to_have_value(REASON)
        page.get_by_label(REASON).uncheck()
        expect(text).to_have_value("")
        page.get_by_label(REASON).check()
        text.fill(f"{REASON}，请调整摘要")
    else:
        text.fill("请调整摘要")
    look(manager)
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("负责人会收到通知和退回原因")


def correct(pi, title):
    page = pi.open("/my/")
    page.locator("table").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_text("请调整摘要").first).to_be_visible()
    expect(page.get_by_text(REASON).first).to_be_visible()
    look(pi)
    page.get_by_role("link", name="去项目基本信息").click()
    abstract = page.locator("textarea[name=abstract]")
    abstract.fill(abstract.input_value() + ADDED)
    page.get_by_role("button", name="检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已提交")


def see_what_changed(reviewer, title):
    page = handle(reviewer, title)
    expect(page.get_by_text("与第 1 次提交相比有 1 处修改")).to_be_visible()
    expect(page.locator("ins").filter(has_text=ADDED)).to_be_visible()
    look(reviewer)
    page.get_by_role("link", name="与上次提交的差异").click()
    expect(page.locator("h1")).to_contain_text("与上次提交的差异")
    expect(page.locator("ins").filter(has_text=ADDED)).to_be_visible()
    look(reviewer)
    page.get_by_role("link", name="返回申报书").click()
