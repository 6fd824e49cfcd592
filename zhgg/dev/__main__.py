"""`python -m zhgg.dev COMMAND`: what `./dev` hands over to once the virtual environment stands."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from zhgg.dev.browser import find_chromium
from zhgg.dev.console import complain, say
from zhgg.dev.database import database, empty_external
from zhgg.dev.defaults import set_defaults
from zhgg.dev.errors import DevError
from zhgg.dev.lint import lint, reformat
from zhgg.dev.postgres import Cluster
from zhgg.dev.run import run, stop_running
from zhgg.dev.supervisor import Ended, Signals

PROJECT = Path(__file__).resolve().parents[2]
BENCHES = ("batch", "deadline", "export", "growth", "limit", "pages", "profile", "reviews", "start", "submit", "weight")
# With one of these, the person wants one process or has said how many.
PARALLEL_ARGUMENTS = (
    "-n",
    "--numprocesses",
    "--dist",
    "--pdb",
    "--trace",
    "-p",
    "--collect-only",
    "--co",
    "--fixtures",
)
FAULTS = "--faults"


def main(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        complain(f"没有命令 {name}，./dev help 列出全部命令 / unknown command.")
        return 2
    try:
        prepare_environment(PROJECT)
        return command(rest)
    except DevError as error:
        complain(str(error))
        return 1
    except Ended:
        return 130


def run_command(arguments: list[str]) -> int:
    """Start everything."""
    return run(PROJECT)


def test_command(arguments: list[str]) -> int:
    """pytest against a server of its own; the exit code is pytest's. `--faults` runs the tests of that marker alone."""
    chromium = find_chromium()
    if chromium:
        os.environ.setdefault("CHROMIUM", str(chromium))
    else:
        complain("没有 chromium，将跳过浏览器测试；安装：sudo apt-get install -y chromium / browser tests are skipped.")
    if FAULTS in arguments:
        # They measure seconds, so nothing else runs meanwhile.
        arguments = ["-m", "faults", "-n", "0", *(argument for argument in arguments if argument != FAULTS)]
    if not any(argument.startswith(PARALLEL_ARGUMENTS) for argument in arguments):
        # Groups: what fills its database for minutes' worth of tests does so in one of the processes only.
        arguments = ["-n", "auto", "--dist", "loadgroup", *arguments]
    return _with_database(["-m", "pytest", *arguments], durable=False, end_with=signal.SIGINT)


def guide_command(arguments: list[str]) -> int:
    """The pictures of 帮助与操作图解, taken anew from the demo data into static/zhgg/guide/."""
    if arguments:
        raise DevError("用法：./dev guide / usage.")
    if find_chromium() is None:
        raise DevError("需要 chromium：sudo apt-get install -y chromium / chromium is needed.")
    # In one process and in order: the pictures of before are cleared away last.
    return test_command(["-n", "0", "tests/browser/guide.py"])


def bench_command(arguments: list[str]) -> int:
    """A measurement: tests/bench/NAME.py, with its own options."""
    name, *options = arguments or [""]
    if name not in BENCHES:
        raise DevError(f"用法：./dev bench {{{'|'.join(BENCHES)}}} / usage.")
    return _with_database(["-m", f"tests.bench.{name}", *options], durable=False)


def manage_command(arguments: list[str]) -> int:
    """manage.py in the environment of development."""
    return _with_database(["manage.py", *arguments])


def otp_command(arguments: list[str]) -> int:
    """The present code of a demo officer."""
    if len(arguments) != 1:
        raise DevError("用法：./dev otp 登录名 / usage: ./dev otp NAME.")
    return _with_database(["-m", "zhgg.dev.otp", *arguments])


def lint_command(arguments: list[str]) -> int:
    """All checks that need no tests."""
    with _leased(durable=False):
        return lint(PROJECT)


def format_command(arguments: list[str]) -> int:
    """Code and templates in the form that lint asks for."""
    return reformat(PROJECT)


