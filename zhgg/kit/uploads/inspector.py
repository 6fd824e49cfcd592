"""Opens one PDF or picture to see whether it is whole, in a process of its own: `python -I inspector.py pdf < file`.

What strangers upload may be made to take all memory and time of whoever opens it. So this process gives itself limits
before it reads a byte, and prints one word: ok, damaged, encrypted, no-pages or too-many-pixels. When it prints
nothing, it hit a limit.
"""

import logging
import resource
import sys
from io import BytesIO

from PIL import Image
from pypdf import PdfReader

CPU_SECONDS = 5
MEMORY_BYTES = 1024 * 1024 * 1024
MAX_PIXELS = 50_000_000
PICTURES = {"jpeg": "JPEG", "png": "PNG"}


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


def inspect(key, data):
    """The word for this file."""
    try:
        return inspect_pdf(data) if key == "pdf" else inspect_picture(data, PICTURES[key])
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
