"""No room left: a page that says so, no row, no half file; and all goes on once there is room."""

import contextlib
import pwd
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from tests.faults.ledger import Writers, department
from tests.uploads import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults"), pytest.mark.faults]

MB = 1024 * 1024


@contextlib.contextmanager
def small_disk(folder, size, owner="root"):
    """A disk of that size in the folder while the block runs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = f"size={size},mode=700,uid={pwd.getpwnam(owner).pw_uid}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        # Lazily, because a process may be in it yet.
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_upload_area_is_507_and_keeps_nothing(world):
    address, applicant = f"/projects/{world.drafts[1]}/edit/attachments/", world.visitor("applicants", 1)
    rows = f"SELECT count(*) FROM projects_attachment WHERE proposal_id = {world.drafts[1]}"
    uploads = Path(world.site.uploads)
    with small_disk(uploads, 2 * MB):
        answer = applicant.post(address, {"kind": "01"}, {"file": ("协议.pdf", pdf(size=3 * MB))})
        assert answer.status == 507
        assert "存放文件的空间已满或暂时不可用，文件没有保存，请稍后再上传" in answer.body
        assert world.value(rows) == 0
        assert [path for path in uploads.rglob("*") if path.is_file()] == []
        # What has room is still kept: nothing of the large one takes it away.
        assert applicant.post(address, {"kind": "01"}, {"file": ("小.pdf", pdf())}).status == 302
        assert world.value(rows) == 1
    assert applicant.post(address, {"kind": "01"}, {"file": ("协议.pdf", pdf(size=3 * MB))}).status == 302
    assert world.value(rows) == 2


def test_a_full_disk_of_the_database_is_503_and_all_goes_on_once_there_is_room(world):
    """The table that every write reaches lies on a disk that somebody else fills."""
    folder = world.server.folder / "small"
    owner = Path(world.server.data).owner()
    writer = world.visitor("writers", 1)
    made = "SELECT count(*) FROM orgs_department WHERE unit_id = %s"
    with small_disk(folder, 16 * MB, owner):
        try:
            world.server.query(world.database, f"CREATE TABLESPACE small LOCATION '{folder}'")
            world.server.query(world.database, "ALTER TABLE accounts_auditevent SET TABLESPACE small")
            world.server.query(world.database, "CREATE TABLE filling (page text) TABLESPACE small")
            world.server.query(world.database, "ALTER TABLE filling ALTER page SET STORAGE PLAIN")
            world.server.fill_up(world.database, "INSERT INTO filling VALUES (repeat('x', 7000))")
            before = world.value(made, world.writers[1])
            answers = [writer.post("/departments/new/", department(f"满{number}所")) for number in range(30)]
            statuses = [answer.status for answer in answers]
            assert set(statuses) <= {302, 503}
            assert statuses[-1] == 503
            assert "系统繁忙" in answers[-1].body
            assert world.value(made, world.writers[1]) == before + statuses.count(302)
            assert writer.get("/departments/").status == 200
            world.server.query(world.database, "DROP TABLE filling")
            assert writer.post("/departments/new/", department("又有空间所")).status == 302
        finally:
            world.server.query(world.database, "DROP TABLE IF EXISTS filling")
            world.server.query(world.database, "ALTER TABLE accounts_auditevent SET TABLESPACE pg_default")
            world.server.query(world.database, "DROP TABLESPACE small")


@contextlib.contextmanager
def log_on_small_disk(server, database):
    """The log of PostgreSQL lies on a disk with room for two pieces more; where that is."""
    log, folder, kept = server.data / "pg_wal", server.folder / "log", server.folder / "kept"
    server.query("postgres", "CHECKPOINT")
    server.halt("fast")
    size = sum(path.stat().st_size for path in log.rglob("*") if path.is_file())
    with small_disk(folder, size + 33 * MB, server.data.owner()):
        subprocess.run(["cp", "-a", log, folder / "pg_wal"], check=True)
        log.rename(kept)
        log.symlink_to(folder / "pg_wal")
        try:
            server.start(database)
            yield folder
        finally:
            if server.process is not None:
                server.halt("fast")
            log.unlink()
            subprocess.run(["cp", "-a", folder / "pg_wal", log], check=True)
            subprocess.run(["rm", "-r", kept], check=True)
            server.start(database)


@pytest.mark.limit(180)
def test_a_full_disk_of_the_log_is_503_and_loses_nothing_that_was_acknowledged(world):
    """PostgreSQL gives up at once (PANIC) and starts again, by itself or by its unit, once there is room."""
    with log_on_small_disk(world.server, world.database) as disk:
        world.site.wait_until_ready()
        with Writers(world).at_work() as writers:
            writers.wait_for(12)
            filling = disk / "filling"
            subprocess.run(["dd", "if=/dev/zero", f"of={filling}", "bs=1M"], capture_output=True)
            ends = time.monotonic() + 60
            while 503 not in writers.statuses:
                assert time.monotonic() < ends, "PostgreSQL found room"
                # On to the next piece, for which there is none.
                with contextlib.suppress(psycopg.OperationalError):
                    world.server.query("postgres", "SELECT pg_switch_wal()")
            alive = world.site.visitor().get("/healthz")
            time.sleep(3)
            panicked, gone = "PANIC" in world.server.log.read_text(errors="replace"), world.server.process is None
            filling.unlink()
            if gone:
                world.server.start(world.database)
            back = time.monotonic()
            writers.wait_for(12)
            print(f"PostgreSQL gone: {gone}; writing again {time.monotonic() - back:.1f} s after there was room")

        assert panicked
        assert (alive.status, alive.seconds < 1) == (200, True)
        assert writers.statuses == {302, 503}
        assert writers.slowest < 8
        writers.assert_kept()
    world.site.wait_until_ready()
