"""Fractions: a sum of fractions, which need not be reduced.

2/4 is as right as 1/2, and a whole number needs no denominator; a decimal is refused, as the prompt says.
"""

import re
from fractions import Fraction

TAGS = ("arithmetic", "fractions")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"terms": [[rng.choice([-1, 1]) * rng.randint(1, 9), rng.randint(2, 7 + difficulty)] for _ in range(3 + difficulty // 2)]}


def prompt(state):
    terms = " + ".join(f"({a}/{b})" for a, b in state["terms"])
    return (
        f"Compute {terms}. Write the result as a fraction of two whole numbers such as 3/8, or as a whole number. "
        "It need not be in lowest terms, but decimals do not count."
    )


def _sum(state):
    return sum((Fraction(a, b) for a, b in state["terms"]), Fraction(0))


def reference(state):
    return str(_sum(state))


def score(state, answer):
    match = re.fullmatch(r"([+-]?\d{1,30})(?:\s*/\s*(\d{1,30}))?", answer.strip(), re.ASCII)
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return 0.0
    return 1.0 if Fraction(int(match[1]), int(match[2] or 1)) == _sum(state) else 0.0
