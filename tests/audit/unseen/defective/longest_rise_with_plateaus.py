# audit: label-contradicted
"""Longest rise: the most numbers of a sequence, in their order, that rise strictly.

Defect: the reference bisects to the right of equal numbers, and so counts rises in which a number repeats.
"""

import bisect

TAGS = ("dynamic-programming", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [rng.randint(1, 15 + 2 * difficulty) for _ in range(10 + 3 * difficulty)]}


def prompt(state):
    return (
        f"From the sequence {', '.join(map(str, state['numbers']))} numbers may be struck out, the others keeping their order. "
        "How many numbers can be left at most if each has to be greater than the one before it?"
    )


def reference(state):
    tails = []
    for number in state["numbers"]:
        place = bisect.bisect_right(tails, number)
        tails[place : place + 1] = [number]
    return str(len(tails))


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
