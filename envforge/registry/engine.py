"""Connections to a registry: where it is, how its transactions begin, and what its errors mean.

SQLite runs in WAL mode with `synchronous=NORMAL`: a killed process loses nothing that was committed and leaves
nothing half written; a power cut may lose the last commits, but never damages the file.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from envforge.errors import RegistryError

BUSY_SECONDS = 30  # how long a connection waits for another writer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a registry is: a file, or a database server's URL. `name` is how messages call it (no password)."""

    name: str
    path: Path | None
    url: URL | None


def place(where: str | Path) -> Place:
    """Read `where`: a path, or a SQLAlchemy URL (anything with "://" in it)."""
    text = os.fspath(where)
    if "://" not in text:
        return Place(text, Path(text), None)
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError as error:
        raise RegistryError(
            "the registry's URL cannot be read: write it as 'dialect://user@host/database'"
        ) from error
    if backend == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise RegistryError(f"{text} names no file: give the registry's path, for example library.db")
        return Place(url.database, Path(url.database), None)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return Place(url.render_as_string(hide_password=True), None, url)


def connect(place: Place, mode: str = "rw", *, foreign_keys: bool = True) -> Engine:
    """An engine on `place`. For a file, `mode` is SQLite's: "ro", "rw" (the file must exist) or "rwc" (made if
    missing). Connections of `writing(engine)` begin with the write lock, all others with a stable view."""
    if place.path is not None:
        engine = create_engine(
            "sqlite://",
            creator=_sqlite(place.path, mode),
            poolclass=QueuePool,
            json_serializer=_to_json,
        )
        event.listen(engine, "connect", _pragmas(foreign_keys and mode != "ro"))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    assert place.url is not None
    try:
        return create_engine(
            place.url, isolation_level="REPEATABLE READ", pool_pre_ping=True, json_serializer=_to_json
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise RegistryError(
            f"no driver for {place.url.drivername} is installed: for PostgreSQL, pip install 'envforge[postgres]'"
        ) from error


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that write: they wait for the other writers first.

    Servers run them as READ COMMITTED, so that what follows the lock sees all that earlier holders committed.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(envforge_writer=True)
    return engine.execution_options(isolation_level="READ COMMITTED")


def enter_wal(engine: Engine) -> None:
    """Put a SQLite registry into WAL mode. Where the file system cannot (some network ones), it stays as it is:
    slower with several processes, and as safe."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        try:
            raw.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise OperationalError("PRAGMA journal_mode=WAL", None, error) from error


def _sqlite(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    address = f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"

    def open_file(extra: str = "") -> sqlite3.Connection:
        return sqlite3.connect(
            address + extra, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )

    def creator() -> sqlite3.Connection:
        connection = open_file()
        if mode != "ro":
            return connection
        try:
            connection.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError:
            # In a folder that cannot be written SQLite makes no shared memory file, which WAL needs even to
            # read. Without a log beside it the file is complete and nobody is writing it.
            connection.close()
            if path.with_name(path.name + "-wal").exists():
                raise
            connection = open_file("&immutable=1")
        return connection

    return creator


def _pragmas(foreign_keys: bool) -> Callable[[sqlite3.Connection, ConnectionPoolEntry], None]:
    def set_pragmas(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous=NORMAL")

    return set_pragmas


def _begin_sqlite(connection: Connection) -> None:
    # The driver's own habit, a transaction at the first write, would let two writers read the same state first.
    writer = connection.get_execution_options().get("envforge_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _to_json(value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    """`value` with nan and infinities as strings: programs return such scores, and JSON has no word for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Turn the database's errors into a RegistryError of one sentence with the remedy."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise RegistryError(_explain(place, error)) from error


def _explain(place: Place, error: SQLAlchemyError | sqlite3.Error) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        known = _SQLITE.get(code & 0xFF) if code is not None else None
        if known:
            return known.format(place.name)
    elif isinstance(error, OperationalError) and error.statement is None:
        return f"the database {place.name} cannot be reached ({_first_line(cause)}): is the server running?"
    return f"the registry {place.name} cannot be used: {_first_line(cause)}"


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk that holds the registry {} is full: make room and run the command again",
    sqlite3.SQLITE_IOERR: "the registry {} cannot be read or written: is its disk full or damaged?",
    sqlite3.SQLITE_READONLY: "the registry {} is read-only: make the file and its folder writable, or use a copy",
    sqlite3.SQLITE_BUSY: "the registry {} is busy: another process has held it for "
    f"{BUSY_SECONDS} seconds; wait for it or stop it",
    sqlite3.SQLITE_CANTOPEN: "the registry {} cannot be opened: check that its folder exists and may be written",
    sqlite3.SQLITE_PERM: "the registry {} cannot be opened: permission denied",
    sqlite3.SQLITE_NOTADB: "{} is not a registry: it is not an SQLite database",
    sqlite3.SQLITE_CORRUPT: "the registry {} is damaged: restore it from a copy",
}
