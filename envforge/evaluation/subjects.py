"""What can be examined: programs of the contract, run in the sandbox, and whatever else has questions and scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from envforge.contract import Instance, Program
from envforge.errors import UsageError
from envforge.pixels import WIDTH, png_of
from envforge.sandbox import Evaluator, Failure, Sandbox, ScoreCall
from envforge.sandbox.calls import state_text

if TYPE_CHECKING:
    from envforge.registry import Registry

SPLITS = ("trained", "held-out", "other")


@dataclass(frozen=True, slots=True)
class Question:
    """One instance as a subject's source hands it out. `state` is the source's own: what it needs for scoring;
    `picture` is the PNG of a visual environment."""

    seed: int
    difficulty: int
    prompt: str
    state: str = ""
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an instance could not be made or an answer not be scored, in one sentence."""

    reason: str


class Source(Protocol):
    """Where a subject's instances and scores come from."""

    def questions(self, keys: Sequence[tuple[int, int]], sandbox: Sandbox | None) -> list[Question | Problem]:
        """The instances for (seed, difficulty) `keys`, in that order: the same for the same key, always."""

    def scores(
        self, answers: Sequence[tuple[Question, str]], sandbox: Sandbox | None
    ) -> list[float | Problem]:
        """The score, 0 to 1, of each answer, in order."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One environment, or task of a gym, that is examined. `split` is one of SPLITS; `levels` are all it has;
    `bucket` is None for what asks in text alone."""

    id: str
    title: str
    tags: tuple[str, ...]
    split: str
    levels: tuple[int, ...]
    source: Source
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """A program of the contract. It runs in the sandbox only, as everything that a model may have written. Pictures
    are `width` pixels wide."""

    program: Program
    width: int = WIDTH

    def questions(self, keys: Sequence[tuple[int, int]], sandbox: Sandbox | None) -> list[Question | Problem]:
        """Instances from the sandbox."""
        made = self._evaluator(sandbox).instances(self.program, keys, pictures=True)
        return [self._question(one, level) for (_, level), one in zip(keys, made)]

    def _question(self, made: Instance | Failure, level: int) -> Question | Problem:
        if isinstance(made, Failure):
            return Problem(f"an instance cannot be made at level {level}: {made}")
        picture = png_of(made, self.width)
        if isinstance(picture, Failure):
            return Problem(f"an instance cannot be made at level {level}: {picture}")
        return Question(made.seed, level, made.prompt, state_text(made.state), picture)

    def scores(
        self, answers: Sequence[tuple[Question, str]], sandbox: Sandbox | None
    ) -> list[float | Problem]:
        """Scores from the sandbox. A scorer that fails has broken the contract: that is no score of the answer."""
        calls = [ScoreCall(question.state, answer) for question, answer in answers]
        return [
            Problem(f"the scorer fails at level {question.difficulty}: {value}")
            if isinstance(value, Failure)
            else value
            for (question, _), value in zip(answers, self._evaluator(sandbox).scores(self.program, calls))
        ]

    @staticmethod
    def _evaluator(sandbox: Sandbox | None) -> Evaluator:
        if sandbox is None:
            raise ValueError("programs are examined in a sandbox: give one")
        return Evaluator(sandbox)


def program_subject(program: Program, split: str, width: int = WIDTH) -> Subject:
    """`program` as a subject; pictures are `width` pixels wide."""
    source = ProgramSource(program, width)
    levels = tuple(program.difficulties)
    return Subject(program.id, program.title, program.tags, split, levels, source, program.bucket)


def subjects_of(registry: Registry, ids: Iterable[str], split: str, width: int = WIDTH) -> list[Subject]:
    """The environments of the registry with these ids (or unique beginnings) as subjects, each once, in order.

    Raises RegistryError for an id that is not there, UsageError for a source that is no program.
    """
    found: dict[str, Subject] = {}
    for id in ids:
        record = registry.environment(id)
        if record.program is None:
            raise UsageError(f"{record.id} is {record.status}: its source is no program of the contract")
        found.setdefault(record.id, program_subject(record.program, split, width))
    return list(found.values())
