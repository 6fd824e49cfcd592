"""Bar code and QR code as inline SVG: nothing is fetched when the PDF is made."""

from io import BytesIO

import segno
from barcode import Code128
from barcode.writer import SVGWriter
from django.utils.safestring import mark_safe

_BARS = {"module_width": 0.28, "module_height": 9, "quiet_zone": 1, "write_text": False}
"""Millimetres."""


def bar_code(text):
    """Code 128 of an 申报编号; nothing for one that Code 128 cannot say (a prefix in Chinese)."""
    if not (text.isascii() and text.isprintable()):
        return ""
    drawn = BytesIO()
    Code128(text, writer=SVGWriter()).write(drawn, _BARS)
    svg = drawn.getvalue().decode()
    return mark_safe(svg[svg.index("<svg") :])  # nosec B703: drawn by a library, words escaped


def qr_code(address):
    """A QR code that a telephone opens as an address."""
    drawn = segno.make(address, error="m", micro=False)
    return mark_safe(drawn.svg_inline(border=2, omitsize=True, dark="#000"))  # nosec B703: likewise
