"""Small real files to upload, and hostile ones."""

import struct
import zlib
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

MB = 1024 * 1024
EXE = b"MZ\x90\x00" + b"\x00" * 200


def pdf(*, pages=1, password=None, size=None):
    """A PDF; with `size` filled up to exactly that many bytes."""
    if size is None:
        return _pdf(pages, password, b"")
    filling = size
    while len(data := _pdf(pages, password, bytes(filling))) != size:
        filling -= len(data) - size
    return data


def _pdf(pages, password, filling):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if filling:
        writer.add_attachment("filling", filling)
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    return _saved(writer.write)


def picture(picture_format="PNG", size=(8, 6)):
    """A PNG or JPEG."""
    return _saved(lambda target: Image.new("RGB", size, "#b3202a").save(target, picture_format))


def png_bomb(width=60_000, height=60_000):
    """A small PNG that says it is huge, and whose pixels are really there, packed a thousand to one."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\x00" * (1 + width // 8)) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def uploaded(name, data):
    """As a form gets it."""
    return SimpleUploadedFile(name, data)


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _saved(save):
    target = BytesIO()
    save(target)
    return target.getvalue()
