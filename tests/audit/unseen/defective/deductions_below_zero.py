# audit: score-range
"""Turned tables: the numbers of a table read along its diagonals.

Defect: each wrong, missing or additional entry costs a quarter, and nothing keeps the score from falling below zero.
"""

TAGS = ("grids", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 3 + difficulty // 3
    return {"rows": [[rng.randint(10, 99 + 50 * difficulty) for _ in range(size)] for _ in range(size)]}


def prompt(state):
    rows = "; ".join(" ".join(map(str, row)) for row in state["rows"])
    return (
        f"A square table has these rows: {rows}. Read it along its diagonals that run from the upper right to the lower left: first the one number of the "
        "upper left corner, then the diagonal of two, and so on to the lower right corner; each from its upper end downwards. "
        "Write all the numbers in this order, separated by spaces."
    )


def _diagonals(state):
    rows = state["rows"]
    size = len(rows)
    return [rows[y][s - y] for s in range(2 * size - 1) for y in range(size) if 0 <= s - y < size]


def reference(state):
    return " ".join(map(str, _diagonals(state)))


def score(state, answer):
    given, wanted = answer.split(), [str(number) for number in _diagonals(state)]
    errors = sum(a != b for a, b in zip(given, wanted)) + abs(len(given) - len(wanted))
    return 1.0 - 0.25 * errors
