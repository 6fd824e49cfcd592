"""通知公告: an officer writes and publishes one, and a unit reads it on a phone without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db

UNIT = "重庆样例大学（虚构）"
TITLE = "浏览器测试发布的公告"


def test_an_officer_publishes_and_a_unit_reads_it_on_a_phone_without_script(visitor):
    officer = visitor().sign_in_as_staff("kjj")
    unit = visitor(width=PHONE, script=False).sign_in("legal", UNIT)
    page = officer.page

    page.get_by_role("link", name="项目管理系统").first.click()
    page.get_by_role("link", name="公告管理").click()
    page.get_by_role("link", name="新建公告").click()
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("法人单位和授权人").check()
    page.locator("#id_body").fill("## 时间\n\n请于**周五**前办理。")
    page.get_by_role("button", name="预览正文").click()
    expect(page.locator("#body-preview strong")).to_have_text("周五")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("还没有发布")
    officer.look()
    unit.open("/")
    expect(unit.page.get_by_role("link", name=TITLE)).to_have_count(0)
    page.get_by_role("link", name="发布", exact=True).click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("status").first).to_contain_text("已发布")

    unit.open("/")
    unit.page.get_by_role("link", name=TITLE).click()
    expect(unit.page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(unit.page.locator("strong", has_text="周五")).to_be_visible()

    page.get_by_role("link", name="收回").click()
    page.get_by_role("button", name="收回").click()
    expect(page.get_by_role("status").first).to_contain_text("现在没有人能看到")
    unit.open("/")
    expect(unit.page.get_by_role("link", name=TITLE)).to_have_count(0)
