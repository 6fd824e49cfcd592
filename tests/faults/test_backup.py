"""A backup that nobody has restored is no backup: deploy/backup.sh and deploy/restore_drill.sh, for real."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.site import PROJECT
from zhgg.dev.postgres import SUPERUSER

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed: apt-get install rsync"),
]

ATTACH = """
from projects.models import Proposal
from tests.attached import make_attachment
for proposal in Proposal.objects.order_by("pk")[:3]:
    make_attachment(proposal)
from accounts import audit
from accounts.sealing import seal_audit
audit.record("login")
seal_audit()
"""


@pytest.fixture
def run(world, tmp_path):
    """`run(script, *arguments)` is the exit code and all that was printed."""
    programs = Path(world.server.program("psql")).parent
    environment = {
        **world.site.variables,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGUSER": SUPERUSER,
        "PGHOST": str(world.server.sockets),
        "PGDATABASE": world.database,
        "BACKUPS": str(tmp_path),
        "DRILL_DATABASE": f"{world.database}_drill",
        "DRILL_DIR": str(tmp_path),
        "MANAGE": f"{PROJECT}/.venv/bin/python {PROJECT}/manage.py",
    }

    def answer(script, *arguments):
        command = [f"{PROJECT}/deploy/{script}", *map(str, arguments)]
        done = subprocess.run(command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()

    return answer


@pytest.mark.limit(300)
def test_a_backup_is_restored_whole_and_what_is_missing_or_changed_is_seen(world, run, tmp_path):
    world.site.manage("shell", "-c", ATTACH)
    code, told = run("backup.sh")
    assert code == 0, told
    [backup] = [each for each in tmp_path.iterdir() if each.name.endswith("Z")]
    rows = world.value("SELECT count(*) FROM projects_proposal")
    assert f"projects_proposal {rows} " in (backup / "tables").read_text()
    assert "3 files" in told
    # What came after the backup is not in it, and disturbs nothing.
    world.server.query(world.database, "UPDATE accounts_user SET name = name || '改'")

    code, told = run("restore_drill.sh", backup)
    assert code == 0, told
    assert "3 个文件全部相符" in told
    assert "区块全部相符" in told
    assert world.server.query("postgres", "SELECT 1 FROM pg_database WHERE datname LIKE '%%_drill'") == []

    # A second one links the files that are the same, and is as good.
    code, told = run("backup.sh")
    newer = max(each for each in tmp_path.iterdir() if each.name.endswith("Z"))
    uploaded = next(path for path in (newer / "uploads").rglob("*") if path.is_file())
    assert (code, uploaded.stat().st_nlink) == (0, 2)

    # One row less in what was restored than there was.
    lines = (newer / "tables").read_text().replace(f"projects_proposal {rows} ", f"projects_proposal {rows + 1} ")
    damaged(newer, "tables", lines.encode())
    code, told = run("restore_drill.sh", newer)
    assert (code, f"> projects_proposal {rows} " in told) == (1, True)

    # One bit of one file.
    content = uploaded.read_bytes()
    uploaded.unlink()
    uploaded.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    code, told = run("restore_drill.sh", newer)
    assert (code, f"uploads/{uploaded.parent.name}/{uploaded.name}: FAILED" in told) == (1, True)


def damaged(backup, name, content):
    """Another content for a file of the backup, and the MANIFEST as if it had always been so."""
    (backup / name).write_bytes(content)
    with (backup / "MANIFEST").open() as manifest:
        others = [line for line in manifest if not line.endswith(f"  {name}\n")]
    summed = subprocess.run(["sha256sum", name], cwd=backup, capture_output=True, text=True, check=True).stdout
    (backup / "MANIFEST").write_text("".join([*others, summed]))
