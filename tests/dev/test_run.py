"""`./dev run` from beginning to end, in a copy of the checkout whose path has a space and Chinese characters."""

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.dev.conftest import PROJECT
from zhgg.dev.postgres import Cluster
from zhgg.dev.traces import project_files

READY = "Ctrl-C stops everything"
PATIENCE = 120


def has_current_environment():
    """Whether `./dev` made the environment that runs us; otherwise the copy would install into it."""
    stamp = Path(sys.prefix, ".locked")
    wanted = hashlib.sha256((PROJECT / "requirements-dev.lock").read_bytes()).hexdigest()
    return stamp.is_file() and stamp.read_text().strip() == wanted


@pytest.fixture
def checkout(tmp_path):
    """A copy of this checkout without its data, with the virtual environment of the test run."""
    if not has_current_environment():
        pytest.skip("the virtual environment was not made by ./dev")
    copy = tmp_path / "智汇 攻关"
    for name in project_files(PROJECT):
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, copy / name)
    (copy / ".venv").symlink_to(sys.prefix)
    yield copy
    for durable in (True, False):
        Cluster(copy, durable=durable).destroy()


class Run:
    """One `./dev run`."""

    def __init__(self, checkout, environment, port):
        self.checkout = checkout
        self.port = port
        self.log = checkout / ".dev-run.log"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                ["./dev", "run"],
                cwd=checkout,
                env={**environment, "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        deadline = time.monotonic() + PATIENCE
        while READY not in self.output():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                pytest.fail(f"./dev run did not start:\n{self.output()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def output(self):
        return self.log.read_text("utf-8", "replace")

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(30)

    def get(self, url):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=15)
        with contextlib.closing(connection):
            connection.request("GET", parts.path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def provider(self):
        return re.search(r"渝快办开发替身 +(http://127\.0\.0\.1:\d+)/", self.output())[1]


def processes_of(checkout):
    """The command lines of what still runs of a checkout, its database included."""
    folders = (str(checkout), str(Cluster(checkout).folder))
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                place = os.readlink(entry / "cwd")
            except OSError:
                continue
            if any(place.startswith(folder) or folder in command for folder in folders):
                found[int(entry.name)] = command
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_everything_starts_answers_keeps_its_data_and_ends(checkout, plain_environment, free_port):
    with Run(checkout, plain_environment, free_port) as first:
        site = f"http://127.0.0.1:{free_port}"
        assert f"{site}/" in first.output()
        assert first.get(f"{site}/healthz")[0] == 200
        assert first.get(f"{site}/login/")[0] == 200
        assert "渝快办（开发替身）" in first.get(f"{first.provider()}/register")[1]
        assert first.end(signal.SIGTERM) == 0
    assert processes_of(checkout) == {}

    accounts = (checkout / ".dev" / "accounts.json").read_bytes()
    began = time.monotonic()
    with Run(checkout, plain_environment, free_port) as second:
        assert time.monotonic() - began < 30
        assert (checkout / ".dev" / "accounts.json").read_bytes() == accounts
        again = subprocess.run(["./dev", "run"], cwd=checkout, env=plain_environment, capture_output=True, text=True)
        assert again.returncode == 1
        assert "已在运行" in again.stderr
        assert second.end(signal.SIGINT) == 0
    assert processes_of(checkout) == {}

    with Run(checkout, plain_environment, free_port) as third:
        worker = next(number for number, command in processes_of(checkout).items() if "manage.py work" in command)
        os.kill(worker, signal.SIGKILL)
        assert third.process.wait(30) == 1
        assert "后台任务意外结束" in third.output()
    assert processes_of(checkout) == {}

    assert subprocess.run(["./dev", "reset"], cwd=checkout, env=plain_environment).returncode == 0
    assert not (checkout / ".dev").exists()
    assert not Cluster(checkout).folder.exists()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "{taken}"}, "已被占用"),
        ({"PORT": "{free}", "OIDC_PORT": "{taken}"}, "已被占用"),
        ({"PORT": "twelve"}, "PORT 应为"),
        ({"PORT": "{free}", "HOST": "192.0.2.1"}, "HOST=192.0.2.1 不是本机的地址"),
        ({"PORT": "{free}", "DATABASE_URL": "postgres://nobody@127.0.0.1:{closed}/x"}, "无法连接 DATABASE_URL"),
        ({"PORT": "{free}", "DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ],
)
def test_what_is_in_the_way_is_said_in_one_sentence(checkout, plain_environment, free_port, variables, sentence):
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ports = {"taken": taken.getsockname()[1], "closed": closed.getsockname()[1], "free": free_port}
        environment = {**plain_environment, **{name: value.format(**ports) for name, value in variables.items()}}
        answer = subprocess.run(
            ["./dev", "run"], cwd=checkout, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
    assert answer.returncode == 1
    said = [line for line in answer.stderr.splitlines() if "软件包" not in line]
    assert len(said) == 1
    assert sentence in said[0]
    assert processes_of(checkout) == {}


def test_an_unknown_command_is_named(checkout, plain_environment):
    answer = subprocess.run(["./dev", "rnu"], cwd=checkout, env=plain_environment, capture_output=True, text=True)
    assert answer.returncode == 2
    assert "没有命令 rnu" in answer.stderr
    assert subprocess.run(["./dev"], cwd=checkout, env=plain_environment, capture_output=True).returncode == 0
