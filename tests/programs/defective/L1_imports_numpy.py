"""Matrix walk: an entry of a power of a small matrix.

Defect: imports numpy, which is not among the modules allowed.
"""

import numpy as np

TAGS = ("linear-algebra", "recurrence")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "matrix": [[rng.randint(0, 3 + difficulty) for _ in range(3)] for _ in range(3)],
        "power": 3 + difficulty // 3,
        "row": rng.randint(1, 3),
        "column": rng.randint(1, 3),
    }


def prompt(state):
    rows = "; ".join(" ".join(map(str, row)) for row in state["matrix"])
    return (
        f"The matrix A has the rows {rows}. Which number stands in row {state['row']} and column {state['column']} "
        f"of A to the power {state['power']}?"
    )


def reference(state):
    power = np.linalg.matrix_power(np.array(state["matrix"], dtype=object), state["power"])
    return str(power[state["row"] - 1][state["column"] - 1])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
