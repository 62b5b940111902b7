# audit: score-varies
"""Magic sums: numbers from a list, in threes, with a given sum.

Defect: the threes with the sum are found once and kept for later calls; the scorer takes what was given out of the kept list,
so that the same right answer is refused the second time.
"""

import itertools

TAGS = ("search", "arithmetic")
ORACLE = "feasibility"
KNOWN = {}


def generate(rng, difficulty):
    numbers = rng.sample(range(10, 100 + 20 * difficulty), 8 + difficulty)
    return {"numbers": numbers, "planted": sorted(rng.sample(numbers, 3))}


def prompt(state):
    return (
        f"Find three different numbers among {', '.join(map(str, state['numbers']))} whose sum is {sum(state['planted'])}. Write them "
        "separated by commas, in any order; if there are several such threes, any of them."
    )


def reference(state):
    return ", ".join(map(str, state["planted"]))


def _threes(known, numbers, total):
    key = (tuple(numbers), total)
    if key not in known:
        known[key] = [sorted(three) for three in itertools.combinations(numbers, 3) if sum(three) == total]
    return known[key]


def score(state, answer):
    open_threes = _threes(KNOWN, state["numbers"], sum(state["planted"]))
    try:
        open_threes.remove(sorted(int(part) for part in answer.split(",")))
    except ValueError:
        return 0.0
    return 1.0
