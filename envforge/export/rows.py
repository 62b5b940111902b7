"""The rows of an export: which environments, which of their instances, and what each row says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envforge.contract import Instance, Program, derive_seed
from envforge.errors import EnvforgeError, UsageError
from envforge.messages import without_pictures
from envforge.pixels import WIDTH, png_of
from envforge.recipe import PromptConfig, solver_messages
from envforge.sandbox import Evaluator, Failure

if TYPE_CHECKING:
    from envforge.registry import Registry

BATCH = 64  # instances made at once: their pictures are all in memory (ours)
DEFAULT_SPLIT = "train"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which environments of a registry. Ids exclude everything else; an environment that is held out is left out
    unless its id is given or `held_out` is set, which takes those alone."""

    ids: tuple[str, ...] = ()
    status: str = "admitted"
    tags: tuple[str, ...] = ()  # one of them is enough
    buckets: tuple[str, ...] = ()  # likewise; "text" stands for environments without pictures
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How many instances, and how they are put. An empty `levels` means all that an environment has."""

    instances: int = 16
    levels: tuple[int, ...] = ()
    split: str = DEFAULT_SPLIT
    width: int = WIDTH
    prompt: PromptConfig = field(default_factory=PromptConfig)


@dataclass(frozen=True, slots=True)
class Row:
    """One instance. `messages` are chat messages in text; the picture (PNG) belongs before the last one's words."""

    environment: str
    title: str
    seed: int
    difficulty: int
    tags: tuple[str, ...]
    bucket: str | None
    oracle: str
    messages: tuple[dict[str, str], ...]
    answer: str
    picture: bytes | None = field(repr=False)

    @property
    def name(self) -> str:
        """A file name for its picture, different for each instance."""
        return f"{self.environment}-{self.difficulty}-{self.seed}.png"


def chosen(registry: Registry, selection: Selection) -> list[Program]:
    """The programs of a selection, as they were accepted. Raises UsageError when that is none, RegistryError for an
    id that is not there."""
    if selection.ids:
        found: dict[str, Program] = {}
        for id in selection.ids:
            record = registry.environment(id)
            if record.program is None:
                raise UsageError(f"{record.id} is {record.status}: its source is no program of the contract")
            found.setdefault(record.id, record.program)
        return list(found.values())
    held = registry.held_out()
    programs = [
        entry.program
        for entry in registry.library((selection.status,))
        if (entry.program.id in held) is selection.held_out
        and (not selection.tags or set(selection.tags) & set(entry.program.tags))
        and (not selection.buckets or (entry.program.bucket or "text") in selection.buckets)
    ]
    if not programs:
        raise UsageError(
            f"{registry.name} holds no environment that is {selection.status} and meets every condition: see "
            "'envforge registry list'"
        )
    return programs


def rows_of(programs: Sequence[Program], settings: Settings, evaluator: Evaluator) -> Iterator[Row]:
    """The rows of `programs` in order, by level, then by number.

    Instance number `index` of a level has the seed derive_seed("export", id, level, index), or "export/SPLIT" for
    another split than train: no training run, calibration or evaluation here meets them, and no two splits share any.
    Raises UsageError for a level that a program does not have, EnvforgeError for an instance that cannot be made, and
    SandboxError.
    """
    for program in programs:
        missing = [level for level in settings.levels if level not in program.difficulties]
        if missing:
            raise UsageError(
                f"level {missing[0]} cannot be exported: '{program.title}' ({program.id}) has levels 0 to "
                f"{program.max_difficulty}"
            )
    purpose = "export" if settings.split == DEFAULT_SPLIT else f"export/{settings.split}"
    with ThreadPoolExecutor(os.cpu_count() or 1, "drawing") as crew:
        for program in programs:
            keys = [
                (derive_seed(purpose, program.id, level, index), level)
                for level in sorted(set(settings.levels or program.difficulties))
                for index in range(settings.instances)
            ]
            for first in range(0, len(keys), BATCH):
                made = _instances(program, keys[first : first + BATCH], evaluator)
                pictures = crew.map(lambda instance: png_of(instance, settings.width), made)
                for instance, picture in zip(made, pictures):
                    if isinstance(picture, Failure):
                        raise _broken(program, instance.seed, instance.difficulty, picture)
                    yield _row(program, instance, picture, settings.prompt)


def _instances(program: Program, keys: Sequence[tuple[int, int]], evaluator: Evaluator) -> list[Instance]:
    found: list[Instance] = []
    for key, one in zip(keys, evaluator.instances(program, keys, pictures=True)):
        if isinstance(one, Failure):  # a machine under load can be slow once
            (one,) = evaluator.instances(program, [key], fresh=True, pictures=True)
        if isinstance(one, Failure):
            raise _broken(program, *key, one)
        found.append(one)
    return found


def _row(program: Program, instance: Instance, picture: bytes | None, prompt: PromptConfig) -> Row:
    return Row(
        environment=program.id,
        title=program.title,
        seed=instance.seed,
        difficulty=instance.difficulty,
        tags=program.tags,
        bucket=program.bucket,
        oracle=program.oracle.value,
        messages=tuple(without_pictures(message) for message in solver_messages(instance.prompt, prompt)),
        answer=instance.reference,
        picture=picture,
    )


def _broken(program: Program, seed: int, level: int, failure: Failure) -> EnvforgeError:
    return EnvforgeError(
        f"nothing was exported: '{program.title}' ({program.id}) fails at seed {seed}, level {level}: {failure}"
    )


def as_columns(row: Row, images: list[Any]) -> dict[str, Any]:
    """A row by column, in the order of the columns; `images` are its pictures in the form that a format has."""
    return {
        "prompt": [dict(message) for message in row.messages],
        "images": images,
        "answer": row.answer,
        "environment": row.environment,
        "title": row.title,
        "seed": row.seed,
        "difficulty": row.difficulty,
        "tags": list(row.tags),
        "bucket": row.bucket,
        "oracle": row.oracle,
    }
