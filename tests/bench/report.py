"""Figures of a measurement: medians with their spread, a table in Markdown, and its place in docs/performance.md."""

import json
import os
import platform
import re
import statistics
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
RESULTS = DOCUMENT.parent / "performance"
LIBRARIES = ("django", "django-tables2", "django-filter", "psycopg", "gunicorn")


def middle(values, digits=1):
    """Median and range: 6.4 (6.1–7.0)."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def percentile(values, share):
    """The value that `share` of the values do not exceed."""
    in_order = sorted(values)
    return in_order[min(len(in_order) - 1, round(share * (len(in_order) - 1)))]


def table(heads, rows):
    """A table in Markdown; all columns but the first to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def circumstances(command):
    """The machine, the versions and the command, in a sentence."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [server] = cursor.fetchone()
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    names = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {os.cpu_count()} cores"
        f"{f' ({cpu[1]})' if cpu else ''}, load {load}; Python {platform.python_version()}, PostgreSQL"
        f" {server.split()[0]}, {names}."
    )


def publish(name, text, data):
    """Put `text` into docs/performance.md between the marks of this measurement, and `data` beside it as JSON."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    begin, end = f"<!-- bench {name} -->", f"<!-- end of {name} -->"
    whole = DOCUMENT.read_text("utf-8")
    before, found, rest = whole.partition(begin)
    if not found:
        raise SystemExit(f"{DOCUMENT} has no place for {name}")
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", "utf-8")
