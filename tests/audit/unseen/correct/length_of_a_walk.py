"""Walk: the length of a polygonal line, to a tolerance that the prompt states.

Numbers beside the reference are accepted, just as promised: up to 0.01 away.
"""

import math
import re

TAGS = ("geometry", "measurement")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"points": [[rng.randint(-20, 20), rng.randint(-20, 20)] for _ in range(4 + difficulty)]}


def prompt(state):
    points = ", ".join(f"({x}, {y})" for x, y in state["points"])
    return (
        f"Somebody walks in straight lines from each of these points to the next: {points}. How long is the walk? "
        "Write a decimal number; it counts as right if it is at most 0.01 away from the exact length."
    )


def _length(state):
    return math.fsum(math.dist(a, b) for a, b in zip(state["points"], state["points"][1:]))


def reference(state):
    return f"{_length(state):.2f}"


def score(state, answer):
    text = answer.strip()
    if not re.fullmatch(r"\+?\d{1,9}(\.\d{0,30})?", text, re.ASCII):
        return 0.0
    return 1.0 if abs(float(text) - _length(state)) <= 0.01 else 0.0
