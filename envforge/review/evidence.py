"""What reviews are shown: for each an instance of its own, with answers that the program's scorer has judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from envforge.contract import Instance, Profile, Program, derive_seed
from envforge.pixels import png_of
from envforge.review.dataflow import KeyFlow, measure_flow
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

FLOW_PAIRS = 3  # of instances on which the data flow is measured: at the lowest, middle and highest level

_NUMBER = re.compile(r"-?\d{1,300}")


class Broken(Exception):
    """The program itself failed on an instance that a review was to show. `evidence` is a verdict's."""

    def __init__(self, reason: str, evidence: dict[str, Any]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer, what kind it is, and the score that the program gave it."""

    kind: str
    answer: str
    score: float


@dataclass(frozen=True, slots=True)
class Case:
    """What one review shows."""

    number: int  # of the review
    instance: Instance
    answers: tuple[ScoredAnswer, ...]
    guess_floor: float | None  # of the instance's level; None where it was not measured
    flow: tuple[KeyFlow, ...]  # the same for all reviews of a program
    picture: bytes | None = field(default=None, repr=False)  # PNG of a visual program's instance


def case_key(program: Program, number: int, reviews: int) -> tuple[int, int]:
    """Seed and difficulty of the instance that a review shows: levels from the lowest to the highest in turn."""
    top = program.max_difficulty
    difficulty = top // 2 if reviews == 1 else round(number * top / (reviews - 1))
    return derive_seed("review", program.id, difficulty, number), difficulty


def gather_cases(program: Program, profile: Profile, reviews: int, evaluator: Evaluator) -> list[Case]:
    """What each of `reviews` reviews shows. Raises Broken for what the program does wrong, and SandboxError."""
    keys = [case_key(program, number, reviews) for number in range(reviews)]
    others = [
        (derive_seed("review-other", program.id, difficulty, number), difficulty)
        for number, (_, difficulty) in enumerate(keys)
    ]
    pairs = _flow_keys(program)
    made = _instances(program, [*keys, *others, *(key for pair in pairs for key in pair)], evaluator)
    shown, rest = made[:reviews], made[reviews : 2 * reviews]
    in_pairs = made[2 * reviews :]
    flow = tuple(measure_flow(program, list(zip(in_pairs[::2], in_pairs[1::2])), evaluator))

    pictures = [_picture(instance) for instance in shown]
    answers = [_answers(number, *pair) for number, pair in enumerate(zip(shown, rest))]
    judged = _scores(program, shown, answers, evaluator)
    floors = profile.guess_floors
    return [
        Case(
            number,
            instance,
            judged[number],
            floors[instance.difficulty] if instance.difficulty < len(floors) else None,
            flow,
            pictures[number],
        )
        for number, instance in enumerate(shown)
    ]


def _flow_keys(program: Program) -> list[list[tuple[int, int]]]:
    levels = sorted({case_key(program, number, FLOW_PAIRS)[1] for number in range(FLOW_PAIRS)})
    return [
        [(derive_seed("review-flow", program.id, level, index), level) for index in range(2)]
        for level in levels
    ]


def _instances(program: Program, keys: Sequence[tuple[int, int]], evaluator: Evaluator) -> list[Instance]:
    found: list[Instance] = []
    for (seed, difficulty), value in zip(keys, evaluator.instances(program, keys, pictures=True)):
        if isinstance(value, Failure):
            raise Broken(f"no instance could be made: {value}", _failed(value, seed, difficulty))
        found.append(value)
    return found


def _picture(instance: Instance) -> bytes | None:
    picture = png_of(instance)
    if isinstance(picture, Failure):
        raise Broken(
            f"an instance cannot be shown: {picture}", _failed(picture, instance.seed, instance.difficulty)
        )
    return picture


def _scores(
    program: Program,
    instances: Sequence[Instance],
    answers: Sequence[Sequence[tuple[str, str]]],
    evaluator: Evaluator,
) -> list[tuple[ScoredAnswer, ...]]:
    rows = [(instance, kind, answer) for instance, few in zip(instances, answers) for kind, answer in few]
    calls = [ScoreCall(state_text(instance.state), answer) for instance, _, answer in rows]
    found: dict[int, list[ScoredAnswer]] = {}
    for (instance, kind, answer), value in zip(rows, evaluator.scores(program, calls)):
        if isinstance(value, Failure):
            where = _failed(value, instance.seed, instance.difficulty)
            raise Broken(f"the scorer failed: {value}", where | {"answer": answer})
        if answer == instance.reference and value != 1.0:
            where = {
                "seed": instance.seed,
                "difficulty": instance.difficulty,
                "answer": answer,
                "score": value,
            }
            raise Broken(f"the reference scores {value:g} and not 1.0", where)
        found.setdefault(id(instance), []).append(ScoredAnswer(kind, answer, value))
    return [tuple(found[id(instance)]) for instance in instances]


def _answers(number: int, instance: Instance, other: Instance) -> list[tuple[str, str]]:
    """The reference, a near miss and a malformed answer, of another kind for each review."""
    reference = instance.reference
    misses = list(_near_misses(reference, other.reference))
    kind, miss = misses[number % len(misses)]
    malformed = (f"The answer is {reference}.", f"{reference} or {miss}", f"{reference} {reference}")
    return [("the reference", reference), (kind, miss), ("malformed", malformed[number % len(malformed)])]


def _near_misses(reference: str, other: str) -> list[tuple[str, str]]:
    """Answers that are near to the reference and differ from it; where many answers are right, one may be right."""
    found: list[tuple[str, str]] = []
    numbers = list(_NUMBER.finditer(reference))
    more, less = [
        f"{reference[: n.start()]}{int(n[0]) + by}{reference[n.end() :]}"
        for n in numbers[-1:]
        for by in (1, -1)
    ] or [reference, reference]
    found.append(("the reference with its last number one more", more))
    words = reference.split()
    if len(words) > 1:
        swapped = " ".join([*words[:-2], words[-1], words[-2]])
        found.append(("the reference with its last two words exchanged", swapped))
        found.append(("the reference without its last word", " ".join(words[:-1])))
    found.append(("the reference of another instance of this difficulty", other))
    found.append(("the reference with its last number one less", less))
    found.append(("the reference with a letter more", f"{reference}x"))
    return [(kind, answer) for kind, answer in found if answer != reference][:3]


def _failed(failure: Failure, seed: int, difficulty: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "difficulty": difficulty,
        "status": failure.status.value,
        "message": failure.message,
        "line": failure.line,
        "function": failure.function,
    }
