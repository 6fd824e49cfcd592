"""Where the browser for the browser tests is."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> Path | None:
    """CHROMIUM when it names a program, else the first known one on PATH."""
    for name in (os.environ.get("CHROMIUM") or "", *NAMES):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    return None
