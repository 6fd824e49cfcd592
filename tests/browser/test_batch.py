"""批量提交 by both reviewers, in a wide window and on a phone, with script and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.django_db
REASON = "预算不合规或合计不符"
REVIEWERS = {
    "unit": ("legal", "重庆样例大学（虚构）", "提交至科技局", "提交至科技局", "科技局审核"),
    "manager": ("person", "陈样安", "项目申报审核（单位）", "审核通过，提交至单位", "单位审核"),
}


@pytest.mark.parametrize(
    ("width", "script"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without script"]
)
@pytest.mark.parametrize("who", REVIEWERS)
def test_a_reviewer_ticks_is_asked_and_sees_the_result(visitor, who, width, script):
    """One row a time, so that other tests still find something that waits."""
    entrance, label, button, summary, state = REVIEWERS[who]
    someone = visitor(width=width, script=script).sign_in(entrance, label)
    page = someone.open("/projects/")
    box = page.locator(".row-check").last
    name = box.get_attribute("aria-label").removeprefix("选择：")
    flaws = []

    def look():
        # axe is a script of the page: without scripts there is none to look with.
        flaws.extend(someone.flaws() if script else [])

    look()
    box.check()
    look()
    page.get_by_role("button", name="批量提交").click()
    expect(page.locator("h1")).to_contain_text("批量提交")
    expect(page.get_by_text("已选 1 项，其中 1 项可以办理。")).to_be_visible()
    look()
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("请填写").first).to_be_visible()
    page.get_by_label(REASON).check()
    expect(page.locator("textarea[name=reason]")).to_have_value(REASON if script else "")
    look()
    page.get_by_role("button", name=f"{button}（1 项）").click()
    expect(page.get_by_role("status").first).to_contain_text(f"1 项{summary}。")
    row = page.get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text(state)
    look()
    page.get_by_role("link", name="返回列表").click()
    expect(page.locator("h1")).to_contain_text("本单位的项目")
    assert flaws == []


def test_everything_that_waits_is_asked_about_without_ticking_a_row(visitor):
    unit = visitor().sign_in("legal", "重庆样例智能装备有限公司（虚构）")
    page = unit.open("/projects/")
    waiting = page.locator(".row-check").count()

    page.locator(".batchbar input[name=all]").check()
    page.get_by_role("button", name="批量提交").click()

    expect(page.get_by_role("button", name=f"提交至科技局（{waiting} 项）")).to_be_visible()
    page.get_by_role("link", name="取消").click()
    assert page.locator(".row-check").count() == waiting > 0
