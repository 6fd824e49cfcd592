"""Opens one PDF, picture or Office file to see whether it is whole, in a process of its own:
`python -I inspector.py pdf < file`.

What strangers upload may be made to take all memory and time of whoever opens it. So this process gives itself limits
before it reads a byte, and prints one word: ok, damaged, encrypted, no-pages, too-many-pixels or macros. When it prints
nothing, it hit a limit.
"""

import logging
import resource
import sys
import zipfile
from io import BytesIO

from PIL import Image
from pypdf import PdfReader

CPU_SECONDS = 5
MEMORY_BYTES = 1024 * 1024 * 1024
MAX_PIXELS = 50_000_000
PICTURES = {"jpeg": "JPEG", "png": "PNG"}
OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
"""Kind → the part that makes an archive one of it."""
CONTENT_TYPES = "[Content_Types].xml"
MOST_PARTS = 5_000
MOST_UNPACKED = 200 * 1024 * 1024


def inspect_pdf(data):
    """Opens, is not encrypted, has a page that can be reached."""
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        return "encrypted"
    if not reader.pages:
        return "no-pages"
    for page in reader.pages:
        page.mediabox  # noqa: B018 - reaches the page and its parents
    return "ok"


def inspect_picture(data, picture_format):
    """Its checksums hold, and all of it can be decoded."""
    with Image.open(BytesIO(data), formats=[picture_format]) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            return "too-many-pixels"
        picture.verify()
    with Image.open(BytesIO(data), formats=[picture_format]) as picture:
        picture.load()
    return "ok"


def inspect_office(data, main_part):
    """Every part can be unpacked, one of them is that of its kind, and none is a macro."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            return ""
        names = {part.filename for part in parts}
        if not {main_part, CONTENT_TYPES} <= names or archive.testzip() is not None:
            return "damaged"
        types = archive.read(CONTENT_TYPES).lower()
    has_macros = b"macroenabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names)
    return "macros" if has_macros or any("macrosheets/" in name.lower() for name in names) else "ok"


def inspect(key, data):
    """The word for this file."""
    try:
        if key == "pdf":
            return inspect_pdf(data)
        return inspect_office(data, OFFICE[key]) if key in OFFICE else inspect_picture(data, PICTURES[key])
    except Image.DecompressionBombError:
        return "too-many-pixels"
    except MemoryError:
        return ""
    except Exception:  # parsers of broken files raise whatever they stumble over
        return "damaged"


def main():
    """Limit this process, read the file from standard input, print the word."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable(logging.CRITICAL)
    # Above this Pillow raises by itself; the exact limit is checked in inspect_picture.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    sys.stdout.write(inspect(sys.argv[1], sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
