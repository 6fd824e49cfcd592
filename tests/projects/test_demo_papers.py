"""The PDFs of the demo are real ones."""

from io import BytesIO

from pypdf import PdfReader

from projects.demo.papers import demo_pdf, upload_of
from zhgg.kit.uploads.checks import checked
from zhgg.kit.uploads.kinds import MB, PDF


def test_a_demo_pdf_opens_and_shows_its_title():
    reader = PdfReader(BytesIO(demo_pdf("合作协议：山地低空物流")), strict=True)

    assert len(reader.pages) == 1
    assert reader.pages[0].extract_text() == "合作协议：山地低空物流（演示文件，内容虚构）"
    assert demo_pdf("甲") == demo_pdf("甲") != demo_pdf("乙")


def test_a_demo_pdf_passes_the_check_of_uploads():
    upload = upload_of("合作协议.pdf", "合作协议")

    assert checked(upload.file, {PDF: MB}).size == upload.size
