"""The solver's rewards: the frozen scorer of each environment, in the sandbox, many responses at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from envforge.contract import MAX_ANSWER_CHARACTERS, extract_answer
from envforge.sandbox import Evaluator, Failure, Sandbox, ScoreCall
from envforge.training.patience import patiently
from envforge.training.tasks import SolverTask


@dataclass(frozen=True, slots=True)
class Scored:
    """One response. `score` is None where the scorer broke, which is not the solver's fault: `failure` says how.

    A response without an answer (a format failure), or with one that is too long for any scorer, scores 0.
    """

    score: float | None
    answer: str | None
    failure: Failure | None = None

    @property
    def formatted(self) -> bool:
        return self.answer is not None


class Scorer:
    """Scores responses in threads, so that the next ones can be drawn meanwhile."""

    def __init__(self, sandbox: Sandbox, retries: int = 0, threads: int = 4) -> None:
        self._evaluator = Evaluator(sandbox)
        self._retries = retries
        self._crew = ThreadPoolExecutor(threads, "scoring")

    def submit(self, task: SolverTask, responses: Sequence[str]) -> Future[list[Scored]]:
        """The scores of one group, to come. Raises SandboxError."""
        return self.submit_many([(task, responses)])

    def submit_many(self, groups: Sequence[tuple[SolverTask, Sequence[str]]]) -> Future[list[Scored]]:
        """The scores of several groups, one after the other in one list."""
        return self._crew.submit(lambda: patiently(lambda: self._score(list(groups)), self._retries))

    def close(self) -> None:
        self._crew.shutdown(wait=False, cancel_futures=True)

    def _score(self, groups: Sequence[tuple[SolverTask, Sequence[str]]]) -> list[Scored]:
        rows = [(task, extract_answer(text)) for task, texts in groups for text in texts]
        scored = [Scored(0.0, answer) for _, answer in rows]
        by_program: dict[str, list[int]] = {}
        for place, (task, answer) in enumerate(rows):
            if answer is not None and len(answer) <= MAX_ANSWER_CHARACTERS and _sendable(answer):
                by_program.setdefault(task.program.id, []).append(place)
        for places in by_program.values():
            program = rows[places[0]][0].program
            calls = [ScoreCall(rows[place][0].state, rows[place][1] or "") for place in places]
            for place, call, value in zip(places, calls, self._evaluator.scores(program, calls)):
                if isinstance(value, Failure):  # a machine under load can be slow once
                    (value,) = self._evaluator.scores(program, [call], fresh=True)
                answer = rows[place][1]
                failed = isinstance(value, Failure)
                scored[place] = Scored(None, answer, value) if failed else Scored(value, answer)  # type: ignore[arg-type]
        return scored


def _sendable(answer: str) -> bool:
    try:
        answer.encode()
    except UnicodeEncodeError:  # a lone surrogate is no text
        return False
    return True


class Stopwatch:
    """Wall seconds of what is done inside, summed up."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> Stopwatch:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began

    def taken(self) -> float:
        """The seconds so far, and begin anew."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds
