"""Tasks of other people's gyms as subjects: `gym:reasoning_gym/TASK` and the other forms of envforge.gyms.

Their code runs in a sandbox of its own. Their scorers promise less than the contract asks: one that raises, or does
not end, over an answer has found it wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from envforge.config import SandboxConfig
from envforge.contract import derive_seed
from envforge.evaluation.subjects import Problem, Question, Subject
from envforge.gyms.naming import GymTask, gym_tasks
from envforge.sandbox import Failure, Sandbox, ScoreCall, Status
from envforge.sandbox.calls import state_text


def gym_subjects(name: str, config: SandboxConfig, stack: ExitStack, split: str = "other") -> list[Subject]:
    """The tasks that `name` means. Raises UsageError for what cannot be meant; the gym is closed with `stack`."""
    return [_subject(task, split) for task in gym_tasks(name, config, stack)]


def _subject(task: GymTask, split: str) -> Subject:
    tags = tuple(filter(None, (*task.program.tags, task.category)))
    levels = tuple(task.program.difficulties)
    return Subject(task.name, task.title, tags, split, levels, GymSource(task))


@dataclass(frozen=True, slots=True)
class GymSource:
    """One task. The gym's own seed of an instance is hashed from the instance's."""

    task: GymTask

    def questions(self, keys: Sequence[tuple[int, int]], sandbox: Sandbox | None) -> list[Question | Problem]:
        """Instances from the gym's sandbox."""
        own = [(gym_seed(seed), level) for seed, level in keys]
        made = self.task.evaluator.instances(self.task.program, own)
        return [
            Problem(f"the gym makes no instance with seed {seed}: {one}")
            if isinstance(one, Failure)
            else Question(seed, level, one.prompt, state_text(one.state))
            for (seed, level), one in zip(keys, made)
        ]

    def scores(
        self, answers: Sequence[tuple[Question, str]], sandbox: Sandbox | None
    ) -> list[float | Problem]:
        """Scores from the gym's sandbox."""
        calls = [ScoreCall(question.state, answer) for question, answer in answers]
        return [_score(value) for value in self.task.evaluator.scores(self.task.program, calls)]


def _score(value: float | Failure) -> float | Problem:
    if not isinstance(value, Failure):
        return value
    if value.status is Status.RAISED and value.message.startswith("ValueError: score returned"):
        return Problem(f"the gym's score is none: {value.message}")
    return 0.0


def gym_seed(seed: int) -> int:
    """The gym's seed for an instance's: 31 bits, which every random generator takes."""
    return derive_seed("gym", seed) >> 32
