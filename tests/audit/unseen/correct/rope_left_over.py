"""Rope: how much of a rope is left after pieces were cut off, in centimetres.

The unit may be written or left out, as the prompt says; another unit is refused.
"""

import re

TAGS = ("arithmetic", "units")
ORACLE = "equality"


def generate(rng, difficulty):
    cuts = [[rng.randint(11, 95), rng.choice(["cm", "mm x 10", "inches of 2 cm"])] for _ in range(3 + difficulty)]
    return {"metres": 2 * len(cuts) + rng.randint(2, 30), "cuts": cuts}


def prompt(state):
    cuts = ", ".join(f"{size} {unit}" for size, unit in state["cuts"])
    return (
        f"From a rope of {state['metres']} m these pieces are cut: {cuts} (here an inch is taken as 2 cm, and 7 mm x 10, say, "
        "means ten times 7 mm). How many centimetres of rope are left? Write a whole number; cm may follow it."
    )


def reference(state):
    used = sum(size * (2 if unit.startswith("inches") else 1) for size, unit in state["cuts"])
    return f"{100 * state['metres'] - used}"


def score(state, answer):
    match = re.fullmatch(r"(\d{1,9})(?: ?cm)?", answer.strip(), re.ASCII)
    return 1.0 if match and int(match[1]) == int(reference(state)) else 0.0
