"""The kinds of files that are taken here, told apart by their content."""

import math
from dataclasses import dataclass

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True)
class FileKind:
    """One kind: how its content begins, what its name may end in, how it is served and spoken of."""

    key: str
    label: str
    begins: bytes
    extensions: tuple[str, ...]
    content_type: str


PDF = FileKind("pdf", "PDF 文件", b"%PDF-", (".pdf",), "application/pdf")
JPEG = FileKind("jpeg", "JPG 图片", b"\xff\xd8\xff", (".jpg", ".jpeg"), "image/jpeg")
PNG = FileKind("png", "PNG 图片", b"\x89PNG\r\n\x1a\n", (".png",), "image/png")
KINDS = (PDF, JPEG, PNG)
# Both are zip archives, and begin alike: `inspector` looks at what is in them.
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileKind("docx", "Word 文档", b"PK\x03\x04", (".docx",), f"{_OFFICE}wordprocessingml.document")
XLSX = FileKind("xlsx", "Excel 工作簿", b"PK\x03\x04", (".xlsx",), f"{_OFFICE}spreadsheetml.sheet")
OFFICE = (DOCX, XLSX)


def kind_of(head):
    """The kind of a PDF or picture whose content begins with `head`; None for anything else."""
    return next((kind for kind in KINDS if head.startswith(kind.begins)), None)


def shown_size(number):
    """A size in bytes as people read it: 1.2 MB, 860 KB, 12 字节. Rounded up: too much must not look like enough."""
    if number < KB:
        return f"{number} 字节"
    if number < MB:
        return f"{math.ceil(number / KB):,} KB"
    tenths = math.ceil(number * 10 / MB)
    return f"{tenths / 10:,.0f} MB" if tenths % 10 == 0 else f"{tenths / 10:,.1f} MB"
