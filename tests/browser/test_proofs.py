"""佐证材料 from the phone of a person whose browser runs no script to the page of the reviewer."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_user_centre import expect_done, expect_mistakes, field
from tests.browser.visitor import PHONE
from tests.uploads import EXE, pdf

pytestmark = pytest.mark.django_db
DEGREE, TITLE = "学位证书.pdf", "职称证书.pdf"


def test_certificates_are_attached_on_a_phone_and_opened_by_the_reviewer(visitor):
    certificate = pdf(size=40_000)
    person = visitor(width=PHONE, script=False).sign_in("person", "张例翔")
    page = person.open("/person/edit/")
    field(page, "职务").fill("正高级工程师")
    field(page, "专业").fill("检验检测")
    attach(page, "学位", DEGREE, certificate)
    attach(page, "职称", TITLE, EXE)
    page.get_by_role("button", name="保存并提交审核").click()

    expect_mistakes(person, 1)
    expect(page.get_by_role("alert").first).to_contain_text("文件名以“.pdf”结尾，内容却不是 PDF 文件")
    expect(field(page, "职务")).to_have_value("正高级工程师")
    expect(page.get_by_text(f"已上传“{DEGREE}”")).to_be_visible()

    attach(page, "职称", TITLE, certificate)
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.locator("h1")).to_contain_text("待审核")

    reviewer = visitor(width=PHONE).sign_in("person", "许拟恒")
    page = reviewer.open("/reviews/")
    page.get_by_role("link", name=re.compile(r"^审核\s*张例翔")).click()
    expect(page.locator("ins").filter(has_text="正高级工程师")).to_be_visible()
    for label in (DEGREE, TITLE):
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile(rf"^下载\s*{label}")).click()
        assert download.value.suggested_filename == label
        assert Path(download.value.path()).read_bytes() == certificate
    reviewer.look()
    page.get_by_role("button", name="审核通过", exact=True).click()
    expect_done(reviewer, "张例翔的个人信息审核已通过")


def attach(page, kind, name, data):
    """Choose a file in the part 佐证材料, as the browser's dialog hands it over."""
    page.locator("#documents + .panel__body").get_by_label(re.compile(kind)).set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": data}
    )
