"""`pdf_of(html)`: the one way to a PDF."""

import os
import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().with_name("engine.py")
"""A program of its own. It is not imported: the engine behind it takes 30 MB of every process that knows it."""
SECONDS = 180
"""How long one PDF may take; its processor time is limited too (`engine.CPU_SECONDS`)."""


class CannotMake(Exception):
    """No PDF came out: a limit was hit, or the engine broke. The message is for the log and holds no content."""


def pdf_of(html):
    """The PDF of a whole HTML page as bytes. Takes seconds: never call it inside a request or a transaction.

    Nothing is fetched, whatever the page names. Raises CannotMake.
    """
    command = [sys.executable, "-I", str(ENGINE)]
    # Fontconfig keeps its cache where XDG_CACHE_HOME or HOME says; nothing else of ours is handed on.
    known = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "PATH") if name in os.environ}
    try:
        done = subprocess.run(
            command, input=html.encode(), capture_output=True, timeout=SECONDS, env={**known, "LANG": "C.UTF-8"}
        )
    except subprocess.TimeoutExpired:
        raise CannotMake(f"not done after {SECONDS} seconds") from None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        # The last line names the exception; what stands before it may quote the content.
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CannotMake(f"exit {done.returncode}: {last.partition(':')[0][:100]}")
    return done.stdout
