"""Flood fill: how large the pond around a cell is.

Defect: fills by recursion; the large ponds of level 9 exceed the recursion limit for some seeds.
"""

TAGS = ("grids", "flood-fill")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 6 + difficulty + (57 if difficulty == 9 else 0)
    rows = ["".join(rng.choices("~#", weights=[7, 3], k=size)) for _ in range(size)]
    return {"rows": rows, "row": rng.randint(1, size), "column": rng.randint(1, size)}


def prompt(state):
    rows = "\n".join(state["rows"])
    return (
        f"On this map ~ is water and # is land:\n\n{rows}\n\nFrom the cell in row {state['row']} and column {state['column']} (counted "
        "from the upper left corner, starting at 1) one walks to cells of the same kind, up, down, left or right. How many "
        "cells, the first one included, can be reached? Multiply this by the number of land cells on the whole map."
    )


def reference(state):
    rows, size, seen = state["rows"], len(state["rows"]), set()
    kind = rows[state["row"] - 1][state["column"] - 1]

    def fill(y, x):
        if not (0 <= y < size and 0 <= x < size) or (y, x) in seen or rows[y][x] != kind:
            return
        seen.add((y, x))
        fill(y + 1, x)
        fill(y - 1, x)
        fill(y, x + 1)
        fill(y, x - 1)

    fill(state["row"] - 1, state["column"] - 1)
    return str(len(seen) * sum(row.count("#") for row in rows))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
