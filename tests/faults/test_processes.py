"""Workers that are killed in the middle of what they do: all of it stands or nothing. Sent again, it goes through."""

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import factories as make
from tests.faults.site import PROJECT
from tests.faults.visitor import CSRF, at_once, multipart
from tests.orgs.workbooks import row, workbook
from tests.uploads import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]
slow = pytest.mark.faults

AUDIT = "accounts_auditevent"
# What the worker does every minute, now.
TAKE_UP = """
from contextlib import suppress
from accounts.tasks import take_up_stalled
from procrastinate.exceptions import AlreadyEnqueued
with suppress(AlreadyEnqueued):
    take_up_stalled.defer(timestamp=0)
"""


def killed_while_it_waits(world, table, send):
    """`send` is under way and waits for the table when its web worker is killed; gunicorn starts another."""

    def kill():
        world.wait_for("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted", "nothing waits")
        world.site.kill_web_workers()

    with world.server.session(world.database) as holder:
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
        answer, _ = at_once(send, kill)
    assert answer.status == 0
    world.wait_for("SELECT count(*) = 0 FROM pg_locks WHERE mode = 'RowExclusiveLock'", "the killed still holds locks")
    world.site.wait_until_ready()


def states(world):
    return dict(world.server.query(
        world.database, "SELECT state, count(*) FROM projects_proposal WHERE id = ANY(%s) GROUP BY state", world.many
    ))  # fmt: skip


def decisions(world):
    """Steps after the submission, lines of the audit trail on them, and jobs that tell people of them."""
    steps = world.value("SELECT count(*) FROM projects_step WHERE proposal_id = ANY(%s) AND number > 1", world.many)
    ids = [str(number) for number in world.many]
    lines = world.value(
        f"SELECT count(*) FROM {AUDIT} WHERE object_type = 'projects.proposal' AND action = 'decision'"
        " AND object_id = ANY(%s)", ids
    )  # fmt: skip
    jobs = world.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'projects.tell_of_batch'")
    return steps, lines, jobs


def chosen(visitor, rows):
    """The question about these rows, as the list posts it; what its buttons post."""
    question = visitor.post("/projects/batch/", {"id": [f"{number}-1" for number in rows]})
    assert question.status == 200
    selection = re.search(r'name="selection"\s+value="([^"]+)"', question.body)[1]
    return {"selection": selection, "action": "pass-to-bureau"}


def test_a_batch_of_a_thousand_is_done_whole_or_not_at_all_and_names_what_has_changed(world):
    legal, agent = world.visitor("legal"), world.visitor("agent")
    answer = chosen(legal, world.many)
    assert agent.post("/projects/batch/", chosen(agent, world.many[:50])).status == 200
    assert states(world) == {"unit": 950, "bureau": 50}
    assert decisions(world) == (50, 50, 1)

    killed_while_it_waits(world, AUDIT, lambda: legal.post("/projects/batch/", answer))
    assert states(world) == {"unit": 950, "bureau": 50}
    assert decisions(world) == (50, 50, 1)

    done = legal.post("/projects/batch/", answer)
    assert done.status == 200
    assert states(world) == {"bureau": 1000}
    assert decisions(world) == (1000, 1000, 2)
    again = legal.post("/projects/batch/", answer)
    assert again.status == 200
    assert decisions(world) == (1000, 1000, 2)
    assert "50 项没有办理" in done.body
    assert again.body.count("已办理过，没有重复办理") >= 200


def stored_files(world):
    """What lies in the upload area under a name."""
    return [path for path in Path(world.site.uploads).rglob("*") if path.is_file()]


@slow
def test_an_upload_that_dies_leaves_no_row_and_no_file_that_stays(world):
    """Before the file has a name the disk forgets it; from then until the row the daily sweep finds it."""
    address = f"/projects/{world.drafts[0]}/edit/attachments/"
    applicant = world.visitor("applicants", 0)
    file = {"file": ("协议.pdf", pdf(size=300_000))}
    rows = f"SELECT count(*) FROM projects_attachment WHERE proposal_id = {world.drafts[0]}"
    before = stored_files(world)

    body = multipart("half", {"csrfmiddlewaretoken": CSRF, "kind": "01"}, file)
    applicant.break_off(address, body, "multipart/form-data; boundary=half", world.site.kill_web_workers)
    world.site.wait_until_ready()
    assert stored_files(world) == before
    assert world.value(rows) == 0

    killed_while_it_waits(world, "projects_attachment", lambda: applicant.post(address, {"kind": "01"}, file))
    assert world.value(rows) == 0
    (orphan,) = set(stored_files(world)) - set(before)
    yesterday = time.time() - 25 * 3600
    os.utime(orphan, (yesterday, yesterday))

    assert applicant.post(address, {"kind": "01"}, file).status == 302
    assert world.value(rows) == 1
    assert world.site.shell("from zhgg.kit.uploads.orphans import remove_orphans; print(remove_orphans())") == "1"
    (kept,) = set(stored_files(world)) - set(before)
    assert kept.name == world.value(rows.replace("count(*)", "storage_name"))


