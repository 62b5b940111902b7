"""How the probes ask a scorer: in waves, so that one that hangs costs little; and what they say of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envforge.audit.desk import FULL, Desk
from envforge.contract import Instance
from envforge.sandbox import Failure
from envforge.sandbox.reply import Status
from envforge.validation.finding import brief

ATTACKED = 20  # instances that meet all wrong answers; every other one meets the light ones
MOST = 0.6  # of the instances on which it was tried: what a foreign task must accept to be accused
MIN_TRIED = 4
MIN_MASS = 8  # instances on which a text must pass where many answers may be right
MASS = 0.8  # of all times it was tried, the same
WAVES = (32, 96, 400)  # questions asked at once, the last number again and again
HARD_FAILURES = 8  # of a scorer that ended by force, after which longer answers are not tried


def ask(desk: Desk, questions: Sequence[tuple[Instance, str]]) -> list[float | Failure]:
    """The scores, in order, as from `desk.scores`.

    A scorer that hangs on some answers hangs on longer ones as well, as a rule: after a few of those, answers at
    least as long as the shortest one are not tried, and its failure stands for theirs.
    """
    found: list[float | Failure] = [0.0] * len(questions)
    left = list(range(len(questions)))
    hard: list[tuple[int, Failure]] = []
    wave = 0
    while left:
        size = WAVES[min(wave, len(WAVES) - 1)]
        now, left = left[:size], left[size:]
        for index, score in zip(now, desk.scores([questions[index] for index in now])):
            found[index] = score
            if isinstance(score, Failure) and score.status not in (Status.RAISED, Status.FORGED):
                hard.append((len(questions[index][1]), score))
        if len(hard) >= HARD_FAILURES:
            limit, failure = min(hard, key=lambda pair: pair[0])
            for index in left:
                if len(questions[index][1]) >= limit:
                    found[index] = failure
            left = [index for index in left if len(questions[index][1]) < limit]
        wave += 1
    return found


def full(score: float | Failure) -> bool:
    """Whether an answer got full credit; a scorer that fails did not give it."""
    return not isinstance(score, Failure) and score >= FULL


def worth(score: float | Failure) -> float:
    """What an answer earned."""
    return 0.0 if isinstance(score, Failure) else score


def spread(instances: Sequence[Instance], count: int) -> list[Instance]:
    """`count` instances at most: the first of each level first, as the desk orders them."""
    return list(instances[:count])


def sound(desk: Desk) -> list[Instance]:
    """The instances whose reference gets full credit: on others nothing can be said of wrong answers."""
    instances = desk.instances
    scores = ask(desk, [(instance, instance.reference) for instance in instances])
    return [instance for instance, score in zip(instances, scores) if full(score)]


def about(instance: Instance, answer: str, score: float | str) -> dict[str, Any]:
    """The evidence keys that mean the same in every finding."""
    return {
        "seed": instance.seed,
        "difficulty": instance.difficulty,
        "answer": brief(answer),
        "reference": brief(instance.reference),
        "score": score,
    }
