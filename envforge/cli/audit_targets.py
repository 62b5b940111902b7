"""From what `envforge audit` names to subjects: files, folders, ids, seeds, and tasks of other people's gyms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli.options import DATABASE
from envforge.errors import UsageError
from envforge.gyms.forms import is_gym

if TYPE_CHECKING:
    from envforge.audit.evidence import Library
    from envforge.audit.subject import Subject
    from envforge.config import SandboxConfig
    from envforge.registry import Registry

_ID = re.compile("[0-9a-fA-F]{4,16}")


@dataclass(frozen=True, slots=True)
class Named:
    """What the command line names. `again` is what every finding's command repeats."""

    targets: Sequence[str]
    every: bool
    db: str | None
    again: tuple[str, ...] = ()


def found(named: Named, sandbox: SandboxConfig, stack: ExitStack) -> tuple[list[Subject], Library | None]:
    """The subjects, each once, in the order in which they are named, and what the registry knows where one is asked.

    Gyms that are started are closed with `stack`. Raises UsageError for what cannot be meant, and where nothing is
    named; RegistryError for an id that the registry does not hold.
    """
    from envforge.audit.evidence import read_library
    from envforge.registry import Registry

    _check(named)
    subjects: dict[tuple[str, ...], Subject] = {}
    db = named.db
    if db is None and any(not _is_program(target) for target in named.targets if not is_gym(target)):
        db = DATABASE
    if db is None:
        for subject in _subjects(named, None, sandbox, stack):
            subjects.setdefault(subject.words, subject)
        return list(subjects.values()), None
    with Registry.open(db, read_only=True) as registry:
        for subject in _subjects(named, registry, sandbox, stack):
            subjects.setdefault(subject.words, subject)
        ids = [subject.id for subject in subjects.values() if subject.id]
        return list(subjects.values()), read_library(registry, ids)


def _check(named: Named) -> None:
    if named.every and named.targets:
        raise UsageError("--all audits every accepted environment: name no others beside it")
    if named.every and named.db is None:
        raise UsageError("--all audits a registry: name it with --db")
    if not named.every and not named.targets:
        raise UsageError(
            "name what to audit: files, folders, ids, seeds, gym:NAME/TASK; or --all with --db FILE"
        )
    for target in named.targets:
        if not is_gym(target) and not _is_program(target) and not _ID.fullmatch(target):
            raise UsageError(_unknown(target))


def _unknown(target: str) -> str:
    from envforge.cli.programs import shipped_seeds

    near = difflib.get_close_matches(target, [seed.path.stem for seed in shipped_seeds()], 1)
    hint = f"; did you mean the seed '{near[0]}'?" if near else ""
    forms = "an id (4 to 16 hex digits), a seed's name, gym:NAME/TASK nor py:MODULE:CLASS"
    return f"there is no file or folder {target}, nor is it {forms}{hint}"


def _subjects(
    named: Named, registry: Registry | None, sandbox: SandboxConfig, stack: ExitStack
) -> Iterator[Subject]:
    from envforge.audit.subject import Subject
    from envforge.cli.collection import collect
    from envforge.sources import read_folder, read_source

    place = named.db or DATABASE
    options = named.again if registry is None else (*named.again, "--db", place)
    if named.every:
        for one in collect([], place, ("validated", "admitted")):
            yield Subject(one.id, one.source, one.id, options, one.id)
    for target in named.targets:
        path = Path(target)
        if is_gym(target):
            yield from _tasks(target, sandbox, stack)
        elif path.exists():
            for file in read_folder(path) if path.is_dir() else [read_source(path)]:
                yield Subject(str(file.path), file.source, str(file.path), options)
        elif _is_program(target):
            [one] = collect([target], None, ())
            yield Subject(target, one.source, target, options)
        else:
            [one] = collect([target], place, ())
            yield Subject(one.id, one.source, one.id, options, one.id)


def _tasks(name: str, sandbox: SandboxConfig, stack: ExitStack) -> Iterator[Subject]:
    """Tasks of somebody else's gym, each prepared with what runs it."""
    from envforge.audit.foreign import gym_targets
    from envforge.audit.subject import Subject

    for target, evaluator in gym_targets(name, sandbox, stack):
        argument = target.words[-1] if target.words else target.name
        yield Subject(target.name, target.program.source, argument, (), "", target, evaluator)


def _is_program(target: str) -> bool:
    """Whether `target` is a file, a folder or a seed's name, and not an id."""
    from envforge.cli.subjects import is_source

    return is_source(target)
