"""`floor`: the guess floor taken off a group's accuracy, before the pool's controllers hear of it (ours).

With the floor f that gate L4 measured for the level (the mean score of the best constant answer), an accuracy a
becomes

    max(0, (a - f) / (1 - f))        0 where f is 1

the formula that calibration uses (docs/calibration.md): a policy that only guesses has 0, one that solves everything
has 1 as before.

It says nothing to the learner, and is not given to it. A group's advantage is (x - mean) / deviation of its rewards
x: taking the same number off all of them cancels in x - mean, and dividing all by the same positive number cancels in
the quotient. Rewards on which the floor is taken off are the same rewards. What changes is what the pool concludes:
of a yes-or-no environment with f = 0.5, accuracy 0.5 means "nothing is known here", not "half is mastered, go on",
and a controller that raises the level at 0.9 then asks for 0.95 of the plain score.

The floor belongs to the mean. Taken off the single responses of 0 and 1 and then cut off at 0, it would change
nothing: 0 would become 0 and 1 would become 1. So `scores_above_floor` multiplies all of a group's scores by one
factor that gives them the right mean; the spread of the group relative to its mean, and with it the mean absolute
advantage that the bandit learns from, stays as it was. At or below the floor all scores become 0: to the pool such
a group is dead, which is what "no better than guessing" means, although it still trains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def above_floor(accuracy: float, floor: float) -> float:
    """A mean score from 0 to 1 with the guess floor, 0 to 1, taken off: 0 to 1 again, and never more than before."""
    if not (0.0 <= accuracy <= 1.0 and 0.0 <= floor <= 1.0):
        raise ValueError(f"accuracy {accuracy!r} and floor {floor!r} are numbers from 0 to 1")
    if accuracy <= floor:
        return 0.0
    return min((accuracy - floor) / (1 - floor), accuracy)


def scores_above_floor(scores: Sequence[float | None], floor: float) -> list[float | None]:
    """The scores of one group, 0 to 1, as the pool is to hear them: their mean is `above_floor` of their mean.

    None is a response that was lost through our fault; it stays None and counts nowhere.
    """
    scored = [score for score in scores if score is not None]
    if not scored:
        return list(scores)
    accuracy = math.fsum(scored) / len(scored)
    rest = above_floor(accuracy, floor)
    factor = rest / accuracy if accuracy > 0 else 0.0
    return [None if score is None else score * factor for score in scores]
