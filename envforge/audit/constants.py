"""Probe of fixed answers: what is earned without reading the question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from envforge.audit.asking import MIN_TRIED, MOST, ask, full, worth
from envforge.audit.desk import FULL, Desk
from envforge.audit.finding import Finding, Severity
from envforge.contract import MAX_GUESS_FLOOR, Instance
from envforge.sandbox import Failure
from envforge.validation.finding import brief

NUMBERS = ("0", "1", "2", "-1")
CONSTANTS = (
    *NUMBERS, "yes", "no", "true", "false", "none", "A", "B", "a", "[]", "()", "{}", "?", ".", "zzz",
)  # fmt: skip
LAX = 3  # different fixed answers of one kind that pass mostly: then no single one is favoured
COMMON = 8  # most frequent references that are tried as fixed answers
SCREENED = 24
FINALISTS = 3
FRESH = 8  # more instances per level on which a suspicious fixed answer is confirmed
FRESH_OF_LEVEL = 60  # the same where one level alone is suspicious
SUSPICIOUS = 0.75  # mean score at one level
DEGENERATE = 0.5  # mean score of a text without content
JUNK = ("zzz", "I don't know", "lorem ipsum dolor sit")


def fixed_answers(desk: Desk) -> Iterable[Finding]:
    """Probe: the best answer that can be given without reading the question."""
    instances = desk.instances
    if len(instances) < MIN_TRIED:
        return
    counts = Counter(instance.reference for instance in instances)
    candidates = list(dict.fromkeys([text for text, _ in counts.most_common(COMMON)] + [*CONSTANTS, *JUNK]))
    candidates += [text for text in _of_levels(desk) if text not in candidates]
    screened = instances[:SCREENED]
    scores = ask(desk, [(one, text) for text in candidates for one in screened])
    size = len(screened)
    given = {text: scores[index * size : (index + 1) * size] for index, text in enumerate(candidates)}
    means = {text: _mean(found) for text, found in given.items()}
    idle = [text for text in JUNK if _mostly_full(given[text])]
    lax = max(
        sum(_mostly_full(given[text]) for text in NUMBERS),
        sum(_mostly_full(given[text]) for text, _ in counts.most_common(COMMON)),
    )
    if idle or lax >= LAX:
        return  # it accepts anything, any number, or any reference, and that is said elsewhere
    best = sorted(means, key=lambda text: -means[text])[:FINALISTS]
    best += [text for text in (*_of_levels(desk), *JUNK) if text not in best and means[text] > 0.0][:10]
    table = _by_level(desk, best, desk.levels)
    found = max((_confirmed(desk, text, table[text]) for text in best), default=(0.0, 0, "", None))
    mean, measured, text, level = found
    if text:
        yield _constant(desk, text, mean, measured, level, table[text])


def _mostly_full(scores: Sequence[float | Failure]) -> bool:
    return sum(map(full, scores)) >= MOST * len(scores)


def _of_levels(desk: Desk) -> list[str]:
    """The most frequent reference of each level where it is frequent."""
    found = []
    for level in desk.levels:
        text, count = Counter(one.reference for one in level).most_common(1)[0] if level else ("", 0)
        if count > 1 and count >= len(level) / 2:
            found.append(text)
    return list(dict.fromkeys(found))


def _mean(scores: Sequence[float | Failure]) -> float:
    return sum(worth(score) for score in scores) / len(scores) if scores else 0.0


def _by_level(
    desk: Desk, texts: Sequence[str], levels: Sequence[Sequence[Instance]]
) -> dict[str, list[list[float]]]:
    """The scores of each text at each level."""
    scores = iter(ask(desk, [(one, text) for text in texts for level in levels for one in level]))
    return {text: [[worth(next(scores)) for _ in level] for level in levels] for text in texts}


def _confirmed(desk: Desk, text: str, levels: list[list[float]]) -> tuple[float, int, str, int | None]:
    """(mean, instances, text, level or None for all) where `text` pays too much; ("" for the text where not).

    What looks suspicious is measured on fresh instances too, and judged by the lower end of what they allow.
    """
    limit = DEGENERATE if text in JUNK else MAX_GUESS_FLOOR
    every = [score for level in levels for score in level]
    if sum(every) >= limit * len(every):
        more = [score for level in _fresh(desk, text, FRESH, None) for score in level]
        if _lower(every + more) >= limit or (text in JUNK and _mean(every + more) >= limit):
            return _mean(every + more), len(every + more), text, None
    for number, level in enumerate(levels):
        if len(level) >= 8 and _mean(level) >= max(SUSPICIOUS, limit):
            more = [score for found in _fresh(desk, text, FRESH_OF_LEVEL, number) for score in found]
            if more and _lower(more) >= limit:
                return _mean(more), len(more), text, desk.target.program.difficulties[number]
    return 0.0, 0, "", None


def _fresh(desk: Desk, text: str, count: int, level: int | None) -> list[list[float]]:
    levels = desk.target.program.difficulties
    keys = [
        key for key in desk.keys(count, "audit of a fixed answer") if level is None or key[1] == levels[level]
    ]
    made = desk.evaluator.instances(desk.target.program, keys)
    instances = [one for one in made if isinstance(one, Instance)]
    return _by_level(desk, [text], [instances])[text]


def _lower(scores: Sequence[float]) -> float:
    """What the mean is at least, with one chance in twenty to be wrong (Wilson's bound)."""
    n, z = len(scores), 1.645
    mean = sum(scores) / n
    middle = (mean + z * z / (2 * n)) / (1 + z * z / n)
    return middle - z * math.sqrt(max(0.0, mean * (1 - mean)) / n + z * z / (4 * n * n)) / (1 + z * z / n)


def _constant(
    desk: Desk, text: str, mean: float, size: int, level: int | None, levels: Sequence[Sequence[float]]
) -> Finding:
    where = "over all levels" if level is None else f"at level {level}"
    return desk.finding(
        "constant-answer",
        f"The fixed answer {brief(text, 60)!r} earns {mean:.2f} on average {where}",
        Severity.ERROR if mean >= 0.9 else None,
        answer=brief(text),
        score=round(mean, 3),
        tried=size,
        found=sum(1 for scores in levels for score in scores if score >= FULL),
        **({} if level is None else {"difficulty": level}),
        levels=[round(sum(scores) / len(scores), 2) if scores else None for scores in levels],
    )
