"""Probing one environment: fresh instances of every level, their pictures and scores; and what went wrong where."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from envforge.analysis.figures import Fault
from envforge.analysis.sketch import Sketch, sketched
from envforge.contract import Instance, Oracle, Program, derive_seed
from envforge.sandbox import Evaluator, Failure, ScoreCall, Status
from envforge.sandbox.calls import state_text
from envforge.validation.answers import WrongAnswer, light_answers, wrong_answers
from envforge.validation.leaks import find_leak

PURPOSE = "analysis"  # of the seeds: apart from every stream of training, evaluation and validation
BLANK = 0.002  # share of foreground pixels below which a picture shows nothing
_TEXTS = (
    "the prompt ",
    "the reference ",
    "prompt ",
    "reference ",
)  # how the sandbox begins a refusal of a text

T = TypeVar("T")
P = TypeVar("P")


@dataclass(slots=True)
class Probes:
    """What a program did on its probes. `levels[i]` holds the questions of level `difficulties[i]`, in the order in
    which they were drawn; `faults` every probe that lowers a rate, by rate."""

    program: Program
    difficulties: tuple[int, ...]
    levels: list[list[Instance]] = field(default_factory=list)
    sketches: dict[tuple[int, int], Sketch] = field(default_factory=dict)  # by (difficulty, seed)
    reached: dict[str, int] = field(default_factory=dict)  # by rate: the probes that came so far
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    read_off: int = 0  # prompts that give the answer away, beside the one among the faults
    generate_seconds: float = 0.0
    render_seconds: float = 0.0
    raster_seconds: float = 0.0
    drawn: int = 0  # pictures that were asked for

    def rate(self, name: str) -> float | None:
        """The share of the probes that passed, of those that came so far; None when none did."""
        reached = self.reached.get(name, 0)
        failed = len(self.faults.get(name, ())) + (self.read_off if name == "question" else 0)
        return max(0.0, 1 - failed / reached) if reached else None

    def blame(self, rate: str, seed: int, difficulty: int, reason: str) -> None:
        """Record that a probe failed; the first reason counts."""
        faults = self.faults.setdefault(rate, [])
        if not any((fault.seed, fault.difficulty) == (seed, difficulty) for fault in faults):
            faults.append(Fault(rate, seed, difficulty, reason))


def probe(program: Program, evaluator: Evaluator, instances: int, difficulties: Sequence[int]) -> Probes:
    """Draw and judge `instances` probes of each of `difficulties`. Raises SandboxError when the sandbox fails.

    What fails at the first probe of every level is not tried any further: its failure stands for the rest, so that
    a program that hangs costs a few calls and not all.
    """
    found = Probes(program, tuple(difficulties))
    keys = [
        (derive_seed(PURPOSE, program.id, difficulty, index), difficulty)
        for index in range(instances)
        for difficulty in difficulties
    ]
    _generate(found, evaluator, keys)
    if program.kind == "visual":
        _draw(found, evaluator)
    _question(found)
    _verify(found, evaluator)
    return found


def _generate(found: Probes, evaluator: Evaluator, keys: Sequence[tuple[int, int]]) -> None:
    before = evaluator.cpu_seconds
    values = _in_waves(keys, lambda part: evaluator.instances(found.program, part), len(found.difficulties))
    found.generate_seconds = evaluator.cpu_seconds - before
    by_level: dict[int, list[Instance]] = {difficulty: [] for difficulty in found.difficulties}
    found.reached["generation"] = found.reached["question"] = len(keys)
    for (seed, difficulty), value in zip(keys, values):
        if not isinstance(value, Failure):
            by_level[difficulty].append(value)
        elif _about_texts(value):
            found.blame("question", seed, difficulty, str(value))
        else:
            found.blame("generation", seed, difficulty, str(value))
            found.reached["question"] -= 1
    found.levels = [by_level[difficulty] for difficulty in found.difficulties]


def _about_texts(failure: Failure) -> bool:
    """Whether a probe came to a state, and its prompt or reference broke."""
    if failure.function in ("prompt", "reference"):
        return True
    return failure.status is Status.RAISED and not failure.line and failure.message.startswith(_TEXTS)


def _draw(found: Probes, evaluator: Evaluator) -> None:
    questions = _first_of_levels_first(found.levels)
    before = evaluator.cpu_seconds
    pictures = _in_waves(
        questions,
        lambda part: evaluator.pictures(found.program, [instance.state for instance in part]),
        len(found.difficulties),
    )
    found.render_seconds = evaluator.cpu_seconds - before
    found.reached["image"] = found.drawn = len(questions)
    start = time.perf_counter()
    for instance, picture in zip(questions, pictures):
        seed, difficulty = instance.seed, instance.difficulty
        if isinstance(picture, Failure):
            found.blame("image", seed, difficulty, str(picture))
            continue
        sketch = sketched(picture)
        if isinstance(sketch, str):
            found.blame("image", seed, difficulty, sketch)
            continue
        found.sketches[difficulty, seed] = sketch
        if sketch.foreground < BLANK:
            found.blame("image", seed, difficulty, "the picture is blank")
    found.raster_seconds = time.perf_counter() - start


def _question(found: Probes) -> None:
    """Blame prompts that give the answer away or mention its wrapper, and one question that has two answers."""
    full = [level for level in found.levels if level]
    leak = find_leak(full) if full else None
    answered: dict[tuple[str, str | None], Instance] = {}
    for level in found.levels:
        for instance in level:
            seed, difficulty = instance.seed, instance.difficulty
            if "<answer>" in instance.prompt or "\\boxed" in instance.prompt:
                found.blame("question", seed, difficulty, "the prompt mentions <answer> or \\boxed")
            sketch = found.sketches.get((difficulty, seed))
            if found.program.kind == "visual" and sketch is None:
                continue
            first = answered.setdefault((instance.prompt, sketch.digest if sketch else None), instance)
            if found.program.oracle is Oracle.EQUALITY and first.reference != instance.reference:
                found.blame(
                    "question",
                    seed,
                    difficulty,
                    f"the question of seed {first.seed} (level {first.difficulty}) again, with another answer",
                )
    if leak is not None:
        found.blame(
            "question",
            leak.example.seed,
            leak.example.difficulty,
            f"the prompt gives the answer away, here and in {leak.hits - 1} others: {leak.rule}",
        )
        found.read_off = leak.hits - 1


def _verify(found: Probes, evaluator: Evaluator) -> None:
    """Blame questions whose reference does not score 1.0, or of which a wrong answer does.

    The first question of a level meets the whole family of wrong answers, the others a few.
    """
    questions = _first_of_levels_first(found.levels)
    found.reached["verifier"] = len(questions)
    texts = {(i.difficulty, i.seed): state_text(i.state) for i in questions}
    right = _in_waves(
        questions,
        lambda part: evaluator.scores(
            found.program, [ScoreCall(texts[i.difficulty, i.seed], i.reference) for i in part]
        ),
        len(found.difficulties),
    )
    sound = set()
    for instance, score in zip(questions, right):
        if score == 1.0:
            sound.add((instance.difficulty, instance.seed))
        else:
            why = f"scoring the reference fails: {score}" if isinstance(score, Failure) else _scored(score)
            found.blame("verifier", instance.seed, instance.difficulty, why)
    asked: list[tuple[Instance, WrongAnswer]] = []
    for level in found.levels:
        for index, instance in enumerate(level):
            if (instance.difficulty, instance.seed) in sound:
                other = level[(index + 1) % len(level)]
                asked += [(instance, wrong) for wrong in _wrong(instance, other, found.program.oracle, index)]
    calls = [ScoreCall(texts[i.difficulty, i.seed], wrong.text) for i, wrong in asked]
    for (instance, wrong), value in zip(asked, evaluator.scores(found.program, calls)):
        if isinstance(value, Failure):
            why = f"score fails on an answer that is {wrong.why}: {value}"
        elif value >= 1.0 and wrong.certain:
            why = f"score gives 1.0 to a wrong answer: {wrong.why}"
        else:
            continue
        found.blame("verifier", instance.seed, instance.difficulty, why)


def _scored(score: float) -> str:
    return f"the reference scores {score:g}, not 1.0"


def _wrong(instance: Instance, other: Instance, oracle: Oracle, index: int) -> list[WrongAnswer]:
    return light_answers(instance, other, oracle) if index else wrong_answers(instance, other, oracle, ())


def _first_of_levels_first(levels: Sequence[Sequence[P]]) -> list[P]:
    """All of them, those that come first in their level first."""
    longest = max(map(len, levels), default=0)
    return [level[index] for index in range(longest) for level in levels if index < len(level)]


def _in_waves(
    items: Sequence[P], call: Callable[[Sequence[P]], list[T | Failure]], first: int
) -> list[T | Failure]:
    """The value of each item; the rest is called only if one of the first so many did not fail."""
    values = list(call(items[:first]))
    if all(isinstance(value, Failure) for value in values):
        return values + values[-1:] * (len(items) - len(values))
    return values + list(call(items[first:]))
