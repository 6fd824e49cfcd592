"""系统维护 begins while somebody writes: what they typed waits for them until it is over."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db
REASON = "请补充合作单位的协议"
TITLE = "车路云一体化场景下的边缘计算资源调度研究"


def test_what_is_typed_meanwhile_comes_back_when_it_is_over(visitor, settings):
    settings.MAINTENANCE_READ_SECONDS = 0
    officer = visitor().sign_in_as_staff("kjj")
    manager = visitor(width=PHONE, script=False).sign_in("person", "林例舟")
    page = manager.open("/projects/")
    page.get_by_role("row").filter(has_text=TITLE).get_by_role("link", name=re.compile("^处理")).click()
    page.get_by_role("link", name="退回", exact=True).click()
    page.locator("textarea[name=reason]").fill(REASON)

    begin(officer)
    try:
        page.get_by_role("button", name="退回", exact=True).click()
        expect(page.locator("h1")).to_contain_text("系统正在维护")
        expect(page.locator("main")).to_contain_text("您填写的内容已保留")
        # Who is not logged in is told the same.
        stranger = visitor().open("/login/")
        expect(stranger.get_by_role("complementary", name="系统维护")).to_contain_text("系统正在维护：浏览器试验")
    finally:
        end(officer)

    page.get_by_role("link", name="返回原来的页面").click()
    expect(page.get_by_text("没有办理的内容已恢复")).to_be_visible()
    expect(page.locator("textarea[name=reason]")).to_have_value(REASON)
    page.get_by_role("button", name="放弃恢复的内容").click()
    # That the answer was no page is what the browser complains about, and nothing else.
    assert all("503" in complaint for complaint in manager.complaints)
    manager.complaints.clear()


def begin(officer):
    page = officer.open("/bureau/maintenance/")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("预计结束")
    officer.look()
    page.locator("[name=ends_at]").fill("2099-01-01T08:00")
    page.locator("[name=message]").fill("浏览器试验")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("正在维护，由样例科员")).to_be_visible()
    officer.look()


def end(officer):
    page = officer.open("/bureau/maintenance/end/")
    page.get_by_role("button", name="结束维护").click()
    expect(page.get_by_text("浏览器试验")).to_be_visible()
