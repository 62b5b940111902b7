# audit: score-unbounded
"""Grid of stamps: a number of rows and columns for a sheet of stamps.

Defect: the scorer counts the stamps one by one in a loop as long as the answer says.
"""

import re

TAGS = ("arithmetic", "factorization")
ORACLE = "feasibility"


def generate(rng, difficulty):
    rows, columns = rng.randint(9 + 5 * difficulty, 250 + 40 * difficulty), rng.randint(9 + 5 * difficulty, 250 + 40 * difficulty)
    return {"total": rows * columns, "rows": rows}


def prompt(state):
    return (
        f"{state['total']} stamps are to be arranged in rows of the same length; there shall be at least two rows of at least two stamps. "
        "Write such an arrangement as ROWS x COLUMNS, such as 3 x 5."
    )


def reference(state):
    return f"{state['rows']} x {state['total'] // state['rows']}"


def score(state, answer):
    found = re.fullmatch(r"\s*([0-9]{1,15})\s*x\s*([0-9]{1,15})\s*", answer)
    if not found:
        return 0.0
    rows, columns = map(int, found.groups())
    stamps = 0
    for _ in range(rows):
        stamps += columns
    return 1.0 if stamps == state["total"] and rows > 1 and columns > 1 else 0.0
