"""From what `envforge analyze` and `envforge gallery` name to environments: files, folders, seeds, a registry."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli.options import DATABASE
from envforge.cli.programs import shipped_seeds
from envforge.contract import content_id
from envforge.errors import UsageError

if TYPE_CHECKING:
    from envforge.registry import Registry
    from envforge.sources import SourceFile
    from envforge.verdict import Calibration

FILE, SEED = "file", "seed"  # the status of what no registry was asked about
_ID = re.compile("[0-9a-fA-F]{4,16}")


@dataclass(frozen=True, slots=True)
class Found:
    """An environment's source and what a registry knows of it. `name` is the file's name, or the id."""

    id: str
    name: str
    source: str
    status: str  # one of the registry's statuses, SEED or FILE
    calibration: Calibration | None = None  # the newest one


def collect(targets: Sequence[str], db: str | None, statuses: Sequence[str]) -> list[Found]:
    """The environments that are meant, each once, in order.

    Without targets: those of the registry `db` with one of `statuses`, or the seeds that ship where `db` is None. Of
    files the registry is asked only when it is named. Raises UsageError, with the nearest name, for what cannot be
    meant, and where nothing is found; RegistryError for an id that the registry does not hold.
    """
    seeds = shipped_seeds() if targets or db is None else []
    named = {seed.path.stem: seed for seed in seeds}
    with ExitStack() as stack:
        registry = None
        if db is not None or any(not Path(target).exists() and target not in named for target in targets):
            for target in targets:
                if not Path(target).exists() and target not in named and not _ID.fullmatch(target):
                    raise UsageError(_unknown(target, named))
            from envforge.registry import Registry

            registry = stack.enter_context(Registry.open(db or DATABASE, read_only=True))
        if not targets and registry is not None:
            ids = [entry.program.id for entry in registry.library(statuses)]
            if not ids:
                raise UsageError(
                    f"{registry.name} holds no environment that is {' or '.join(statuses)}: name another"
                )
            return [_known(registry, id) for id in ids]
        known = registry if db is not None else None
        found: list[Found] = [] if targets else [_of_file(seed, SEED, None) for seed in seeds]
        for target in targets:
            if Path(target).exists():
                found += [_of_file(file, FILE, known) for file in _files(Path(target))]
            elif target in named:
                found.append(_of_file(named[target], SEED, known))
            else:
                assert registry is not None
                found.append(_known(registry, target))
    return list({one.id: one for one in reversed(found)}.values())[::-1]


def _files(path: Path) -> Iterable[SourceFile]:
    from envforge.sources import read_folder, read_source

    return read_folder(path) if path.is_dir() else [read_source(path)]


def _of_file(file: SourceFile, status: str, registry: Registry | None) -> Found:
    id = content_id(file.source)
    if registry is not None and registry.status(id) is not None:
        return _known(registry, id, file.path.stem)
    return Found(id, file.path.stem, file.source, status)


def _known(registry: Registry, id: str, name: str = "") -> Found:
    record = registry.environment(id)
    calibrations = registry.calibrations(record.id)
    newest = calibrations[-1].calibration if calibrations else None
    return Found(record.id, name or record.id, record.source, record.status, newest)


def _unknown(target: str, seeds: Iterable[str]) -> str:
    near = difflib.get_close_matches(target, list(seeds), 1)
    hint = f"; did you mean the seed '{near[0]}'?" if near else ""
    return f"there is no file or folder {target}, nor is it an id (4 to 16 hex digits) or a seed's name{hint}"
