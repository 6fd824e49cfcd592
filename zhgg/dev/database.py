"""The database of a command: the embedded server, or the one that DATABASE_URL names."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from zhgg.dev.defaults import DATABASE
from zhgg.dev.errors import DevError
from zhgg.dev.postgres import Cluster

OLDEST_SERVER = 140000


@contextlib.contextmanager
def database(project: Path, *, durable: bool = True) -> Iterator[str]:
    """DATABASE_URL set to a server that answers while the block runs. Yields where it is, for people."""
    url = os.environ.get("DATABASE_URL")
    if url:
        prepare_external(url)
        yield "DATABASE_URL"
        return
    cluster = Cluster(project, durable=durable)
    with cluster.lease(DATABASE) as embedded:
        os.environ["DATABASE_URL"] = embedded
        os.environ["PGHOST"] = str(cluster.sockets)
        try:
            yield "embedded"
        finally:
            del os.environ["DATABASE_URL"]


def prepare_external(url: str) -> None:
    """Check that the server answers and is new enough, and make the database when it does not exist yet."""
    try:
        with _connect(url) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error) or 'database "' not in str(error):
            raise DevError(
                f"无法连接 DATABASE_URL 指定的数据库：{_reason(error)} / cannot reach DATABASE_URL."
            ) from error
        version = _create(url)
    except (psycopg.ProgrammingError, ValueError) as error:
        raise DevError("DATABASE_URL 格式不对，应如 postgres://user:password@host:5432/zhgg / malformed.") from error
    if version < OLDEST_SERVER:
        raise DevError(f"需要 PostgreSQL 14 或更新版本，现在是 {version // 10000} / PostgreSQL 14 or newer is needed.")


def empty_external(url: str) -> None:
    """Remove everything from the database that DATABASE_URL names."""
    prepare_external(url)
    with _connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _create(url: str) -> int:
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    maintenance = urlunsplit(parts._replace(path="/postgres"))
    try:
        with _connect(maintenance) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8'").format(sql.Identifier(name)))
            return connection.info.server_version
    except psycopg.Error as error:
        raise DevError(f"数据库 {name} 不存在且无法创建：{_reason(error)} / cannot create the database.") from error


def _connect(url: str) -> psycopg.Connection:
    scheme, colon, rest = url.partition(":")
    known = "postgresql" if scheme in ("pgsql", "psql", "postgres") else scheme
    return psycopg.connect(known + colon + rest, connect_timeout=5, autocommit=True)


def _reason(error: psycopg.Error) -> str:
    return (str(error).strip().splitlines() or ["?"])[0]
