"""Near-duplicates across environments: in code, in the words of the question, in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from envforge.analysis.figures import EnvironmentFigures, Pair
from envforge.analysis.sketch import reach
from envforge.novelty import jaccard

# At this similarity or above a pair is told (ours). Code and prompt are measured as the novelty gate does, which
# refuses at 0.80 of their mean; what is to be looked at begins earlier. Picture: 1 less twice the mean distance to
# the nearest picture of the other one, so that 1 is the same pictures and 0 unrelated ones. Each bound lies well
# above the nearest two of the environments that ship; docs/analysis.md has the figures.
THRESHOLDS = {"code": 0.50, "prompt": 0.50, "picture": 0.75}


def near_pairs(environments: Sequence[EnvironmentFigures]) -> list[Pair]:
    """The pairs at or above a threshold, the nearest first. Only environments of one kind share pictures or code.

    Code of one signature (only names, constants and wording differ) counts as 1. Similar pictures mean that two
    environments look alike as a whole, as two boards do; not that they ask the same.
    """
    found = []
    for one, two in combinations(environments, 2):
        for kind, similarity in similarities(one, two).items():
            if similarity is not None and similarity >= THRESHOLDS[kind]:
                found.append(Pair(kind, one.id, two.id, similarity))
    return sorted(found, key=lambda pair: (-pair.similarity, pair.kind, pair.first, pair.second))


def similarities(one: EnvironmentFigures, two: EnvironmentFigures) -> dict[str, float | None]:
    """How alike two environments are, from 0 to 1; None where one has nothing to compare."""
    code = None
    if one.program is not None and two.program is not None:
        same = one.program.signature == two.program.signature
        code = 1.0 if same else jaccard(one.program.shingles, two.program.shingles)
    prompt = jaccard(one.shingles, two.shingles) if one.shingles and two.shingles else None
    distance = reach(one.fingerprints, two.fingerprints)
    return {
        "code": code,
        "prompt": prompt,
        "picture": None if distance is None else max(0.0, 1 - 2 * distance),
    }
