"""The guess floor of a sample: what the best answer that ignores the question earns on average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from envforge.contract import Instance, Program
from envforge.sandbox import Evaluator, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.validation.variety import CONSTANTS

FREQUENT = 2  # references of each half of a level that are scored as constants
SCREENED = 3  # instances of each level on which the fixed constants are tried first


def guess_floors(
    program: Program, evaluator: Evaluator, levels: Sequence[Sequence[Instance]]
) -> list[float | None]:
    """Per level the mean score, 0 to 1, of the best constant answer; None with fewer than two instances.

    Tried are the level's commonest references and the fixed table of the gates. The constant is chosen on one half of
    the instances and measured on the other, and the other way round: chosen and measured on the same few it would
    look better than it is.
    """
    texts = {id(instance): state_text(instance.state) for level in levels for instance in level}

    def scored(questions: Sequence[tuple[str, Instance]]) -> list[float]:
        calls = [ScoreCall(texts[id(instance)], constant) for constant, instance in questions]
        # A scorer that fails earns a guess nothing here: the verifier rate tells of it.
        return [score if isinstance(score, float) else 0.0 for score in evaluator.scores(program, calls)]

    screened = [instance for level in levels for instance in level[:SCREENED]]
    first = [(constant, instance) for constant in CONSTANTS for instance in screened]
    earning = {constant for (constant, _), score in zip(first, scored(first)) if score > 0}
    asked = [
        (constant, instance)
        for level in levels
        for constant in _constants(level, earning)
        for instance in level
    ]
    earned = {(constant, id(instance)): score for (constant, instance), score in zip(asked, scored(asked))}
    return [_floor(level, _constants(level, earning), earned) for level in levels]


def _constants(level: Sequence[Instance], earning: set[str]) -> list[str]:
    frequent = [
        text
        for half in (level[::2], level[1::2])
        for text, _ in Counter(instance.reference for instance in half).most_common(FREQUENT)
    ]
    return list(dict.fromkeys([*frequent, *(text for text in CONSTANTS if text in earning)]))


def _floor(
    level: Sequence[Instance], constants: Sequence[str], earned: dict[tuple[str, int], float]
) -> float | None:
    halves = (level[::2], level[1::2])
    if not all(halves):
        return None

    def worth(constant: str, half: Sequence[Instance]) -> float:
        return sum(earned[constant, id(instance)] for instance in half) / len(half)

    found = []
    for chosen_on, measured_on in (halves, halves[::-1]):
        best = max(constants, key=lambda constant: worth(constant, chosen_on))
        found.append(worth(best, measured_on))
    return sum(found) / 2
