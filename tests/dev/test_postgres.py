"""The embedded PostgreSQL starts under all circumstances and loses nothing."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import environ
import psycopg
import pytest

from zhgg.dev.errors import DevError
from zhgg.dev.postgres import Cluster


@pytest.fixture
def project(tmp_path):
    """A checkout in a folder with a space and Chinese characters; what ran in it is gone afterwards."""
    folder = tmp_path / "智汇 攻关"
    folder.mkdir()
    yield folder
    for durable in (True, False):
        Cluster(folder, durable=durable).destroy()


@pytest.fixture
def cluster(project):
    return Cluster(project, durable=False)


def test_a_second_start_changes_nothing(cluster):
    cluster.start("zhgg")
    first = (cluster.data / "postmaster.pid").read_text()
    began = time.monotonic()
    cluster.start("zhgg")
    assert time.monotonic() - began < 1
    assert (cluster.data / "postmaster.pid").read_text() == first


def test_data_outlive_a_stop(cluster):
    cluster.start("zhgg")
    with psycopg.connect(cluster.url("zhgg")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '照明' AS word")
    cluster.stop()
    assert not cluster.is_running()
    cluster.stop()
    cluster.start("zhgg")
    with psycopg.connect(cluster.url("zhgg")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("照明",)


def test_trigrams_know_chinese_and_sort_order_is_utf8(cluster):
    cluster.start("zhgg")
    with psycopg.connect(cluster.url("zhgg")) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert len(connection.execute("SELECT show_trgm('照明')").fetchone()[0]) == 3
        assert connection.execute("SELECT upper('é'), '照' ~ '[[:alpha:]]'").fetchone() == ("É", True)


def test_only_the_server_of_tests_may_lose_data(project):
    found = {}
    for durable in (True, False):
        with Cluster(project, durable=durable).lease("zhgg") as url, psycopg.connect(url) as connection:
            found[durable] = connection.execute("SHOW fsync").fetchone()[0]
    assert found == {True: "on", False: "off"}


def test_it_listens_on_a_socket_for_its_user_only(cluster):
    cluster.start("zhgg")
    with psycopg.connect(cluster.url("zhgg")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert cluster.folder.stat().st_mode & 0o077 == 0


def test_django_understands_the_address(cluster):
    config = environ.Env.db_url_config(cluster.url("zhgg"))
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["NAME"], config["USER"]) == ("zhgg", "postgres")
    assert config["OPTIONS"] == {"host": str(cluster.sockets)}


def test_a_long_path_gets_a_short_socket(tmp_path):
    deep = tmp_path / ("很长的文件夹名称" * 6) / "项目"
    deep.mkdir(parents=True)
    cluster = Cluster(deep, durable=False)
    try:
        cluster.start("zhgg")
        assert len(os.fsencode(cluster.sockets)) <= 80
        psycopg.connect(cluster.url("zhgg")).close()
    finally:
        cluster.destroy()
    assert not cluster.folder.exists()
    assert not cluster.sockets.exists()


def test_a_pid_file_whose_number_belongs_to_somebody_else_is_no_obstacle(cluster):
    cluster.start("zhgg")
    cluster.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        lines = f"{stranger.pid}\n{cluster.data}\n0\n5432\n{cluster.sockets}\n\n0 0\nready\n"
        (cluster.data / "postmaster.pid").write_text(lines)
        (cluster.sockets / ".s.PGSQL.5432.lock").write_text(lines)
        assert not cluster.is_running()
        cluster.start("zhgg")
        assert cluster.is_running()
        stranger.communicate(b"\n")


def test_it_comes_back_after_being_killed(cluster):
    cluster.start("zhgg")
    number = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while cluster.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    cluster.start("zhgg")
    assert cluster.is_running()


def test_an_interrupted_first_start_leaves_nothing_in_the_way(cluster):
    cluster.start("zhgg")
    cluster.destroy()
    half = cluster.folder / "data.unfinished"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    cluster.start("zhgg")
    assert not half.exists()


def test_data_of_another_version_are_named_and_not_touched(project):
    cluster = Cluster(project, durable=True)
    cluster.start("zhgg")
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(DevError, match="reset"):
        cluster.start("zhgg")
    assert (cluster.data / "PG_VERSION").read_text() == "9\n"


def test_several_processes_may_start_it_at_once(cluster, project):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        numbers = pool.map(_start, [str(project)] * 4)
    assert len(set(numbers)) == 1


def test_the_last_one_out_stops_it(cluster, project):
    with cluster.lease("zhgg"):
        with Cluster(project, durable=False).lease("zhgg"):
            pass
        assert cluster.is_running()
    assert not cluster.is_running()


def test_the_last_one_out_stops_it_after_a_failure_too(cluster):
    with pytest.raises(RuntimeError), cluster.lease("zhgg"):
        raise RuntimeError
    assert not cluster.is_running()


def test_a_database_may_have_any_name(cluster):
    name = '智汇 "x"'
    cluster.start(name)
    with psycopg.connect(cluster.url(name)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (name,)


def _start(project):
    cluster = Cluster(Path(project), durable=False)
    cluster.start("zhgg")
    return (cluster.data / "postmaster.pid").read_text().split()[0]
