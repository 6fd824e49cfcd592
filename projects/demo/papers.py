"""附件 of the demo: small PDFs that say in their one line what they are not."""

from django.core.files.uploadedfile import SimpleUploadedFile

from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF

NOTE = "（演示文件，内容虚构）"


def demo_pdf(title):
    """A valid PDF of one A4 page that shows `title`; the same bytes for the same title.

    The font is one that every reader brings for Chinese, so that none is embedded.
    """
    text = f"{title}{NOTE}".encode("utf-16-be").hex().upper()
    content = f"BT /F1 18 Tf 72 760 Td <{text}> Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(data)


def upload_of(label, title):
    """Such a PDF as an upload that was checked: it was made here."""
    data = demo_pdf(title)
    return CheckedUpload(file=SimpleUploadedFile(label, data), label=label, kind=PDF, size=len(data))