def lock_command(arguments: list[str]) -> int:
    """Make both lock files anew from pyproject.toml. The file then names no package index."""
    uv = shutil.which("uv")
    if uv is None:
        raise DevError("./dev lock 需要 uv（见 uv 的安装说明）/ ./dev lock needs uv on PATH.")
    compile_lock = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--no-header",
        "pyproject.toml",
    ]
    for options in (
        ["--output-file", "requirements.lock"],
        ["--extra", "dev", "--constraint", "requirements.lock", "--output-file", "requirements-dev.lock"],
    ):
        code = subprocess.run([*compile_lock, *options, *arguments], cwd=PROJECT, stdout=subprocess.DEVNULL).returncode
        if code:
            return code
    return 0


def sbom_command(arguments: list[str]) -> int:
    """What production installs, as a CycloneDX bill of materials in JSON: to the file that is named, or printed."""
    if len(arguments) > 1:
        raise DevError("用法：./dev sbom [文件] / usage.")
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-format", "JSON", "--output-reproducible"]
    return subprocess.run(
        [*command, "--output-file", *(arguments or ["-"]), "requirements.lock"], cwd=PROJECT
    ).returncode


def stop_command(arguments: list[str]) -> int:
    """End what runs of this checkout."""
    stopped = stop_running(PROJECT)
    clusters = [cluster for cluster in _clusters() if cluster.is_running()]
    for cluster in clusters:
        cluster.stop()
    say("已停止。" if stopped or clusters else "没有正在运行的服务。")
    return 0


def reset_command(arguments: list[str]) -> int:
    """Remove the data of development. A database that DATABASE_URL names is emptied only when asked by name."""
    if arguments not in ([], ["--database"]):
        raise DevError("用法：./dev reset [--database] / usage.")
    stop_running(PROJECT)
    external = os.environ.get("DATABASE_URL")
    for cluster in _clusters():
        cluster.destroy()
    if external and arguments:
        empty_external(external)
    if external and not arguments:
        # Its encrypted columns need the keys in .dev/, so those stay as well.
        say("内置数据库已清除；DATABASE_URL 指定的数据库未改动，清空它请用 ./dev reset --database。")
        return 0
    shutil.rmtree(PROJECT / ".dev", ignore_errors=True)
    say("开发数据已清除，下次 ./dev run 将重新生成。")
    return 0


def _clusters() -> list[Cluster]:
    return [Cluster(PROJECT, durable=durable) for durable in (True, False)]


def prepare_environment(project: Path) -> None:
    """The environment of every command: development, this project, UTF-8."""
    os.environ["ZHGG_ENV"] = "development"
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhgg.settings"
    os.environ.setdefault("PYTHONUTF8", "1")
    try:
        set_defaults(project)
    except ValueError as error:
        raise DevError(f"PORT 应为 1 到 65535 的整数，现在是 {error} / PORT must be a port number.") from None
    except PermissionError as error:
        raise DevError(f"无法写入 {error.filename}，它可能属于其他用户 / not writable.") from error


@contextlib.contextmanager
def _leased(durable: bool) -> Iterator[None]:
    """The database while the block runs; whichever way the block ends, the server is given back."""
    signals = Signals()
    signals.install()
    with contextlib.ExitStack() as stack:
        with signals.held():
            stack.enter_context(database(PROJECT, durable=durable))
        stack.callback(signals.finish)
        yield


def _with_database(arguments: list[str], *, durable: bool = True, end_with: int = signal.SIGTERM) -> int:
    """`python …` at this terminal while the database is there."""
    with _leased(durable):
        process = subprocess.Popen([sys.executable, *arguments], cwd=PROJECT)
        # Ctrl-C at a terminal reaches the child by itself; a signal that is sent to us alone has to be handed on.
        signal.signal(signal.SIGINT, lambda *_: None if os.isatty(0) else process.send_signal(signal.SIGINT))
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: process.send_signal(end_with))
        code = process.wait()
        return 128 - code if code < 0 else code


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run_command,
    "test": test_command,
    "lint": lint_command,
    "format": format_command,
    "bench": bench_command,
    "guide": guide_command,
    "manage": manage_command,
    "otp": otp_command,
    "sbom": sbom_command,
    "lock": lock_command,
    "stop": stop_command,
    "reset": reset_command,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
