"""The environments of a package, and what runs of them: instances and scores, many at once."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from envforge.contract import MAX_ANSWER_CHARACTERS, Instance, Program, extract_answer
from envforge.errors import UsageError
from envforge.export.package.dataset import DEFAULT_SIZE, Dataset, Member
from envforge.export.package.keys import BrokenProgram, Key
from envforge.export.package.manifest import Entry, Package, check_program, read_package
from envforge.export.package.process import evaluator
from envforge.pixels import WIDTH
from envforge.sandbox import Failure, ScoreCall
from envforge.sandbox.calls import state_text

if TYPE_CHECKING:
    import datasets

KEPT_STATES = 1024  # so that scoring need not generate again what was just asked; 64 KiB each at most
_ID = re.compile("[0-9a-f]{4,16}")


class Library:
    """The environments in the folder of a package's module.

    Nothing is read before it is needed; then everything is checked against the manifest, and a package that was
    changed raises UsageError. Programs run in the sandbox of the process, which the first of them starts. May be used
    by several threads, and after a fork. A sandbox that fails raises SandboxError, a program that fails
    BrokenProgram: neither is ever a score.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs: dict[str, Program] = {}
        self._states: dict[Key, str] = {}

    @functools.cached_property
    def package(self) -> Package:
        """What the manifest says, and the sources."""
        return read_package(self._folder)

    @functools.cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.package.entries}

    def list_datasets(self) -> dict[str, dict[str, Any]]:
        """Every environment by name: `id`, `title`, `tags`, `oracle`, `kind`, and the number of `levels`."""
        return {
            entry.name: {
                "id": entry.id,
                "title": entry.title,
                "tags": list(entry.tags),
                "oracle": entry.oracle,
                "kind": entry.kind,
                "levels": len(entry.difficulties),
            }
            for entry in self.package.entries
        }

    def entry(self, name_or_id: str) -> Entry:
        """The environment of this name, this id, or the only one whose id begins so. Raises UsageError."""
        for entry in self.package.entries:
            if name_or_id in (entry.name, entry.id):
                return entry
        if _ID.fullmatch(name_or_id):
            found = [entry for entry in self.package.entries if entry.id.startswith(name_or_id)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UsageError(f"{len(found)} ids begin with {name_or_id}: give more digits")
        near = difflib.get_close_matches(name_or_id, [entry.name for entry in self.package.entries], 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else "list_datasets() shows what there is"
        raise UsageError(f"{self.package.module} has no environment '{name_or_id}'; {hint}")

    def create_dataset(
        self,
        name: str | Sequence[str] | None = None,
        size: int = DEFAULT_SIZE,
        seed: int = 0,
        difficulty: int | Sequence[int] | None = None,
        *,
        pictures: Literal["png", "svg", "none"] = "png",
        width: int = WIDTH,
    ) -> Dataset:
        """`size` instances of one environment, or of several (None: all) in turn.

        `difficulty` is a level or several, which take turns as well; None stands for all that an environment has. The
        same arguments give the same instances in any process; another `seed` gives others. Raises UsageError for
        names and levels that are not there.
        """
        if name is None:
            entries = list(self.package.entries)
        else:
            entries = [self.entry(one) for one in ([name] if isinstance(name, str) else name)]
        if not entries or len({entry.id for entry in entries}) < len(entries):
            raise UsageError("name at least one environment, and each once")
        wanted = None if difficulty is None else (difficulty,) if isinstance(difficulty, int) else difficulty
        members = tuple(Member(entry, _levels(entry, wanted)) for entry in entries)
        return Dataset(self, members, size, seed, pictures, width)

    def instances(self, keys: Sequence[Key], pictures: bool = False) -> list[Instance]:
        """The instance of each key, in their order; with `pictures` those of visual programs carry their SVG."""
        made: dict[Key, Instance] = {}
        for program, wanted in self._by_program(keys):
            pairs = [(key.seed, key.difficulty) for key in wanted]
            found = evaluator().instances(program, pairs, pictures=pictures)
            for key, pair, one in zip(wanted, pairs, found):
                if isinstance(one, Failure):  # a machine under load can be slow once
                    (one,) = evaluator().instances(program, [pair], fresh=True, pictures=pictures)
                if isinstance(one, Failure):
                    raise BrokenProgram(f"{_named(program, key)} cannot be made: {one}")
                made[key] = one
        if len(self._states) + len(made) > KEPT_STATES:
            self._states.clear()
        if len(made) <= KEPT_STATES:
            self._states.update((key, state_text(one.state)) for key, one in made.items())
        return [made[key] for key in keys]

    def scores(self, keys: Sequence[Key], answers: Sequence[str | None]) -> list[float]:
        """The score of each answer, 0 to 1, in their order. None (no answer was found), and what is too long or no
        text for any scorer, scores 0."""
        found = [0.0] * len(keys)
        places = [
            place for place, answer in enumerate(answers) if answer is not None and _sendable(answer.strip())
        ]
        states = self._states_of([keys[place] for place in places])
        by_id: dict[str, list[int]] = {}
        for place in places:
            by_id.setdefault(keys[place].id, []).append(place)
        for id, group in by_id.items():
            program = self.program(id)
            calls = [ScoreCall(states[keys[place]], (answers[place] or "").strip()) for place in group]
            for place, call, value in zip(group, calls, evaluator().scores(program, calls)):
                if isinstance(value, Failure):
                    (value,) = evaluator().scores(program, [call], fresh=True)
                if isinstance(value, Failure):
                    raise BrokenProgram(
                        f"{_named(program, keys[place])} cannot score {call.answer[:60]!r}: {value}"
                    )
                found[place] = value
        return found

    def score_responses(self, keys: Sequence[Key], responses: Sequence[str]) -> list[float]:
        """The score of each whole response: of what stands between its last `<answer>` and `</answer>`."""
        return self.scores(keys, [extract_answer(response) for response in responses])

    def program(self, id: str) -> Program:
        """The program with this id, as the static policy reads it. Raises UsageError when it refuses it or the
        manifest says something else."""
        if id not in self._programs:
            entry = self.entry(id)
            found = evaluator().inspect(self.package.sources[entry.id])
            if isinstance(found, Failure):
                raise UsageError(f"{entry.file} cannot be read as a program: {found}")
            if isinstance(found, list):
                raise UsageError(f"{entry.file} does not pass the static policy: {found[0]['message']}")
            check_program(entry, found)
            self._programs[id] = found
        return self._programs[id]

    def trl_dataset(
        self,
        name: str | Sequence[str] | None = None,
        size: int = DEFAULT_SIZE,
        seed: int = 0,
        difficulty: int | Sequence[int] | None = None,
        *,
        system: str = "",
        width: int = WIDTH,
    ) -> datasets.Dataset:
        """A data set for TRL's GRPOTrainer: `prompt` as chat messages, `images` where the environments draw, and what
        `trl_reward` needs to know. Environments with and without pictures do not mix (UsageError)."""
        from envforge.export.package.grpo import dataset_of

        return dataset_of(self.create_dataset(name, size, seed, difficulty, width=width), system)

    def trl_reward(self, prompts: list[Any], completions: list[Any], **columns: list[Any]) -> list[float]:
        """The rewards of completions, for `reward_funcs` of TRL's GRPOTrainer on a data set of `trl_dataset`."""
        from envforge.export.package.grpo import rewards_of

        return rewards_of(self, completions, columns)

    def load_environment(self, **options: Any) -> Any:
        """An environment of verifiers over this package. `options` are those of its task set (docs/export.md)."""
        from envforge.policies.chat import need

        need(("verifiers",), "load_environment()", "pip install 'verifiers>=0.4,<0.5'")
        from envforge.export.package.taskset import environment

        return environment(self.package.module, options)

    def _states_of(self, keys: Sequence[Key]) -> dict[Key, str]:
        kept = {key: self._states[key] for key in dict.fromkeys(keys) if key in self._states}
        missing = [key for key in dict.fromkeys(keys) if key not in kept]
        made = {key: state_text(one.state) for key, one in zip(missing, self.instances(missing))}
        return kept | made

    def _by_program(self, keys: Sequence[Key]) -> list[tuple[Program, list[Key]]]:
        groups: dict[str, list[Key]] = {}
        for key in dict.fromkeys(keys):
            groups.setdefault(key.id, []).append(key)
        for id, group in groups.items():
            entry = self.entry(id)
            wrong = [key for key in group if key.difficulty not in entry.difficulties]
            if wrong:
                raise UsageError(_no_level(entry, wrong[0].difficulty))
        return [(self.program(id), group) for id, group in groups.items()]


def _levels(entry: Entry, wanted: Sequence[int] | None) -> tuple[int, ...]:
    if wanted is None:
        return tuple(entry.difficulties)
    missing = [level for level in wanted if level not in entry.difficulties]
    if missing or not wanted:
        raise UsageError(_no_level(entry, missing[0]) if missing else "name at least one level")
    return tuple(wanted)


def _no_level(entry: Entry, level: int) -> str:
    return f"there is no level {level}: '{entry.name}' ({entry.id}) has levels 0 to {entry.max_difficulty}"


def _named(program: Program, key: Key) -> str:
    return f"'{program.title}' ({program.id}) at seed {key.seed}, level {key.difficulty}"


def _sendable(answer: str) -> bool:
    try:
        answer.encode()
    except UnicodeEncodeError:  # a lone surrogate is no text
        return False
    return len(answer) <= MAX_ANSWER_CHARACTERS
