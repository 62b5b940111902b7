# audit: space-refused
"""Rotated table: the rows of a square table after a turn.

Defect: the answer is split at newlines and its rows are counted; an empty last line, after a newline at the end, is
one row too many.
"""

TAGS = ("grids", "transformations")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 3 + difficulty // 2
    return {"rows": ["".join(rng.choice("abcdxyz") for _ in range(size)) for _ in range(size)], "turns": rng.randint(1, 3), "mirror": difficulty % 2}


def prompt(state):
    mirror = " and then mirror it, left to right" if state["mirror"] else ""
    return (
        "Turn this table clockwise by a quarter, " + ("once", "twice", "three times")[state["turns"] - 1] + mirror + ", and write its rows, one on "
        "each line:\n" + "\n".join(state["rows"])
    )


def reference(state):
    rows = state["rows"]
    for _ in range(state["turns"]):
        rows = ["".join(column) for column in zip(*rows[::-1])]
    return "\n".join(row[::-1] if state["mirror"] else row for row in rows)


def score(state, answer):
    given, wanted = answer.split("\n"), reference(state).split("\n")
    if len(given) != len(wanted):
        return 0.0
    return 1.0 if [row.strip() for row in given] == wanted else 0.0
