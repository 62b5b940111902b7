"""Richest stretch: the days between which a sum of gains is largest.

The answer is an interval, and it is exact: a longer, shorter or shifted one is refused.
"""

import re

TAGS = ("dynamic-programming", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"gains": [rng.choice([-1, 1]) * rng.randint(1, 30) for _ in range(7 + 3 * difficulty)]}


def prompt(state):
    return (
        f"A shop's gains (losses are negative) on days 1, 2 and so on were {', '.join(map(str, state['gains']))}. Over which days in a row, at "
        "least one, was the sum largest? Write the first and the last day with a hyphen between, as in 3-8 or 5-5. Of stretches with the "
        "same sum take the shortest, and of those the earliest."
    )


def _stretch(state):
    gains, best = state["gains"], []
    for first in range(len(gains)):
        total = 0
        for last in range(first, len(gains)):
            total += gains[last]
            best.append((-total, last - first, first + 1, last + 1))
    return min(best)[2:]


def reference(state):
    first, last = _stretch(state)
    return f"{first}-{last}"


def score(state, answer):
    match = re.fullmatch(r"(\d{1,4})\s*[-\u2013]\s*(\d{1,4})", answer.strip(), re.ASCII)
    return 1.0 if match and (int(match[1]), int(match[2])) == _stretch(state) else 0.0
