"""附件: files go up by themselves with script, by a button without, and what is wrong stands beside the file."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE
from tests.uploads import EXE, pdf

pytestmark = pytest.mark.django_db
TITLE = "三峡库区消落带生态修复植物筛选与示范"


def chosen(name, data):
    """A file as the dialog of the browser hands it over."""
    return {"name": name, "mimeType": "application/pdf", "buffer": data}


def open_tab(visitor, title):
    page = visitor.open("/my/")
    page.get_by_role("row").filter(has_text=title).get_by_role(
        "link", name=re.compile("^(编辑|查看|填写)")
    ).first.click()
    if "/edit/" not in page.url:
        page.get_by_role("link", name="编辑").first.click()
    steps = page.locator("details.steps-box")
    if steps.get_attribute("open") is None:
        steps.locator("summary").click()
    steps.get_by_role("link", name=re.compile("附件")).click()
    page.wait_for_url(re.compile("/edit/attachments/"))
    return page


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_good_and_bad_files_chosen_together(visitor, width):
    someone = visitor(width=width).sign_in("person", "杨例溪")
    page = open_tab(someone, TITLE)
    place = page.locator("#kind-99")
    good = f"补充说明-{width}.pdf"

    page.get_by_label("其他：选择要上传的文件").set_input_files(
        [chosen("坏的.pdf", EXE), chosen(good, pdf(size=400_000 + width))]
    )

    expect(place.get_by_role("link", name=re.compile(f"^下载\\s*{good}"))).to_be_visible()
    expect(place.locator(".uploads li")).to_have_count(1)
    expect(place.locator(".uploads")).to_contain_text("内容却不是 PDF 文件")
    expect(page.locator("[data-upload-status]")).to_have_text(f"已上传“{good}”")
    assert someone.flaws() == []
    place.get_by_role("button", name=re.compile("^知道了")).click()
    expect(place.locator(".uploads li")).to_have_count(0)
    with page.expect_file_chooser() as chooser:
        place.get_by_role("link", name=re.compile(f"^替换\\s*{good}")).click()
    chooser.value.set_files(chosen(f"新的{good}", pdf(size=300_000)))
    expect(place.get_by_role("link", name=re.compile(f"^下载\\s*新的{good}"))).to_be_visible()
    expect(place.get_by_role("link", name=re.compile(f"^下载\\s*{good}"))).to_have_count(0)
    place.get_by_role("link", name=re.compile(f"^删除\\s*新的{good}")).click()
    assert someone.flaws() == []
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(f"已删除“新的{good}”。")


def test_a_file_whose_upload_breaks_off_can_be_sent_again(visitor):
    someone = visitor().sign_in("person", "杨例溪")
    page = open_tab(someone, TITLE)
    place = page.locator("#kind-99")
    page.route(
        "**/edit/attachments/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )

    page.get_by_label("其他：选择要上传的文件").set_input_files(chosen("断线.pdf", pdf(size=5_000)))

    expect(place.locator(".uploads")).to_contain_text("网络中断，文件没有上传。")
    page.unroute("**/edit/attachments/")
    place.get_by_role("button", name=re.compile("^重试")).click()
    expect(place.get_by_role("link", name=re.compile("^下载\\s*断线.pdf"))).to_be_visible()
    # The browser itself complains about the request that was broken off on purpose.
    someone.complaints.clear()


def test_without_script_a_button_uploads(visitor):
    page = open_tab(visitor(script=False).sign_in("person", "杨例溪"), TITLE)

    page.get_by_label("其他：选择要上传的文件").set_input_files(chosen("无脚本.pdf", pdf(size=6_000)))
    page.get_by_role("button", name=re.compile("^上传\\s*其他")).click()

    expect(page.get_by_role("status").first).to_contain_text("已上传“无脚本.pdf”。")
    page.get_by_label("其他：选择要上传的文件").set_input_files(chosen("坏的.pdf", EXE))
    page.get_by_role("button", name=re.compile("^上传\\s*其他")).click()
    expect(page.get_by_role("alert")).to_contain_text("这个文件没有保存")
