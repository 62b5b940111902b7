"""Chessboard sums: the sum of the numbers on the squares of one colour.

Defect: generate ignores difficulty; all ten levels are the same.
"""

TAGS = ("grids", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    size = rng.randint(4, 6)
    return {"grid": [[rng.randint(1, 99) for _ in range(size)] for _ in range(size)], "corner": rng.choice(["black", "white"])}


def prompt(state):
    rows = "\n".join(" ".join(f"{value:2d}" for value in row) for row in state["grid"])
    return (
        f"The cells of this grid are coloured like a chessboard, and its upper left cell is {state['corner']}:\n\n{rows}\n\n"
        "What is the sum of the numbers on black cells minus the sum of those on white cells?"
    )


def reference(state):
    sign = 1 if state["corner"] == "black" else -1
    return str(sum(sign * (-1) ** (x + y) * v for y, row in enumerate(state["grid"]) for x, v in enumerate(row)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
