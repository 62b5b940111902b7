# audit: constant-answer
"""Mines: which fields of a row hide a mine, told by sums of neighbours.

Defect: the score is the share of right fields, of which most are empty, so that a row of noughts earns most of it.
"""

TAGS = ("logic", "constraints")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 18 + 2 * difficulty
    mines = rng.sample(range(size), 3 + difficulty // 4)
    return {"row": [1 if i in mines else 0 for i in range(size)]}


def _sums(row):
    return [sum(row[max(0, i - 1) : i + 2]) for i in range(len(row))]


def prompt(state):
    return (
        f"In a row of {len(state['row'])} fields some hide a mine. For each field, from left to right, the number of mines in it and in the fields directly "
        f"beside it is: {' '.join(map(str, _sums(state['row'])))}. Write the row with 1 for a mine and 0 for an empty field, without spaces."
    )


def reference(state):
    return "".join(map(str, state["row"]))


def score(state, answer):
    given, wanted = answer.strip(), reference(state)
    if set(given) - set("01"):
        return 0.0
    return sum(a == b for a, b in zip(given, wanted)) / max(len(given), len(wanted))
