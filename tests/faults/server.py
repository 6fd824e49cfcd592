"""A PostgreSQL of its own for these tests, as production runs it (fsync and synchronous_commit on), to be broken."""

import contextlib
import os
import signal
import subprocess
import time

import psycopg
from psycopg import sql

from zhgg.dev.postgres import Cluster

TEMPLATE = "house"


class Server(Cluster):
    """Stopped, killed and started at will. `start(name)` of the Cluster brings it back, databases and all."""

    @property
    def process(self):
        """The number of the postmaster, or None."""
        return self._postmaster()

    def program(self, name):
        """The path of one of PostgreSQL's own programs, pg_dump say."""
        return str(self._binaries() / name)

    def run(self, name, *arguments):
        """Run one of these programs as the server's user; it has to succeed."""
        assert self._run(name, *arguments).returncode == 0, f"{name}: see {self.log}"

    def halt(self, mode):
        """`pg_ctl stop -m MODE`: "fast" ends every session in order, "immediate" as a power cut would."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "30", "stop")
        assert self.process is None

    def destroy(self):
        """Stop without writing out what is thrown away now, and remove all."""
        if self.process is not None:
            self.halt("immediate")
        super().destroy()

    def kill(self):
        """kill -9 of the postmaster; the processes that it leaves behind are gone as well when this returns."""
        os.kill(self.process, signal.SIGKILL)
        ends = time.monotonic() + 10
        while self.process is not None or self._is_used():
            assert time.monotonic() < ends, "PostgreSQL outlived kill -9"
            time.sleep(0.05)

    def _is_used(self):
        """Whether some process still works in the data folder."""
        for folder in os.scandir("/proc"):
            if not folder.name.isdigit():
                continue
            try:
                if os.readlink(f"{folder.path}/cwd") == str(self.data.resolve()):
                    return True
            except OSError:
                continue
        return False

    def connection(self, database):
        """A connection of somebody else, in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    @contextlib.contextmanager
    def session(self, database):
        """A transaction of somebody else, rolled back in the end."""
        with self.connection(database) as connection, connection.transaction(force_rollback=True):
            yield connection

    def connection_if_possible(self, database):
        """The same; None where there are as many as may be."""
        try:
            return self.connection(database)
        except psycopg.OperationalError as error:
            if "too many clients" not in str(error):
                raise
            return None

    def end_sessions(self, database):
        """Whoever is connected to the database no longer is."""
        self.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", database)

    def query(self, database, statement, *values):
        """The rows of one statement, on a connection of its own."""
        with self.connection(database) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def fill_up(self, database, statement):
        """Repeat the statement until the disk is full."""
        with self.connection(database) as connection, contextlib.suppress(psycopg.errors.DiskFull):
            while True:
                connection.execute(statement)

    def value(self, database, statement, *values):
        """The one value of one row."""
        return self.query(database, statement, *values)[0][0]

    def copy_of(self, template, name):
        """A new database, the same as the template."""
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        with self.connection("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
            # A copied sequence forgets in a crash what it gave since, until a checkpoint has passed over it.
            connection.execute("CHECKPOINT")

    def fill(self, name, source, variables):
        """Make the database `name` with the tables and rows of the one that the arguments `source` of pg_dump name."""
        self.start(name)
        dump = [self.program("pg_dump"), "--no-owner", "--no-privileges", "--format=custom", *source]
        restore = [self.program("pg_restore"), "--no-owner", "--exit-on-error", "--dbname", self.url(name)]
        with subprocess.Popen(dump, stdout=subprocess.PIPE, env={**os.environ, **variables}) as reading:
            subprocess.run(restore, stdin=reading.stdout, check=True)
        assert reading.returncode == 0
