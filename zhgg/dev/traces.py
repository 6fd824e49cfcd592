"""Traces of the machine that a file was written on: a package index, the host of one, a path that exists only there.

A lock file that names an index ties everybody to it; a path of one machine is noise or a leak to all others.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

# Written in pieces, so that this file does not find itself.
INDEX_OPTIONS = ("--index" "-url", "--extra-index" "-url", "--find" "-links", "--trusted" "-host")  # fmt: skip
INDEX_HOSTS = (
    "pypi" ".org", "python" "hosted.org", "pypi" ".tuna", "npm" "js.org", "npm" "mirror.com", "yarn" "pkg.com",
    "mirrors" ".aliyun", "mirrors" ".cloud.tencent", "pypi" ".douban", "mirrors" ".ustc", "repo" ".huaweicloud",
)  # fmt: skip
HOME_FOLDERS = re.compile(r"(?<![\w.])/(?:home|Users)/[a-z][\w.-]*/|(?<![\w.])/" r"root/[\w.]")
INDEX_VARIABLES = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "NPM_CONFIG_REGISTRY",
)  # fmt: skip
PUBLIC_FOLDERS = {"/", "/tmp", "/var", "/var/tmp", "/srv", "/opt", "/usr", "/usr/src", "/mnt", "/home", "/app", "/code"}
LARGEST_TEXT = 4 * 1024 * 1024


def traces(project: Path) -> list[str]:
    """One line for each find: file, line number and what was found."""
    words = [*INDEX_OPTIONS, *INDEX_HOSTS, *machine_words(project)]
    pattern = re.compile("|".join([*(re.escape(word) for word in words), HOME_FOLDERS.pattern]))
    found = []
    for file in project_files(project):
        text = _text(project / file)
        for number, line in enumerate(text.splitlines(), 1) if text else ():
            if match := pattern.search(line):
                found.append(f"{file}:{number}: 不应出现 {match[0]!r} / names an index or a path of this machine")
    return found


def machine_words(project: Path) -> set[str]:
    """What only this machine says: where the checkout and the home folder are, and the index that it installs from."""
    project = project.resolve()
    # A single folder below the root could as well be the path of a page, so it counts with what is in it.
    folders = {project, project.parent, Path.home(), *(project.parent.iterdir() if _is_own(project.parent) else ())}
    words = {str(folder) for folder in folders if len(folder.parts) > 2 and str(folder) not in PUBLIC_FOLDERS}
    for variable in INDEX_VARIABLES:
        for url in os.environ.get(variable, "").split():
            host = urlsplit(url.partition("=")[2] or url).hostname
            if host and host not in ("localhost", "127.0.0.1"):
                words.add(host)
    return words


def _is_own(folder: Path) -> bool:
    return str(folder) not in PUBLIC_FOLDERS and folder != Path.home() and os.access(folder, os.R_OK)


def project_files(project: Path) -> Iterator[str]:
    """What git tracks or would track; without git, everything that is no hidden folder."""
    answer = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=project,
        capture_output=True,
    ) if (project / ".git").exists() else None  # fmt: skip
    if answer and answer.returncode == 0:
        yield from sorted(set(os.fsdecode(answer.stdout).split("\0")) - {""})
        return
    for folder, folders, files in os.walk(project):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        yield from (str(Path(folder, name).relative_to(project)) for name in sorted(files))


def _text(file: Path) -> str | None:
    """The file's text; None for what is no text, too large or gone."""
    try:
        content = file.read_bytes() if file.is_file() and file.stat().st_size <= LARGEST_TEXT else b"\0"
    except OSError:
        return None
    return None if b"\0" in content else content.decode("utf-8", "replace")
