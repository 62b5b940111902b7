"""Marks: a weighted mean, rounded to two decimals, half a hundredth upwards.

The rounding is exact; 3.5 and 3.50 are the same number, as the prompt says.
"""

import re
from fractions import Fraction

TAGS = ("arithmetic", "statistics")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"marks": [[rng.randint(10, 60), rng.randint(1, 4 + difficulty)] for _ in range(3 + difficulty)]}


def prompt(state):
    marks = ", ".join(f"{mark} (counted {weight}-fold)" for mark, weight in state["marks"])
    return (
        f"What is the weighted mean of these marks: {marks}? Round to two decimals, half a hundredth upwards. "
        "Zeros at the end of the decimals may be left out."
    )


def _hundredths(state):
    exact = Fraction(sum(m * w for m, w in state["marks"]), sum(w for _, w in state["marks"]))
    return (200 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def reference(state):
    whole, part = divmod(_hundredths(state), 100)
    return f"{whole}.{part:02d}"


def score(state, answer):
    text = answer.strip()
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text, re.ASCII):
        return 0.0
    return 1.0 if 100 * Fraction(text) == _hundredths(state) else 0.0
