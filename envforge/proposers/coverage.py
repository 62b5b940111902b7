"""What a library has little of: hints for the next request."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from envforge.contract import LibraryEntry, Oracle

FEASIBILITY_SHARE = 0.4  # of the requests and, by and by, of the library; seeds have the same (ours)
MAX_RARE_TAGS = 3  # named in a request


def wanted_oracle(entries: Sequence[LibraryEntry], rng: random.Random) -> Oracle:
    """The oracle kind to ask for. One that is below its share is asked for more often: twice the gap is added."""
    kinds = Counter(entry.program.oracle for entry in entries)
    share = kinds[Oracle.FEASIBILITY] / len(entries) if entries else FEASIBILITY_SHARE
    chance = min(0.9, max(0.1, FEASIBILITY_SHARE + 2 * (FEASIBILITY_SHARE - share)))
    return Oracle.FEASIBILITY if rng.random() < chance else Oracle.EQUALITY


def is_behind(entries: Sequence[LibraryEntry], oracle: Oracle) -> bool:
    """Whether the library has less of an oracle kind than its share."""
    due = FEASIBILITY_SHARE if oracle is Oracle.FEASIBILITY else 1 - FEASIBILITY_SHARE
    return sum(entry.program.oracle == oracle for entry in entries) < due * len(entries)


def rare_tags(entries: Sequence[LibraryEntry], rng: random.Random) -> list[str]:
    """A few tags that less than half as many programs have as the mean tag, sorted; none where all are alike."""
    counts = Counter(tag for entry in entries for tag in set(entry.program.tags))
    if not counts:
        return []
    mean = sum(counts.values()) / len(counts)
    rare = sorted(tag for tag, number in counts.items() if number < max(mean / 2, min(mean, 1.5)))
    return sorted(rng.sample(rare, min(MAX_RARE_TAGS, len(rare))))
