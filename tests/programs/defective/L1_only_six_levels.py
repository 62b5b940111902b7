"""Egg timers: the first common moment of several lights that blink at regular intervals.

Defect: MAX_DIFFICULTY is 5, fewer than the ten levels that every environment has.
"""

import math

TAGS = ("number-theory", "periodicity")
ORACLE = "equality"
MAX_DIFFICULTY = 5


def generate(rng, difficulty):
    return {"periods": [rng.randint(4, 40 + 4 * difficulty) for _ in range(3 + difficulty)]}


def prompt(state):
    periods = ", ".join(f"every {period} seconds" for period in state["periods"])
    return f"Lights blink {periods}. They have just blinked all together. After how many seconds do they do so again?"


def reference(state):
    return str(math.lcm(*state["periods"]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
