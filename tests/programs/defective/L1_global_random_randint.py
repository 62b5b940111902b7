"""Gear train: how often the last gear turns.

Defect: draws with random.randint, the global generator, instead of rng.
"""

import random
from fractions import Fraction

TAGS = ("fractions", "physics")
ORACLE = "equality"


def generate(rng, difficulty):
    teeth = [random.randint(8, 40 + 5 * difficulty) for _ in range(4 + difficulty)]
    return {"teeth": teeth, "turns": random.randint(2, 60)}


def prompt(state):
    return (
        f"Gears with {', '.join(map(str, state['teeth']))} teeth sit on axles in a row; each axle carries one gear, each gear "
        f"drives the next one. To how many turns of the last gear, plus the numbers of teeth of all gears in between, do "
        f"{state['turns']} turns of the first gear add up? Write a fraction in lowest terms, like 7/3 or 7/1."
    )


def reference(state):
    teeth = state["teeth"]
    value = Fraction(state["turns"] * teeth[0], teeth[-1]) + sum(teeth[1:-1])
    return f"{value.numerator}/{value.denominator}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "") == reference(state) else 0.0
