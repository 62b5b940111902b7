# audit: label-contradicted
"""Growing heights: the longest strictly growing choice from a row.

Defect: the reference allows equal heights beside each other (bisect_right), the prompt does not; rows without equal
heights, which the low levels have mostly, show nothing.
"""

import bisect

TAGS = ("dynamic-programming", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"heights": [rng.randint(1, 60) for _ in range(8 + 3 * difficulty)]}


def prompt(state):
    return (
        f"From the row {', '.join(map(str, state['heights']))} some numbers are struck out, so that those left grow strictly from each to the next. "
        "How many numbers can be left at most?"
    )


def reference(state):
    ends = []
    for height in state["heights"]:
        place = bisect.bisect_right(ends, height)
        ends[place : place + 1] = [height]
    return str(len(ends))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
