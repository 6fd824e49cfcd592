"""What an uploaded file really is, and the sentence that refuses it."""

import time
import zlib

import pytest
from django.core.exceptions import ValidationError

from tests.uploads import EXE, MB, pdf, picture, png_bomb, uploaded
from zhgg.kit.uploads import checks
from zhgg.kit.uploads.checks import checked
from zhgg.kit.uploads.kinds import JPEG, PDF, PNG, shown_size

LIMITS = {PDF: 10 * MB, JPEG: 10 * MB, PNG: 10 * MB}
DAMAGED = "这个文件已损坏，打不开，请重新生成或重新扫描后再上传"
COMPLEX = "这个文件过于复杂，无法检查，请另存为普通的 PDF 或图片后再上传"


def refusal(name, data, limits=LIMITS):
    with pytest.raises(ValidationError) as caught:
        checked(uploaded(name, data), limits)
    return caught.value.messages[0]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("证书.pdf", pdf(), PDF),
        ("证书.PDF", pdf(pages=30), PDF),
        ("照片.jpg", picture("JPEG"), JPEG),
        ("照片.JPEG", picture("JPEG"), JPEG),
        ("扫描.png", picture("PNG"), PNG),
    ],
)
def test_whole_files_of_the_kinds_taken_pass(name, data, kind):
    upload = checked(uploaded(name, data), LIMITS)

    assert (upload.kind, upload.label, upload.size) == (kind, name, len(data))


def test_exactly_the_limit_passes_and_one_byte_more_does_not():
    assert checked(uploaded("a.pdf", pdf(size=10 * MB)), LIMITS).size == 10 * MB
    assert refusal("a.pdf", pdf(size=10 * MB + 1)) == "PDF 文件不能超过 10 MB，现在是 10.1 MB，请压缩或拆分后再上传"
    assert refusal("a.pdf", pdf(size=11 * MB)) == "PDF 文件不能超过 10 MB，现在是 11 MB，请压缩或拆分后再上传"


def test_each_kind_has_its_own_limit():
    limits = {PDF: 2 * MB, PNG: 100}
    assert checked(uploaded("a.pdf", pdf(size=MB)), limits).kind is PDF
    assert refusal("a.png", picture(size=(400, 400)), limits).startswith("PNG 图片不能超过 100 字节")


def test_an_empty_file_is_refused():
    assert refusal("a.pdf", b"") == "这个文件是空的（0 字节），请重新选择"


def test_other_extensions_are_refused_whatever_is_inside():
    sentence = "只能上传 PDF 文件、JPG 图片、PNG 图片，这个文件以“.exe”结尾，请换一个文件"
    assert refusal("a.exe", pdf()) == sentence
    assert refusal("照片.pdf.exe", pdf()) == sentence
    assert "名称没有扩展名" in refusal("证书", pdf())
    # What the eye reads as 证书exe.pdf.
    assert "以“.exe”结尾" in refusal("证书\u202efdp.exe", pdf())


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", EXE, "文件名以“.pdf”结尾，内容却不是 PDF 文件，请用原来的软件另存为 PDF 后再上传"),
        ("a.png", b"<!DOCTYPE html><script>alert(1)</script>", "内容却不是 PNG 图片"),
        ("a.pdf", picture("PNG"), "内容却是 PNG 图片，请把文件名改为以“.png”结尾再上传"),
        ("a.jpg", picture("PNG"), "内容却是 PNG 图片，请把文件名改为以“.png”结尾再上传"),
        # Polyglots: another kind of file in front of a PDF that readers would still open.
        ("a.pdf", b"<html><script>alert(1)</script>" + pdf(), "内容却不是 PDF 文件"),
        ("a.pdf", b"GIF89a" + pdf(), "内容却不是 PDF 文件"),
        ("a.pdf", EXE + pdf(), "内容却不是 PDF 文件"),
        ("a.pdf", b"PK\x03\x04" + pdf(), "内容却不是 PDF 文件"),
    ],
)
def test_name_and_content_must_agree(name, data, words):
    assert words in refusal(name, data)


