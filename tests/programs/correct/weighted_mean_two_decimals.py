"""Weighted mean: the average mark of a course, rounded to two decimal places.

Computed in exact arithmetic; any decimal spelling of the rounded value is accepted, no other value is.
"""

import re
from decimal import Decimal
from fractions import Fraction

TAGS = ("arithmetic", "statistics")
ORACLE = "equality"

NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)


def generate(rng, difficulty):
    count = 3 + difficulty
    return {"marks": [[rng.randint(20, 100), rng.randint(1, 9 + difficulty)] for _ in range(count)]}


def prompt(state):
    marks = ", ".join(f"{mark} points with weight {weight}" for mark, weight in state["marks"])
    return (
        f"A student's results are {marks}. What is the weighted mean of the points, "
        "rounded to two decimal places (a five in the third place is rounded up)?"
    )


def reference(state):
    mean = Fraction(sum(m * w for m, w in state["marks"]), sum(w for _, w in state["marks"]))
    hundredths = (200 * mean.numerator + mean.denominator) // (2 * mean.denominator)
    return str(Decimal(hundredths).scaleb(-2))


def score(state, answer):
    text = answer.strip()
    if not NUMBER.fullmatch(text):
        return 0.0
    return 1.0 if Decimal(text) == Decimal(reference(state)) else 0.0
