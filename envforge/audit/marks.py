"""Marks left in a prompt: a sign that stands there once, beside the answer."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from envforge.contract import Instance
from envforge.validation.leaks import MAX_CHANCE, MIN_PRECISION, Leak

_MARK = re.compile(r"(?<!\S)(\w*)([^\w\s]{1,3})(\w*)")


def find_mark(levels: Sequence[Sequence[Instance]]) -> Leak | None:
    """A sign that stands in the prompt once, right behind or before the answer: a mark that was left there."""
    prompts = [one for level in levels for one in level]
    hits: dict[tuple[str, bool], list[Instance]] = defaultdict(list)
    applies: dict[tuple[str, bool], int] = defaultdict(int)
    for one in prompts:
        found = [match.groups() for match in _MARK.finditer(one.prompt)]
        signs = [sign for _, sign, _ in found]
        for before, sign, after in found:
            sign = next((mark for mark in (sign, sign[0]) if signs.count(mark) == 1), "")
            if not sign or one.prompt.count(sign) != 1:
                continue
            for word, behind in ((before, True), (after, False)):
                if word:
                    applies[sign, behind] += 1
                    if word == one.reference:
                        hits[sign, behind].append(one)
    for (sign, behind), right in hits.items():
        references = [one.reference for one in prompts]
        chance = max(0.02, max(map(references.count, set(references))) / len(references))
        tried = applies[sign, behind]
        if (
            2 * tried >= len(prompts)
            and len(right) >= MIN_PRECISION * tried
            and tail(len(right), tried, chance) < MAX_CHANCE
        ):
            return Leak(
                f"it stands {'before' if behind else 'after'} the only '{sign}'", len(right), tried, right[0]
            )
    return None


def tail(hits: int, tries: int, chance: float) -> float:
    """Probability of at least `hits` in `tries` at `chance` each."""
    if chance >= 1.0:
        return 1.0
    return math.fsum(
        math.comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, tries + 1)
    )