@pytest.mark.parametrize("password", ["secret", ""])
def test_an_encrypted_pdf_is_refused_also_one_that_opens_without_asking(password):
    sentence = "这个 PDF 设有密码或使用限制，请取消加密后再上传"
    assert refusal("a.pdf", pdf(password=password)) == sentence


def test_a_pdf_without_a_page_is_refused():
    assert refusal("a.pdf", pdf(pages=0)) == "这个 PDF 一页也没有，请重新生成后再上传"


WHOLE = pdf(pages=3)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-20],
        WHOLE[:100] + b"\0" * 300 + WHOLE[400:],
        b"%PDF-1.7\n" + b"\0" * 500,
        b"%PDF-1.4\n%%EOF",
    ],
    ids=["half", "without its end", "hole in it", "nothing behind the head", "empty"],
)
def test_a_damaged_pdf_is_refused(data):
    assert refusal("a.pdf", data) == DAMAGED


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG"])
def test_a_damaged_picture_is_refused(picture_format):
    data = picture(picture_format, size=(300, 300))
    name = "a.png" if picture_format == "PNG" else "a.jpg"

    assert refusal(name, data[: len(data) // 2]) == DAMAGED
    assert refusal(name, data[:12]) == DAMAGED


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked():
    bomb = png_bomb()
    assert len(bomb) < MB
    began = time.monotonic()

    assert refusal("a.png", bomb) == "图片的像素过多，请缩小到 5,000 万像素以内再上传"
    assert time.monotonic() - began < 5


def test_the_largest_picture_allowed_is_decoded_within_the_limits():
    assert checked(uploaded("a.png", png_bomb(8_000, 6_250)), LIMITS).kind is PNG
    assert refusal("a.png", png_bomb(8_000, 6_251)).startswith("图片的像素过多")


def pages_in_a_ring():
    """A PDF whose page tree contains itself."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R 2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"
    )


def packed_cross_references():
    """A PDF whose table of contents unpacks to gigabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(MB)) for _ in range(1500)) + packer.flush()
    head = b"%PDF-1.5\n"
    return (
        head
        + b"1 0 obj<</Type/XRef/Size 90000000/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length "
        + str(len(packed)).encode()
        + b">>stream\n"
        + packed
        + b"\nendstream endobj\nstartxref\n"
        + str(len(head)).encode()
        + b"\n%%EOF\n"
    )


@pytest.mark.parametrize("hostile", [pages_in_a_ring, packed_cross_references])
def test_a_hostile_pdf_costs_seconds_at_most(hostile):
    began = time.monotonic()

    assert refusal("a.pdf", hostile()) in (DAMAGED, COMPLEX, "这个 PDF 一页也没有，请重新生成后再上传")
    assert time.monotonic() - began < checks.INSPECTION_SECONDS


@pytest.mark.parametrize(
    "script",
    ["while True: pass", "x = [bytes(2**20) for _ in range(4096)]", "import time; time.sleep(99)"],
    ids=["busy", "greedy", "asleep"],
)
def test_an_inspection_that_hits_its_limits_refuses_the_file(monkeypatch, tmp_path, script):
    source = checks.Path(checks.inspector.__file__).read_text()
    endless = tmp_path / "inspector.py"
    endless.write_text(
        source.replace("CPU_SECONDS = 5", "CPU_SECONDS = 1").replace(
            "def inspect(key, data):", f"def inspect(key, data):\n    {script}"
        )
    )
    monkeypatch.setattr(checks.inspector, "__file__", str(endless))
    monkeypatch.setattr(checks, "INSPECTION_SECONDS", 3)

    assert refusal("a.pdf", pdf()) == COMPLEX


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 字节"),
        (1023, "1023 字节"),
        (1024, "1 KB"),
        (860 * 1024, "860 KB"),
        (MB, "1 MB"),
        (MB + 1, "1.1 MB"),
        (200 * MB, "200 MB"),
    ],
)
def test_sizes_read_as_people_say_them(number, words):
    assert shown_size(number) == words
