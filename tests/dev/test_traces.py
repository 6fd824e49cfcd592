"""No file names a package index or the machine that it was written on."""

import subprocess

import pytest

from tests.dev.conftest import PROJECT
from zhgg.dev.traces import traces


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "projects" / "zhgg"
    folder.mkdir(parents=True)
    return folder


def test_this_project_is_clean():
    assert traces(PROJECT) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index" + "-url https://example.org/simple",
        "--extra-index" + "-url https://example.org/simple",
        "see https://files.python" + "hosted.org/packages/x.whl",
        "registry = https://registry.npm" + "js.org",
        "mirror: https://pypi" + ".tuna.tsinghua.edu.cn/simple",
        "/home" + "/somebody/zhgg/manage.py",
        "/Users" + "/somebody/zhgg",
        "open('/root" + "/x')",
        "a path of the checkout: {project}/manage.py",
        "a path beside the checkout: {project.parent}",
    ],
)
def test_a_trace_is_found_with_its_place(project, line):
    (project / "notes.txt").write_text("first line\n" + line.format(project=project) + "\n", "utf-8")
    found = traces(project)
    assert len(found) == 1
    assert found[0].startswith("notes.txt:2: ")


@pytest.mark.parametrize(
    "line", ["/login/legal/callback/", "/var/tmp/zhgg", "/usr/bin/chromium", "https://docs.djangoproject.com/"]
)
def test_ordinary_lines_are_left_alone(project, line):
    (project / "notes.txt").write_text(line, "utf-8")
    assert traces(project) == []


def test_the_index_that_this_machine_uses_is_found(project, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:secret@packages.example.net/simple")
    (project / "requirements.lock").write_text("# from packages.example.net\n")
    assert len(traces(project)) == 1


def test_only_files_that_belong_to_the_project_are_read(project):
    subprocess.run(["git", "init", "-q", project], check=True)
    (project / ".gitignore").write_text("/ignored.txt\n")
    for name in ("ignored.txt", "new.txt"):
        (project / name).write_text("--index" + "-url x")
    (project / "binary").write_bytes(b"\0--index" + b"-url x")
    assert [line.split(":")[0] for line in traces(project)] == ["new.txt"]
