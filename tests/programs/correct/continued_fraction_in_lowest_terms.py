"""Continued fraction: its value as a fraction in lowest terms.

Six fourths is not the answer where three halves is: the statement asks for lowest terms.
"""

import re
from fractions import Fraction

TAGS = ("fractions", "recurrence")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"terms": [rng.randint(1, 9) for _ in range(3 + difficulty)] + [rng.randint(2, 9)]}


def prompt(state):
    first, *rest = state["terms"]
    text = str(rest[-1])
    for term in reversed(rest[:-1]):
        text = f"{term} + 1/({text})"
    return (
        f"Write the value of {first} + 1/({text}) as one fraction in lowest terms, "
        "numerator and denominator separated by a slash."
    )


def reference(state):
    value = Fraction(state["terms"][-1])
    for term in reversed(state["terms"][:-1]):
        value = term + 1 / value
    return f"{value.numerator}/{value.denominator}"


def score(state, answer):
    match = re.fullmatch(r"\s*\+?(\d{1,40})\s*/\s*(\d{1,40})\s*", answer, re.ASCII)
    if match is None:
        return 0.0
    return 1.0 if f"{int(match[1])}/{int(match[2])}" == reference(state) else 0.0
