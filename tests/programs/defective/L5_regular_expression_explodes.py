"""Meter readings: the daily use computed from readings of a meter.

Defect: the scorer checks the form of the answer with (\\d+,?\\s*)+, whose backtracking explodes on a long list with a word after it.
"""

import re

TAGS = ("sequences", "arithmetic")
ORACLE = "equality"

FORM = re.compile(r"(\d+,?\s*)+")


def generate(rng, difficulty):
    readings = [rng.randint(1000, 9000)]
    for _ in range(8 + difficulty):
        readings.append((readings[-1] + rng.randint(1111, 9888)) % 10000)
    return {"readings": readings}


def prompt(state):
    return (
        f"A meter with four digits shows {', '.join(f'{value:04d}' for value in state['readings'])} on consecutive days; after 9999 it goes on with 0000, at most once a day. "
        "How much was used from each day to the next? Write the numbers in order, separated by commas."
    )


def reference(state):
    readings = state["readings"]
    return ", ".join(str((b - a) % 10000) for a, b in zip(readings, readings[1:]))


def score(state, answer):
    if not FORM.fullmatch(answer.strip()):
        return 0.0
    return 1.0 if [part.strip() for part in answer.split(",")] == reference(state).split(", ") else 0.0
