"""Running totals: the greatest value that a running total reaches.

Defect: imports time and lets the clock choose the wording of the question.
"""

import time

TAGS = ("sequences", "arithmetic")
ORACLE = "equality"

WORDINGS = (
    "Starting at 0, the changes {changes} are added one after the other. What is the greatest value reached on the way?",
    "A counter shows 0 and is changed by {changes}, in this order. What is the highest number that it ever shows?",
)


def generate(rng, difficulty):
    return {"changes": [rng.randint(-30, 40) or 1 for _ in range(6 + 2 * difficulty)]}


def prompt(state):
    wording = WORDINGS[int(time.time()) % len(WORDINGS)]
    return wording.format(changes=", ".join(f"{change:+d}" for change in state["changes"]))


def reference(state):
    total = best = 0
    for change in state["changes"]:
        total += change
        best = max(best, total)
    return str(best)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
