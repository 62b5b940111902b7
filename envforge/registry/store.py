"""The registry of a library: opening it, its runs, its writer transaction, its export."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from envforge.errors import RegistryError
from envforge.registry import schema
from envforge.registry.engine import Place, connect, enter_wal, place, translated, writing
from envforge.registry.reading import Reader
from envforge.registry.records import RunRecord
from envforge.registry.tables import RUN_KINDS, RUN_STATES, Environment, Lineage
from envforge.registry.transaction import Transaction


class Registry(Reader):
    """An open registry. Made by `Registry.open`; a context manager that closes itself.

    Every method is one transaction: it sees one state of the database and raises RegistryError, one sentence
    with the remedy, when the database cannot be read or written. May be shared by threads, not by forks.
    """

    def __init__(self, place: Place, engine: Engine, read_only: bool) -> None:
        super().__init__(place, engine)
        self._writing = writing(engine)
        self._read_only = read_only

    @classmethod
    def open(cls, where: str | Path, create: bool = False, read_only: bool = False) -> Registry:
        """Open the registry in the file `where`, or behind the SQLAlchemy URL `where` (anything with "://").

        With `create`, a file that is missing or empty becomes a registry first; an older registry is never
        migrated here. With `read_only`, nothing is written, not even beside the file. Raises RegistryError.
        """
        if create and not read_only:
            schema.create(where)
        target = place(where)
        schema.check_present(target)
        if not read_only:
            schema.check_writable(target)
        engine = connect(target, "ro" if read_only else "rw")
        try:
            with translated(target):
                with engine.connect() as connection:
                    schema.check(target, connection)
                if target.path is not None and not read_only:
                    enter_wal(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(target, engine, read_only)

    def close(self) -> None:
        """Give back all connections. Closing twice is fine."""
        self._engine.dispose()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The one writer transaction: it waits for other writers, in this process or any other, and commits at
        the end of the block, or rolls back if the block raises. Keep it short: examine first, then enter."""
        if self._read_only:
            raise RegistryError(f"the registry {self.name} was opened for reading only")
        with translated(self._place), Session(self._writing) as session, session.begin():
            yield Transaction(session)

    def start_run(
        self,
        *,
        proposer: str,
        seed: int,
        config: dict[str, Any],
        version: str,
        isolation: str,
        command: list[str] | None = None,
        policy: str | None = None,
        kind: str = "grow",
    ) -> int:
        """Write down a new run of `kind` "grow" or "train", in state "running"; returns its id."""
        if kind not in RUN_KINDS:
            raise ValueError(f"{kind!r} is not a kind of run: use one of {', '.join(RUN_KINDS)}")
        with self.transaction() as transaction:
            return transaction.add_run(
                proposer=proposer,
                seed=seed,
                config=config,
                version=version,
                isolation=isolation,
                command=command,
                policy=policy,
                kind=kind,
            )

    def finish_run(self, run_id: int, state: str) -> None:
        """End a run in `state`: "finished", "interrupted" or "failed"."""
        if state not in RUN_STATES[1:]:
            raise ValueError(f"{state!r} does not end a run: use one of {', '.join(RUN_STATES[1:])}")
        with self.transaction() as transaction:
            transaction.set_run_state(run_id, state)

    def resume_run(self, run_id: int, config: dict[str, Any] | None = None) -> RunRecord:
        """Set an unfinished run to "running" again, with another record of its configuration if one is given.

        Raises RegistryError for one that finished.
        """
        with self.transaction() as transaction:
            transaction.set_run_state(run_id, "running", config)
        return self.run(run_id)

    def set_status(self, environment_id: str, status: str, reason: str, run_id: int | None = None) -> None:
        """Give an environment another status, with the reason, in a transaction of its own."""
        with self.transaction() as transaction:
            transaction.set_status(environment_id, status, reason, run_id)

    def export(self, folder: str | Path, statuses: Iterable[str] = ("admitted",)) -> int:
        """Write each environment with one of `statuses` to FOLDER/<id>.py, and FOLDER/index.json: a list of
        objects with `id`, `title`, `tags`, `oracle`, `status` and `parents`, in the order of acceptance.

        Returns their number. A file is replaced as a whole, the index last. Raises RegistryError when the
        folder cannot be written.
        """
        target = Path(folder)
        index: list[dict[str, Any]] = []
        try:
            target.mkdir(parents=True, exist_ok=True)
            with self._reading() as session:
                chosen = Environment.status.in_(list(statuses))
                parents: dict[str, list[str]] = {}
                for child, parent in session.execute(
                    select(Lineage.child_id, Lineage.parent_id)
                    .join(Environment, Environment.id == Lineage.child_id)
                    .where(chosen)
                    .order_by(Lineage.child_id, Lineage.position)
                ):
                    parents.setdefault(child, []).append(parent)
                for id, source, title, tags, oracle, status in session.execute(
                    select(
                        Environment.id,
                        Environment.source,
                        Environment.title,
                        Environment.tags,
                        Environment.oracle,
                        Environment.status,
                    )
                    .where(chosen)
                    .order_by(Environment.sequence.is_(None), Environment.sequence, Environment.created_at)
                ):
                    _write(target / f"{id}.py", source)
                    index.append(
                        {
                            "id": id,
                            "title": title,
                            "tags": tags or [],
                            "oracle": oracle,
                            "status": status,
                            "parents": parents.get(id, []),
                        }
                    )
            _write(target / "index.json", json.dumps(index, indent=2) + "\n")
        except OSError as error:
            raise RegistryError(f"cannot export to {target}: {error.strerror or error}") from error
        return len(index)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(text.encode("utf-8", "surrogatepass"))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
