"""Makes a PDF of one HTML text, in a process of its own: `python -I engine.py < html > pdf`.

What people typed decides how much there is to lay out, so this process gives itself limits before it reads a byte. It
fetches nothing: pictures are inline SVG, the style sheet stands in the page, fonts are those of the system. It ends
with an error when it hits a limit.
"""

import logging
import resource
import sys

from weasyprint import HTML
from weasyprint.urls import URLFetcher

CPU_SECONDS = 120
MEMORY_BYTES = 2 * 1024 * 1024 * 1024
LOGGER = logging.getLogger("weasyprint")


class NoFetcher(URLFetcher):
    """WeasyPrint's way out into the world, closed: nothing is fetched, whatever the page names."""

    def fetch(self, url, headers=None):
        raise ValueError("nothing is fetched")


class Missing(logging.Handler):
    """Collects the characters that WeasyPrint finds in no font: it warns of each with its code point."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.characters = set()

    def emit(self, record):
        if "notdef" in record.msg and isinstance(record.args, tuple):
            self.characters.add(record.args[0])


def write(html):
    """The PDF. A character that no font has is printed as its code point: 〔U+20000〕 instead of an empty box."""
    missing = Missing()
    LOGGER.addHandler(missing)
    pdf = _write(html)
    LOGGER.removeHandler(missing)
    if missing.characters:
        pdf = _write(html.translate({ord(each): f"〔U+{ord(each):04X}〕" for each in missing.characters}))
    return pdf


def _write(html):
    return HTML(string=html, url_fetcher=NoFetcher()).write_pdf()


def main():
    """Limit this process, read the HTML from standard input, write the PDF."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    sys.stdout.buffer.write(write(sys.stdin.buffer.read().decode()))


if __name__ == "__main__":
    main()
