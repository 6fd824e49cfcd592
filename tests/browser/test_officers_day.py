"""A day of 科技局: a call is written, published and extended, a batch is accepted, the figures are read, a list goes
out as Excel."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from python_calamine import load_workbook

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db
CALL = "2099 年度浏览器试验专项（虚构）"
REASON = "系统维护占用了半天受理时间。"
TITLES = "山地城市内涝风险的多尺度评估方法", "新能源汽车一体化压铸智能检测装备研发"


def test_the_day_of_an_officer(visitor):
    officer = visitor().sign_in_as_staff("kjj")

    write_and_publish(officer)
    extend(officer)
    before = accepted_in_figures(officer)
    accept(officer)
    # On a phone too, once.
    officer.page.set_viewport_size({"width": PHONE, "height": 844})
    assert accepted_in_figures(officer) == before + 2
    officer.look()
    export(officer)


def write_and_publish(officer):
    page = officer.open("/bureau/calls/")
    page.get_by_role("link", name="新建批次").click()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("批次名称：请填写")
    # Not open yet, so that nobody else in these tests meets it.
    filled = {
        "name": CALL,
        "kind": "浏览器试验专项",
        "number_prefix": "CSTB2099TEST-",
        "opens_at": moment(3),
        "closes_at": moment(30),
        "review_closes_at": moment(40),
        "guide": "# 申报条件\n\n在渝注册的**法人单位**。",
        "directions": "人工智能",
        "categories": "一般项目",
    }
    for name, value in filled.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("h1")).to_contain_text(CALL)
    expect(page.locator("h1")).to_contain_text("未发布")
    page.get_by_role("link", name="发布", exact=True).click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("h1")).to_contain_text("未开始")


def extend(officer):
    page = officer.page
    page.get_by_role("link", name="延期", exact=True).click()
    for name, value in {"submit_until": moment(31), "review_until": moment(41), "reason": REASON}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_text("延期立即生效，不能撤销。")).to_be_visible()
    page.get_by_role("button", name="延期", exact=True).click()
    expect(page.get_by_role("region", name="办理记录")).to_contain_text(REASON)
    # What people see of it.
    page.get_by_role("link", name="查看申报通知").click()
    expect(page.locator("main")).to_contain_text(f"原因：{REASON}")
    expect(page.locator("main strong")).to_have_text("法人单位")


def accept(officer):
    page = officer.open("/projects/")
    for title in TITLES:
        page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
    page.get_by_role("button", name="批量提交").click()
    page.get_by_role("button", name="受理（2 项）").click()
    expect(page.get_by_role("status").first).to_contain_text("2 项受理。")
    for title in TITLES:
        row = page.get_by_role("listitem").filter(has_text=title)
        expect(row).to_contain_text(re.compile(r"受理编号 SL\d{4}-\d{5}"))


def accepted_in_figures(officer):
    page = officer.open("/figures/")
    words = page.locator(".kpis a").filter(has_text=re.compile("^已受理")).inner_text()
    return int(re.search(r"\d+", words).group())


def export(officer):
    page = officer.open(f"/projects/?q={TITLES[0]}")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出查询结果").click()
    rows = load_workbook(Path(download.value.path())).get_sheet_by_index(0).to_python()
    words = " ".join(str(cell) for row in rows for cell in row)
    assert re.search(r"169\*{4}\d{4}", words)
    assert not re.search(r"169\d{8}", words)


def moment(days):
    """Noon of a day to come, as the browser's field takes it."""
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%d}T12:00"
