"""`./dev run`: database, stand-in, site and worker, until Ctrl-C or SIGTERM."""

import contextlib
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from zhgg.dev.console import say, table
from zhgg.dev.database import database
from zhgg.dev.defaults import STAND_IN, site_address, site_url
from zhgg.dev.errors import DevError
from zhgg.dev.supervisor import Ended, Signals, Supervisor

START_SECONDS = 60
SHOWN_ACCOUNTS = 10
RUN_LOCK = "run.lock"


def run(project: Path) -> int:
    """Start everything, wait for the end, end everything. Returns the exit code."""
    signals = Signals()
    signals.install()
    supervisor = Supervisor(project)
    try:
        with only_one(project), contextlib.ExitStack() as stack:
            address = site_address()
            issuer = urlsplit(os.environ["OIDC_ISSUER"])
            own_provider = bool(os.environ.get(STAND_IN))
            _check_free(*address, "PORT")
            if own_provider:
                _check_provider_port(issuer.port or 80)
            with signals.held():
                stack.enter_context(database(project))
            stack.callback(supervisor.end)
            stack.callback(signals.finish)
            if own_provider:
                supervisor.start("渝快办开发替身", "-m", "zhgg.dev.provider", "--port", str(issuer.port or 80))
            _prepare(project)
            supervisor.start("网站", "-m", "gunicorn", *_gunicorn_arguments(*address))
            supervisor.start("后台任务", "manage.py", "work")
            _wait_until_answering(supervisor, *address)
            _introduce(*address)
            supervisor.watch()
    except Ended:
        say("\n已全部停止。")
    return 0


@contextlib.contextmanager
def only_one(project: Path) -> Iterator[None]:
    """One `./dev run` a checkout. The lock's file names its process for `./dev stop`."""
    with open(project / ".dev" / RUN_LOCK, "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DevError(
                f"./dev run 已在运行（进程 {lock.read().strip()}），可用 ./dev stop 停止 / it is running already."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def stop_running(project: Path) -> bool:
    """End the `./dev run` of this checkout, if there is one, and wait for it."""
    with contextlib.suppress(FileNotFoundError), open(project / ".dev" / RUN_LOCK, "r+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.kill(int(lock.read()), signal.SIGTERM)
            fcntl.flock(lock, fcntl.LOCK_EX)
            return True
    return False


def _check_free(host: str, port: int, variable: str) -> None:
    """Say in a sentence when the port is taken; otherwise a process would say it in a page of traceback."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror:
        raise DevError(f"HOST={host} 不是本机的地址 / HOST is no address of this machine.") from None
    except OSError as error:
        reason = {
            errno.EADDRINUSE: f"端口 {port} 已被占用，换一个：{variable}={_other(port)} ./dev run / the port is taken.",
            errno.EACCES: f"没有权限使用端口 {port}，请换一个：{variable}=8000 ./dev run / port {port} needs root.",
            errno.EADDRNOTAVAIL: f"HOST={host} 不是本机的地址 / HOST is no address of this machine.",
        }.get(error.errno, f"无法使用 {host}:{port}：{error.strerror} / cannot listen there.")
        raise DevError(reason) from None


def _check_provider_port(port: int) -> None:
    """The stand-in's port is part of who its accounts are, so another one means other data."""
    try:
        _check_free("127.0.0.1", port, "OIDC_PORT")
    except DevError:
        raise DevError(
            f"渝快办开发替身的端口 {port} 已被占用：请停止占用它的程序，或先 ./dev reset 再运行（换用空闲端口，"
            f"数据重新生成）/ the stand-in's port is taken."
        ) from None


def _other(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def _prepare(project: Path) -> None:
    say("正在准备数据库…")
    if subprocess.run([sys.executable, "-m", "zhgg.dev.prepare"], cwd=project, stdin=subprocess.DEVNULL).returncode:
        raise DevError("数据库准备失败，原因见上 / preparing the database failed, see above.")


def _gunicorn_arguments(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    arguments = ["--bind", bind, "--workers", "2", "--worker-class", "sync", "--timeout", "60"]
    arguments += ["--graceful-timeout", "4", "--log-level", "warning", "--no-control-socket"]
    if os.access("/dev/shm", os.W_OK):
        arguments += ["--worker-tmp-dir", "/dev/shm"]
    if os.environ.get("DEBUG", "").lower() in ("1", "true", "yes", "on"):
        arguments.append("--reload")
    return [*arguments, "zhgg.wsgi:application"]


def _wait_until_answering(supervisor: Supervisor, host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    parts = urlsplit(site_url(host, port))
    while True:
        supervisor.check()
        try:
            connection = http.client.HTTPConnection(parts.hostname, port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz")
                connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise DevError(f"网站在 {START_SECONDS} 秒内没有应答 / the site does not answer.") from None
            time.sleep(0.1)


def _introduce(host: str, port: int) -> None:
    """Addresses and demo accounts."""
    url = site_url(host, port)
    say(f"\n智汇攻关        {url}/")
    say(f"科技局登录      {url}/admin/login/")
    say(f"渝快办开发替身  {os.environ['OIDC_ISSUER']}/")
    for heading, rows in _demo_accounts(Path(os.environ["OIDC_ACCOUNTS_FILE"])):
        say(f"\n{heading}")
        say(table(rows))
    say("\n按 Ctrl-C 停止 / Ctrl-C stops everything.")


def _demo_accounts(file: Path) -> Iterator[tuple[str, list[list[str]]]]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return
    for kind, heading in (("legal", "法人用户（在渝快办登录页点击即可）"), ("person", "个人用户（同上）")):
        rows = [
            [a.get("label", ""), a.get("note", "")] for a in content.get("accounts", []) if a["account_type"] == kind
        ]
        if len(rows) > SHOWN_ACCOUNTS:
            rows = [*rows[:SHOWN_ACCOUNTS], [f"…其余 {len(rows) - SHOWN_ACCOUNTS} 个见登录页", ""]]
        if rows:
            yield heading, rows
    staff = [
        [a["username"], a.get("password", ""), a.get("role", ""), a.get("otp_hint") or f"./dev otp {a['username']}"]
        for a in content.get("staff", [])
    ]
    if staff:
        yield "科技局工作人员（登录名、密码、角色、动态口令）", staff
