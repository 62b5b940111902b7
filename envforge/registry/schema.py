"""The registry's schema: made and brought up to date by the migrations in `db/`, and checked at every opening.

Nothing here changes a database that is not empty and not asked to be changed. A migration runs in one
transaction on SQLite and PostgreSQL: killed at any moment, it has happened or it has not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from envforge.errors import RegistryError
from envforge.locations import data_folder
from envforge.registry.engine import Place, connect, enter_wal, place, translated, writing

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"  # the newest revision in db/versions
_OURS = {"alembic_version", "environments", "lineage", "proposals", "verdicts"}  # in every revision
_ADVISORY_LOCK = 0x656E76666F726765  # "envforge": held on PostgreSQL while the schema changes


def create(where: str | Path) -> bool:
    """Make a registry at `where` if there is none yet. False when there is one already, at the newest revision.

    Several processes may do this at once. Raises RegistryError as `Registry.open` does.
    """
    target = place(where)
    if target.path is not None:
        _check_folder(target)
    with translated(target), _migrating(target, "rwc") as (engine, connection):
        made = not _tables(connection)
        if made:
            _run_migrations(connection)
        check(target, connection)
        connection.commit()
        if target.path is not None:
            enter_wal(engine)
    return made


def upgrade(where: str | Path, revision: str = "head") -> tuple[str, str]:
    """Bring the registry at `where` up to `revision`; returns the revisions before and after.

    Raises RegistryError for what is no registry, or one that a newer envforge made.
    """
    target = place(where)
    check_present(target)
    check_writable(target)
    with translated(target), _migrating(target, "rw") as (_, connection):
        before = _known_revision(target, connection)
        _run_migrations(connection, revision)
        after = _known_revision(target, connection)
        connection.commit()
    return before, after


def check(target: Place, connection: Connection) -> None:
    """Raise RegistryError unless the database behind `connection` is a registry of exactly this version."""
    revision = _known_revision(target, connection)
    if revision != HEAD:
        raise RegistryError(
            f"the registry {target.name} was made by an older envforge (revision {revision}, now {HEAD}); "
            f"run: envforge registry upgrade {target.name}"
        )


def check_present(target: Place) -> None:
    """Raise RegistryError unless the registry's file exists (a server is asked when it is connected to)."""
    if target.path is None or target.path.is_file():
        return
    if target.path.is_dir():
        raise RegistryError(f"{target.name} is a folder: name the registry's file, for example library.db")
    if not target.path.parent.is_dir():
        raise RegistryError(
            f"there is no folder {target.path.parent} for the registry {target.name}: make it first"
        )
    raise RegistryError(
        f"there is no registry at {target.name}: make one with 'envforge registry init {target.name}'"
    )


def check_writable(target: Place) -> None:
    """Raise RegistryError when the file or its folder (which holds SQLite's log) cannot be written."""
    if target.path is None:
        return
    for path in (target.path, target.path.parent):
        if path.exists() and not os.access(
            path, os.W_OK, effective_ids=os.access in os.supports_effective_ids
        ):
            what = "the registry" if path == target.path else f"the folder {path} of the registry"
            raise RegistryError(
                f"{what} {target.name} is read-only: make it writable, or work on a copy of the file elsewhere"
            )


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration: what `alembic.command` functions need, for example
    `alembic.command.revision(configuration(connection), "add a column", autogenerate=True, rev_id="0004")`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(data_folder("db")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def known_revisions() -> list[str]:
    """All revisions in db/versions, newest first."""
    from alembic.script import ScriptDirectory

    return [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]


def _check_folder(target: Place) -> None:
    assert target.path is not None
    if target.path.is_dir() or not target.path.parent.is_dir():
        check_present(target)
    check_writable(target)


@contextmanager
def _migrating(target: Place, mode: str) -> Iterator[tuple[Engine, Connection]]:
    """A connection that holds the lock of the schema, without foreign key checks: SQLite changes a table by
    making it anew."""
    engine = connect(target, mode, foreign_keys=False)
    try:
        with writing(engine).connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield engine, connection
    finally:
        engine.dispose()


def _run_migrations(connection: Connection, revision: str = "head") -> None:
    from alembic import command

    command.upgrade(configuration(connection), revision)
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RegistryError(
                f"the migration would leave {len(broken)} rows without what they refer to, so nothing was changed"
            )


def _known_revision(target: Place, connection: Connection) -> str:
    tables = _tables(connection)
    if not tables:
        raise RegistryError(
            f"{target.name} is an empty database: make it a registry with 'envforge registry init {target.name}'"
        )
    revision = None
    if tables >= _OURS:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        raise _foreign(target)
    if revision != HEAD and revision not in known_revisions():
        raise RegistryError(
            f"the registry {target.name} was made by a newer envforge (revision {revision}): update envforge"
        )
    return str(revision)


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _foreign(target: Place) -> RegistryError:
    return RegistryError(f"{target.name} is a database of another application: name another file or database")
