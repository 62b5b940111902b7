"""Which library programs a model sees as examples: of different families, of different kinds, all of them in turn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence

from envforge.contract import LibraryEntry

MAX_CHARACTERS = 10_000  # of an exemplar's source: several fit in a request
_MARK = " from "


def choose_exemplars(
    entries: Sequence[LibraryEntry], count: int, rng: random.Random, shown: Counter[str], kind: str = "text"
) -> list[LibraryEntry]:
    """At most `count` programs of a kind (`text` or `visual`) and of moderate length, drawn one by one.

    Each next one descends from no seed of those before, where there is such a one (lineage cap), and of these
    shares the fewest tags with them. Among what is left the draw favours programs with other code, another oracle
    kind, and those that were shown less often before: `shown` counts that by id.
    """
    pool = [e for e in entries if e.program.kind == kind and len(e.program.source) <= MAX_CHARACTERS]
    chosen: list[LibraryEntry] = []
    while pool and len(chosen) < count:
        roots = frozenset[str]().union(*(e.roots for e in chosen))
        tags = {tag for e in chosen for tag in e.program.tags}
        best = [e for e in pool if not e.roots & roots] or pool
        fewest = min(len(tags & set(e.program.tags)) for e in best)
        best = [e for e in best if len(tags & set(e.program.tags)) == fewest]
        (drawn,) = rng.choices(best, [_weight(e, chosen, shown) for e in best])
        pool.remove(drawn)
        chosen.append(drawn)
    return chosen


def _weight(entry: LibraryEntry, chosen: Sequence[LibraryEntry], shown: Counter[str]) -> float:
    near = max((similarity(entry, other) for other in chosen), default=0.0)
    same = bool(chosen) and all(entry.program.oracle == other.program.oracle for other in chosen)
    return (1.05 - near) * (0.5 if same else 1.0) / (1 + shown[entry.program.id])


def similarity(one: LibraryEntry, two: LibraryEntry) -> float:
    """Shared share of the windows over both syntax trees (Jaccard), 0 to 1."""
    a, b = one.program.shingles, two.program.shingles
    union = len(a | b)
    return len(a & b) / union if union else 0.0


def operation(index: int, theme: str, chosen: Sequence[LibraryEntry]) -> str:
    """The name of a request in the history; it tells which exemplars were shown."""
    ids = "+".join(entry.program.id for entry in chosen)
    return f"invent #{index}: {theme}" + (f"{_MARK}{ids}" if ids else "")


def times_shown(history: Collection[str]) -> Counter[str]:
    """How often each program was shown, by id. Operations of other proposers tell nothing and are left out."""
    shown: Counter[str] = Counter()
    for known in history:
        if known.startswith("invent #"):
            _, mark, ids = known.rpartition(_MARK)
            if mark:
                shown.update(ids.split("+"))
    return shown
