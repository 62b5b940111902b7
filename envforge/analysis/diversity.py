"""How much the questions of a level differ, and how much one level differs from another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from envforge.analysis.capacity import capacity
from envforge.analysis.figures import LevelFigures, StepFigures, mean
from envforge.analysis.probing import Probes
from envforge.analysis.sketch import Sketch, across, spread
from envforge.contract import Instance
from envforge.novelty import jaccard
from envforge.validation.profiling import mask_numbers, prompt_shingles


def entropy(values: Sequence[Hashable]) -> float:
    """Shannon's entropy of the values' own frequencies, in bits; at most log2 of their number."""
    total = len(values)
    shares = [count / total for count in Counter(values).values()]
    return max(0.0, -math.fsum(share * math.log2(share) for share in shares))


def level_figures(found: Probes, place: int, probes: int, floor: float | None) -> LevelFigures:
    """The figures of the level at `place` of the difficulties that were probed."""
    level, difficulty = found.levels[place], found.difficulties[place]
    sketches = _sketches(found, place)
    questions = _questions(found, place)
    number = len(level)
    return LevelFigures(
        difficulty=difficulty,
        probes=probes,
        instances=number,
        distinct=len(set(questions)) / len(questions) if questions else None,
        templates=len({mask_numbers(instance.prompt) for instance in level}) / number if number else None,
        entropy=entropy([instance.reference for instance in level]) if number else None,
        floor=floor,
        spread=spread([sketch.fingerprint for sketch in sketches]),
        foreground=mean(sketch.foreground for sketch in sketches),
        capacity=capacity(questions),
    )


def step_figures(found: Probes, low: int, high: int) -> StepFigures:
    """What changes between the levels at the places `low` and `high`."""
    one, two = (_shingles(found.levels[place]) for place in (low, high))
    prints = [[sketch.fingerprint for sketch in _sketches(found, place)] for place in (low, high)]
    between, within = across(*prints), [spread(side) for side in prints]
    contrast = None
    if between is not None and within[0] is not None and within[1] is not None:
        contrast = between - (within[0] + within[1]) / 2
    return StepFigures(
        low=found.difficulties[low],
        high=found.difficulties[high],
        prompt=1 - jaccard(one, two) if one and two else None,
        picture=between,
        contrast=contrast,
    )


def _sketches(found: Probes, place: int) -> list[Sketch]:
    difficulty = found.difficulties[place]
    keys = [(difficulty, instance.seed) for instance in found.levels[place]]
    return [found.sketches[key] for key in keys if key in found.sketches]


def _questions(found: Probes, place: int) -> list[tuple[str, str]]:
    """What a solver is shown: the prompt, and for visual programs the picture, without which there is no question."""
    if found.program.kind == "text":
        return [(instance.prompt, "") for instance in found.levels[place]]
    difficulty = found.difficulties[place]
    return [
        (instance.prompt, sketch.digest)
        for instance in found.levels[place]
        if (sketch := found.sketches.get((difficulty, instance.seed))) is not None
    ]


def _shingles(level: Sequence[Instance]) -> frozenset[int]:
    return frozenset().union(*(prompt_shingles(instance.prompt) for instance in level))
