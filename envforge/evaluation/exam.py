"""An examination: the same instances for everybody, one request for each, and the marks for the replies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from envforge.contract import MAX_ANSWER_CHARACTERS, derive_seed, extract_answer
from envforge.errors import UsageError
from envforge.evaluation.subjects import Problem, Question, Subject
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.recipe import EvaluationConfig, PromptConfig, solver_messages
from envforge.sandbox import Sandbox
from envforge.verdict import LevelResult


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the request of one instance belongs."""

    subject: int
    question: Question


class Exam:
    """Instances of `subjects` at the levels of `config`, as requests; `mark` turns the replies into results.

    Instances have the seeds derive_seed("evaluation", subject id, level, index), index from 0 to instances - 1: no
    purpose shares its stream with another, so training and calibration never meet them, and two examinations of the
    same subject put the same questions. `seed` sets the draws of the responses alone. Holds no policy and no thread:
    whoever has the requests answered may do so as they like.
    """

    def __init__(
        self,
        subjects: Sequence[Subject],
        sandbox: Sandbox | None,
        config: EvaluationConfig,
        prompt: PromptConfig,
        max_tokens: int,
        seed: int = 0,
    ) -> None:
        """Makes the instances. `sandbox` may be None where no subject is a program; `max_tokens` of a response, 0:
        what the backend says.

        Raises UsageError for a level that a subject does not have and for several samples at temperature 0, and
        SandboxError.
        """
        check(subjects, config)
        self.subjects = tuple(subjects)
        self.samples = config.samples
        self._sandbox = sandbox
        self._levels = tuple(sorted(set(config.levels))) if config.instances else ()
        self._unmade: dict[
            tuple[int, int], int
        ] = {}  # instances that could not be made, by subject and level
        self._problems: dict[str, str] = {}
        places: list[_Place] = []
        for number, subject in enumerate(self.subjects):
            keys = [
                (derive_seed("evaluation", subject.id, level, index), level)
                for level in self._levels
                for index in range(config.instances)
            ]
            made = subject.source.questions(keys, sandbox) if keys else []
            for (_, level), one in zip(keys, made):
                if isinstance(one, Problem):
                    self._unmade[number, level] = self._unmade.get((number, level), 0) + 1
                    self._note(subject, one)
                else:
                    places.append(_Place(number, one))
        self._places = tuple(places)
        self.requests: tuple[Request, ...] = tuple(
            _request(self.subjects[place.subject], place.question, config, prompt, max_tokens, seed)
            for place in places
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What was wrong with instances and scorers so far: for each subject, its first problem."""
        return tuple(self._problems.values())

    def mark(self, replies: Sequence[list[Completion] | PolicyError]) -> tuple[LevelResult, ...]:
        """The results for the replies to `requests`, in their order: by subject, then by level.

        An answer that the contract does not let in (too long, no valid text) is wrong without being scored. A reply
        that is an error or holds too few completions, and one that cannot be scored, loses its instance: the policy
        gets neither credit nor blame. Raises SandboxError.
        """
        if len(replies) != len(self.requests):
            raise ValueError(f"{len(replies)} replies to {len(self.requests)} requests")
        by_subject: dict[int, list[tuple[Question, list[Completion] | PolicyError]]] = {}
        for place, reply in zip(self._places, replies):
            by_subject.setdefault(place.subject, []).append((place.question, reply))
        results: list[LevelResult] = []
        for number, subject in enumerate(self.subjects):
            marked = self._marked(subject, by_subject.get(number, []))
            for level in self._levels:
                rows = [row for row in marked if row.question.difficulty == level]
                results.append(self._result(subject, level, rows, self._unmade.get((number, level), 0)))
        return tuple(results)

    def _marked(
        self, subject: Subject, pairs: Sequence[tuple[Question, list[Completion] | PolicyError]]
    ) -> list[_Row]:
        """Every instance of a subject with the scores of its responses; one call to the scorer for all of them."""
        rows: list[_Row] = []
        calls: list[tuple[Question, str]] = []
        owners: list[tuple[_Row, int]] = []
        for question, reply in pairs:
            row = _Row(question, [])
            rows.append(row)
            if isinstance(reply, PolicyError) or len(reply) < self.samples:
                row.lost = True
                continue
            for index, completion in enumerate(reply[: self.samples]):
                answer = extract_answer(completion.text)
                row.tokens += completion.completion_tokens or 0
                row.format_failures += answer is None
                row.scores.append(0.0)
                if answer is not None and _scorable(answer):
                    calls.append((question, answer))
                    owners.append((row, index))
        scored = subject.source.scores(calls, self._sandbox) if calls else []
        for (row, index), value in zip(owners, scored):
            if isinstance(value, Problem):
                row.lost = True
                self._note(subject, value)
            else:
                row.scores[index] = value
        return rows

    def _result(self, subject: Subject, level: int, rows: Sequence[_Row], unmade: int) -> LevelResult:
        kept = [row for row in rows if not row.lost]
        return LevelResult(
            subject=subject.id,
            title=subject.title,
            tags=subject.tags,
            split=subject.split,
            difficulty=level,
            samples=self.samples,
            passes=tuple(sum(score == 1.0 for score in row.scores) for row in kept),
            total=math.fsum(score for row in kept for score in row.scores),
            seeds=tuple(row.question.seed for row in kept),
            format_failures=sum(row.format_failures for row in kept),
            tokens=sum(row.tokens for row in rows),  # they were written, whatever became of them
            lost=unmade + len(rows) - len(kept),
        )

    def _note(self, subject: Subject, problem: Problem) -> None:
        self._problems.setdefault(subject.id, f"'{subject.title}' ({subject.id}): {problem.reason}")


@dataclass(slots=True)
class _Row:
    """One instance while it is marked."""

    question: Question
    scores: list[float]
    format_failures: int = 0
    tokens: int = 0
    lost: bool = False


def check(subjects: Sequence[Subject], config: EvaluationConfig) -> None:
    """Raise UsageError for what cannot be examined so. A nearest level is never taken instead: rates of different
    levels do not compare."""
    if config.samples > 1 and config.temperature == 0:
        raise UsageError(
            f"{config.samples} samples at temperature 0 are one and the same: give a temperature above 0, or 1 sample"
        )
    for subject in subjects:
        missing = sorted(set(config.levels) - set(subject.levels))
        if missing:
            has = f"levels 0 to {subject.levels[-1]}" if len(subject.levels) > 1 else "level 0 only"
            raise UsageError(
                f"level {missing[0]} cannot be measured: '{subject.title}' ({subject.id}) has {has}"
            )


def _request(
    subject: Subject,
    question: Question,
    config: EvaluationConfig,
    prompt: PromptConfig,
    max_tokens: int,
    seed: int,
) -> Request:
    return Request(
        key=f"eval/{subject.id}/{question.difficulty}/{question.seed}",
        messages=solver_messages(question.prompt, prompt, question.picture),
        sampling=Sampling(
            temperature=config.temperature,
            max_tokens=max_tokens or None,
            seed=derive_seed("evaluation draw", seed, subject.id, question.difficulty, question.seed),
        ),
        n=config.samples,
    )


def _scorable(answer: str) -> bool:
    """Whether the contract lets an answer in."""
    if len(answer) > MAX_ANSWER_CHARACTERS:
        return False
    try:
        answer.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
