"""Digit lights: how many segments of a seven-segment display light up.

Defect: a call at module level changes a table, and another one seeds the global generator.
"""

import random

TAGS = ("counting", "displays")
ORACLE = "equality"

SEGMENTS = {"0": 6, "1": 2, "2": 5, "3": 5, "4": 4, "5": 5, "6": 6}
SEGMENTS.update({"7": 3, "8": 7, "9": 6})
random.seed(2024)


def generate(rng, difficulty):
    first = rng.randint(100 * (difficulty + 1), 900 * (difficulty + 1))
    return {"first": first, "last": first + rng.randint(5, 9) + 2 * difficulty}


def prompt(state):
    return (
        "On a seven-segment display the digits 0 to 9 light 6, 2, 5, 5, 4, 5, 6, 3, 7 and 6 segments. A counter runs from "
        f"{state['first']} to {state['last']}, showing every number once. How many segments light up in total?"
    )


def reference(state):
    return str(sum(SEGMENTS[digit] for n in range(state["first"], state["last"] + 1) for digit in str(n)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