@slow
def test_an_import_that_dies_makes_nothing_and_goes_through_when_sent_again(world):
    writer = world.visitor("writers", 0)
    rows = [row(f"导入{number}所", number=make.id_number(50_000 + number)) for number in range(300)]
    preview = writer.post("/departments/import/", files={"file": ("二级单位.xlsx", workbook(rows).read())})
    made = "SELECT count(*) FROM orgs_department WHERE unit_id = %s AND name LIKE '导入%%'"
    address = preview.header("Location")

    killed_while_it_waits(world, AUDIT, lambda: writer.post(address))
    assert world.value(made, world.writers[0]) == 0

    assert writer.post(address).status == 302
    assert world.value(made, world.writers[0]) == 300
    assert writer.post(address).status == 302
    assert world.value(made, world.writers[0]) == 300


@slow
def test_a_job_whose_worker_is_killed_is_taken_up_again(world):
    notices = "SELECT count(*) FROM accounts_notice"
    before = world.value(notices)
    doing = (
        "SELECT count(*) > 0 FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'projects.tell_of_batch'"
    )
    legal = world.visitor("legal")
    legal.post("/projects/batch/", chosen(legal, world.many[:3]))
    with world.server.session(world.database) as holder:
        holder.execute("LOCK TABLE accounts_notice IN SHARE MODE")
        worker = world.site.start_worker()
        world.wait_for(doing, "the job is not begun", 30)
        worker.kill()
        worker.wait()
    assert world.value(notices) == before
    # As if its last sign of life had been a minute ago.
    world.server.query(world.database, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    world.site.start_worker()
    world.site.shell(TAKE_UP)
    done = "SELECT count(*) = 0 FROM procrastinate_jobs WHERE task_name = 'projects.tell_of_batch'"
    world.wait_for(done, "the job is not taken up again", 30)
    assert world.value(notices) > before


@slow
@pytest.mark.limit(240)
@pytest.mark.parametrize("away", [0, 40])
def test_the_job_worker_goes_on_after_postgresql_was_away_and_does_each_job_once(world, away):
    """One job is under way when PostgreSQL falls, one waits, one comes afterwards: each person concerned is told once
    of each. Away for a moment, and longer than the worker waits for a connection."""
    batches = [world.many[start : start + 3] for start in range(10 + away, 19 + away, 3)]
    first = world.value("SELECT coalesce(max(id), 0) FROM accounts_notice")
    legal = world.visitor("legal")

    def send(rows):
        legal.post("/projects/batch/", chosen(legal, rows))
        passed = "SELECT count(*) = 3 FROM projects_proposal WHERE id = ANY(%s) AND state = 'bureau'"
        assert world.value(passed, rows)

    left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'projects.tell_of_batch'"
    doing = f"{left} AND status = 'doing'"
    with world.site.kept_worker():
        with contextlib.suppress(psycopg.OperationalError), world.server.session(world.database) as holder:
            holder.execute("LOCK TABLE accounts_notice IN SHARE MODE")
            send(batches[0])
            world.wait_for(f"SELECT ({doing}) > 0", "the job is not begun", 30)
            send(batches[1])
            world.server.halt("immediate")
            time.sleep(away)
            world.server.start(world.database)
        back = time.monotonic()
        world.site.wait_until_ready()
        send(batches[2])
        world.wait_for(f"SELECT ({left}) = 0", "a job is left", 150)
        print(f"PostgreSQL away {away} s: all jobs done {time.monotonic() - back:.1f} s after it was back")

    told = "SELECT recipient_id FROM accounts_notice WHERE id > %s ORDER BY 1"
    concerned = "SELECT pi_id FROM projects_proposal WHERE id = ANY(%s) ORDER BY 1"
    rows = [row for batch in batches for row in batch]
    assert world.server.query(world.database, told, first) == world.server.query(world.database, concerned, rows)


@slow
def test_the_site_does_not_start_with_another_suite_of_digests_than_is_stored(world, tmp_path):
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    variables = {**world.site.variables, "WEB_BIND": f"unix:{tmp_path}/socket", "DIGEST_SUITE": "sm3"}
    done = subprocess.run(command, cwd=PROJECT, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "数据库中的摘要是 sha256，与 DIGEST_SUITE=sm3" in done.stderr
