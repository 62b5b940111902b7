# audit: score-raises
"""Urn: the probability of drawing balls of one colour only.

Defect: a fraction whose denominator is zero raises an error that is not among those that are caught.
"""

from fractions import Fraction
from math import comb

TAGS = ("probability", "combinatorics")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"balls": [rng.randint(4, 8 + difficulty) for _ in range(3)], "drawn": rng.randint(2, 3 + difficulty // 4)}


def prompt(state):
    red, blue, white = state["balls"]
    return (
        f"An urn holds {red} red, {blue} blue and {white} white balls. {state['drawn']} of them are drawn at once, blindly. "
        "What is the probability that all that are drawn have the same colour? Write an exact fraction such as 3/14."
    )


def _probability(state):
    return Fraction(sum(comb(count, state["drawn"]) for count in state["balls"]), comb(sum(state["balls"]), state["drawn"]))


def reference(state):
    return str(_probability(state))


def score(state, answer):
    text = answer.strip()
    if len(text) > 60 or "e" in text.lower():
        return 0.0
    try:
        return 1.0 if Fraction(text) == _probability(state) else 0.0
    except ValueError:
        return 0.0
