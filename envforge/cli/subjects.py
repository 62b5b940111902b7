"""From what `envforge eval --on` names to the subjects of an examination."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli.exits import Finding
from envforge.cli.programs import load, shipped_seeds
from envforge.config import BUCKETS, nearest
from envforge.errors import UsageError
from envforge.gyms.forms import is_gym

if TYPE_CHECKING:
    from envforge.config import SandboxConfig
    from envforge.evaluation import Subject
    from envforge.recipe import EnvironmentsConfig
    from envforge.registry import Registry
    from envforge.sandbox import Sandbox

SEEDS, ADMITTED, HELD_OUT = "seeds", "admitted", "held-out"
_ID = re.compile("[0-9a-fA-F]{4,16}")
WORDS = (SEEDS, ADMITTED, HELD_OUT)
TEXT = "text"  # what --bucket calls environments without pictures


def needs_registry(targets: Iterable[str]) -> bool:
    """Whether one of `targets` can only be found in a registry."""
    return any(
        target in (ADMITTED, HELD_OUT)
        or (target not in WORDS and not is_gym(target) and not is_source(target))
        for target in targets
    )


def needs_sandbox(targets: Iterable[str]) -> bool:
    """Whether one of `targets` is something other than a gym's task."""
    return any(not is_gym(target) for target in targets)


def is_source(target: str) -> bool:
    """Whether `target` is a file, a folder or a seed's name, and not an id."""
    return Path(target).exists() or target in {seed.path.stem for seed in shipped_seeds()}


def check_target(target: str) -> None:
    """Raise UsageError, with the nearest valid name, for what cannot be meant."""
    if target in WORDS or is_gym(target) or is_source(target) or _ID.fullmatch(target):
        return
    near = difflib.get_close_matches(target, [*WORDS, *(seed.path.stem for seed in shipped_seeds())], 1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise UsageError(
        f"--on: there is no file {target}, and it is neither {', '.join(WORDS)}, gym:NAME/TASK, an id "
        f"(4 to 16 hex digits) nor a seed's name{hint}"
    )


def check_bucket(bucket: str) -> None:
    """Raise UsageError, with the nearest valid name, for a bucket that there is not."""
    if bucket not in (TEXT, *BUCKETS):
        raise UsageError(f"--bucket: there is no bucket '{bucket}'{nearest(bucket, (TEXT, *BUCKETS))}")


class Subjects:
    """Finds subjects, each once, in the order in which they are named."""

    def __init__(
        self,
        sandbox: Sandbox | None,
        registry: Registry | None,
        stack: ExitStack,
        width: int,
        config: SandboxConfig,
    ) -> None:
        """Gyms run in sandboxes of their own, of this configuration, which are closed with `stack`; pictures are
        `width` pixels wide."""
        self._width = width
        self._sandbox, self._registry, self._stack = sandbox, registry, stack
        self._held_out = registry.held_out() if registry is not None else {}
        self._config = config
        self._found: dict[str, Subject] = {}

    @property
    def found(self) -> tuple[Subject, ...]:
        """What was added so far."""
        return tuple(self._found.values())

    def of_buckets(self, buckets: Sequence[str]) -> tuple[Subject, ...]:
        """What was added so far and is of these buckets; all of it where none is given. Raises Finding when that
        leaves nothing."""
        found = tuple(one for one in self.found if not buckets or (one.bucket or TEXT) in buckets)
        if not found:
            has = ", ".join(sorted({one.bucket or TEXT for one in self.found}))
            raise Finding(f"--bucket {' '.join(buckets)} leaves nothing: what --on names is of {has}")
        return found

    def add(self, target: str) -> None:
        """What one --on names. Raises UsageError, RegistryError, or Finding for a program that breaks the policy."""
        from envforge.registry import ACCEPTED

        if target == SEEDS:
            self._programs([str(seed.path) for seed in shipped_seeds()])
        elif target == ADMITTED:
            ids = [entry.program.id for entry in self._open().library()]
            self._members([id for id in ids if id not in self._held_out], "no admitted environment")
        elif target == HELD_OUT:
            self._members(list(self._held_out), "no environment that is held out")
        elif is_gym(target):
            self._task(target)
        elif is_source(target):
            self._programs([target])
        else:
            record = self._open().environment(target)
            if record.status not in (*ACCEPTED, "retired"):
                raise UsageError(
                    f"{record.id} is {record.status}: only environments that passed their gates are"
                )
            self._members([record.id], "")

    def add_recipe(self, environments: EnvironmentsConfig) -> None:
        """The environments of a recipe: those that it trains on, and those that it holds out."""
        self._programs(environments.folders, lambda _: "trained")
        for place in environments.held_out:
            if is_source(place):
                self._programs([place], lambda _: "held-out")
            else:
                record = self._open().environment(place)
                self._members([record.id], "", "held-out")

    def _open(self) -> Registry:
        assert self._registry is not None
        return self._registry

    def _members(self, ids: Sequence[str], nothing: str, split: str = "") -> None:
        """Environments of the registry."""
        from envforge.evaluation import subjects_of

        if not ids:
            raise Finding(f"{self._open().name} holds {nothing}")
        for id in ids:
            for subject in subjects_of(self._open(), [id], split or self._split(id), self._width):
                self._found.setdefault(subject.id, subject)

    def _programs(self, places: Sequence[str], split: Callable[[str], str] | None = None) -> None:
        """Programs in files and folders; L1 is all that they have to pass."""
        from envforge.evaluation import program_subject
        from envforge.sandbox import Evaluator
        from envforge.sources import read_folder

        assert self._sandbox is not None
        evaluator = Evaluator(self._sandbox)
        for place in places:
            path = Path(place)
            for file in [str(one.path) for one in read_folder(path)] if path.is_dir() else [place]:
                program = load(evaluator, file, "")
                subject = program_subject(program, (split or self._split)(program.id), self._width)
                self._found.setdefault(program.id, subject)

    def _task(self, target: str) -> None:
        from envforge.evaluation.gym import gym_subjects

        for subject in gym_subjects(target, self._config, self._stack):
            self._found.setdefault(subject.id, subject)

    def _split(self, id: str) -> str:
        """Where the registry has an environment: what is admitted and not held out is what a run trains on."""
        if id in self._held_out:
            return "held-out"
        status = self._registry.status(id) if self._registry is not None else None
        return "trained" if status == "admitted" else "other"
