"""How many questions a level has: whether a sample of its instances shows it to be small."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envforge.analysis.capacity import Capacity, capacity
from envforge.audit.desk import Desk
from envforge.audit.finding import Finding, Severity
from envforge.contract import MIN_DISTINCT_PROMPTS, Instance
from envforge.validation.finding import at, brief

LEAST_SAMPLE = 12  # instances of a level, for a word on its size
SAMPLE = 64  # of them that are counted, at most
CAPACITY, SMALL_CAPACITY, LARGE_CAPACITY = 50, 20, 500
DRESSED = 10  # questions that differ in their words alone


@dataclass(frozen=True, slots=True)
class _Size:
    """How many questions a level has, by its sample."""

    level: int
    figures: Capacity
    repeated: Instance

    @property
    def small(self) -> bool:
        share = self.figures.distinct / self.figures.drawn
        return share < MIN_DISTINCT_PROMPTS or (not self.figures.open and self.figures.estimate < CAPACITY)

    @property
    def bounded(self) -> bool:
        """Whether it is so small that even a program's largest level should be larger."""
        return not self.figures.open and self.figures.estimate < LARGE_CAPACITY

    @property
    def grave(self) -> bool:
        return self.level > 0 or self.figures.estimate <= SMALL_CAPACITY


def few(desk: Desk, sample: Sequence[Sequence[Instance]]) -> Iterator[Finding]:
    """few-instances, of the worst level."""
    sizes = []
    for level, found in enumerate(sample):
        if len(found) >= LEAST_SAMPLE:
            counted = found[:SAMPLE]
            figures = capacity(_questions(counted))
            sizes.append(_Size(level, figures, _most_frequent(counted)))
    small = [size for size in sizes if size.small]
    if not small and desk.target.ours and sizes and all(size.bounded for size in sizes):
        small = sizes  # no level is large
    if not small:
        return
    worst = min(small, key=lambda size: (not size.grave, size.figures.estimate))
    figures = worst.figures
    yield desk.finding(
        "few-instances",
        f"of {figures.drawn} instances of level {worst.level} {figures.distinct} are distinct; "
        f"it has about {figures.estimate:.0f}",
        Severity.WARNING if worst.grave else Severity.INFO,
        **at(worst.repeated),
        prompt=brief(worst.repeated.prompt, 600),
        levels={str(size.level): round(size.figures.estimate) for size in small},
        tried=figures.drawn,
        found=figures.drawn - figures.distinct,
    )


def _questions(found: Sequence[Instance]) -> list[object]:
    """What each instance asks. Words do not count where they decide nothing: where prompts that have their numbers in
    common always have their references in common, and these are numbers."""
    numbers = [tuple(re.findall(r"\d+", one.prompt)) for one in found]
    answers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    prompts: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, one in zip(numbers, found):
        answers[key].add(one.reference)
        prompts[key].add(one.prompt)
    dressed = sum(len(texts) - 1 for texts in prompts.values())
    if (
        dressed >= DRESSED
        and all(len(texts) == 1 for texts in answers.values())
        and len({one.reference for one in found}) >= DRESSED
        and all(one.picture is None and re.fullmatch(r"-?[\d.,/]+", one.reference) for one in found)
    ):
        return list(numbers)
    return [(one.prompt, one.picture) for one in found]


def _most_frequent(found: Sequence[Instance]) -> Instance:
    counts: dict[tuple[str, str | None], int] = defaultdict(int)
    for one in found:
        counts[one.prompt, one.picture] += 1
    return max(found, key=lambda one: counts[one.prompt, one.picture])
