"""佐证材料 of the demo: who attached which certificate, and invented certificates to attach."""

from functools import cache
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from profiles.enums import ProofKind
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF, PNG

CERTIFICATES = {
    "zhao": ((ProofKind.DEGREE, "博士学位证书.pdf"), (ProofKind.TITLE, "中级职称证书.png")),
    "zhang": ((ProofKind.DEGREE, "博士学位证书.pdf"),),
    "huang": ((ProofKind.TITLE, "研究员职称证书.pdf"),),
    "fan": ((ProofKind.TITLE, "讲师职称证书.png"),),
    "zou": ((ProofKind.EDUCATION, "博士研究生毕业证书.pdf"), (ProofKind.TITLE, "副高职称证书.png")),
    "pan": ((ProofKind.DEGREE, "博士学位证书.png"),),
}
"""Key of a person of the cast → what they attach before they submit for the last time."""


def upload_of(label):
    """The certificate as an upload that was checked: it was made here."""
    kind = PDF if label.endswith(".pdf") else PNG
    data = _drawn(kind.key)
    return CheckedUpload(file=SimpleUploadedFile(label, data), label=label, kind=kind, size=len(data))


@cache
def _drawn(picture_format):
    """A frame with nothing in it but that it is none."""
    picture = Image.new("RGB", (842, 595), "#fffdf7")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, 817, 570), outline="#b3202a", width=6)
    draw.text((350, 285), "DEMO - NOT A REAL CERTIFICATE", fill="#7a1119")
    target = BytesIO()
    picture.save(target, picture_format)
    return target.getvalue()
