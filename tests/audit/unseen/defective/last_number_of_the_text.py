# audit: accepts-affix, accepts-hedge
"""Sheep: how many sheep are on a hill after a year of changes.

Defect: like many harnesses the scorer takes the last number of the answer, whatever stands before it.
"""

import re

TAGS = ("arithmetic", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "sheep": rng.randint(40, 90),
        "months": [[rng.randint(2, 15), rng.randint(1, 9)] for _ in range(3 + difficulty)],
        "tenth": rng.randint(1, 3 + difficulty),
    }


def prompt(state):
    months = "; ".join(f"in month {i} {born} are born and {sold} sold" for i, (born, sold) in enumerate(state["months"], 1))
    return (
        f"A hill has {state['sheep']} sheep. Then {months}. At the end of month {state['tenth']} a tenth of the sheep (rounded down) "
        "moves away for good. How many sheep are there at the end? Answer with the number."
    )


def reference(state):
    sheep = state["sheep"]
    for i, (born, sold) in enumerate(state["months"], 1):
        sheep += born - sold
        if i == state["tenth"]:
            sheep -= sheep // 10
    return str(sheep)


def score(state, answer):
    numbers = re.findall(r"-?\d+", answer)
    return 1.0 if numbers and numbers[-1] == reference(state) else 0.0
