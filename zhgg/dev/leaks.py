"""Passwords and keys that got into the repository: what detect-secrets finds and .secrets.baseline does not know.

The baseline lists, by digest, what looks like a secret and is none: labels, alphabets, passwords of the demo. After a
look at what is new, `.venv/bin/python -m zhgg.dev.leaks` writes it anew.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from zhgg.dev.errors import DevError
from zhgg.dev.traces import project_files

BASELINE = ".secrets.baseline"
# Lock files and the triggers of migrations are full of digests, pictures are no text.
NOT_READ = re.compile(r"/migrations/|/package-lock\.json$|\.(lock|png|svg|ico|woff2|baseline)$")
# 证件号码 and account numbers of tests: digits are no key.
DIGITS = r"^[0-9X]+$"


def new_secrets(project: Path) -> list[str]:
    """A line for each finding that the baseline does not know, wherever it stands in its file."""
    known = {digest for findings in _read(project / BASELINE).values() for digest in findings}
    return [
        f"{name}:{line}: {kind}, not known in {BASELINE}"
        for name, findings in _scan(project).items()
        for digest, (line, kind) in findings.items()
        if digest not in known
    ]


def _scan(project: Path) -> dict[str, dict[str, tuple[int, str]]]:
    """`{file: {digest of what was found: (line, kind)}}`."""
    files = [name for name in project_files(project) if not NOT_READ.search(name)]
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--exclude-secrets", DIGITS, *files]
    scan = subprocess.run(command, cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if scan.returncode:
        raise DevError(f"detect-secrets: {scan.stderr.strip()}")
    return {
        name: {each["hashed_secret"]: (each["line_number"], each["type"]) for each in findings}
        for name, findings in json.loads(scan.stdout)["results"].items()
    }


def _read(baseline: Path) -> dict[str, list[str]]:
    return json.loads(baseline.read_text(encoding="utf-8"))


def _write_baseline(project: Path) -> None:
    found = {name: sorted(findings) for name, findings in sorted(_scan(project).items())}
    (project / BASELINE).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write_baseline(Path(__file__).resolve().parents[2])
