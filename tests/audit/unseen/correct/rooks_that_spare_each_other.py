"""Rooks: the columns of rooks on a board with forbidden squares, none of which attacks another.

The answer is a permutation; every one that avoids the forbidden squares is right.
"""

import re

TAGS = ("matching", "constraints")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 5 + difficulty
    planted = rng.sample(range(1, size + 1), size)
    free = [[row + 1, column] for row in range(size) for column in range(1, size + 1) if planted[row] != column]
    return {"size": size, "planted": planted, "closed": sorted(rng.sample(free, len(free) * 2 // 3))}


def prompt(state):
    closed = ", ".join(f"{row}/{column}" for row, column in state["closed"])
    return (
        f"On a board of {state['size']} rows and {state['size']} columns, both numbered from 1, put one rook into each row so that no two share "
        f"a column. These squares (row/column) are closed: {closed}. Write the rooks' columns, row by row from the first, with "
        "commas between; any right arrangement counts."
    )


def reference(state):
    return ", ".join(map(str, state["planted"]))


def score(state, answer):
    text = answer.strip()
    if len(text) > 300 or not re.fullmatch(r"\d{1,3}(\s*,\s*\d{1,3})*", text, re.ASCII):
        return 0.0
    columns = [int(part) for part in text.split(",")]
    if sorted(columns) != list(range(1, state["size"] + 1)):
        return 0.0
    return 0.0 if any([row, column] in state["closed"] for row, column in enumerate(columns, 1)) else 1.0
