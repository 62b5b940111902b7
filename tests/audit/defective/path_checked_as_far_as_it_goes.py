# audit: accepts-part
"""Maze: a way through a maze of open and blocked cells.

Defect: the moves are walked with zip(), which stops at the shorter list, and nobody asks whether the corner is reached,
so that the first move alone is enough.
"""

TAGS = ("grids", "search")
ORACLE = "feasibility"

STEPS = {"R": (0, 1), "D": (1, 0), "L": (0, -1), "U": (-1, 0)}


def generate(rng, difficulty):
    size = 5 + difficulty
    moves = list("R" * (size - 1) + "D" * (size - 1))
    rng.shuffle(moves)
    open_cells, at = {(0, 0)}, (0, 0)
    for move in moves:
        at = (at[0] + STEPS[move][0], at[1] + STEPS[move][1])
        open_cells.add(at)
    rows = ["".join("." if (r, c) in open_cells or rng.random() < 0.35 else "#" for c in range(size)) for r in range(size)]
    return {"rows": rows, "moves": len(moves)}


def prompt(state):
    return (
        "Find a way from the upper left to the lower right corner of this maze, through cells marked with a dot:\n"
        + "\n".join(state["rows"])
        + f"\nWrite the {state['moves']} moves as a word of the letters R (right) and D (down)."
    )


def reference(state):
    rows, size = state["rows"], len(state["rows"])
    ways = {(size - 1, size - 1): ""}
    for r in range(size - 1, -1, -1):
        for c in range(size - 1, -1, -1):
            for letter in "RD":
                below = (r + STEPS[letter][0], c + STEPS[letter][1])
                if rows[r][c] == "." and below in ways and (r, c) not in ways:
                    ways[r, c] = letter + ways[below]
    return ways[0, 0]


def score(state, answer):
    r = c = 0
    text = answer.strip().upper()
    if not text or text.strip("RD"):
        return 0.0
    for letter, _ in zip(text, range(state["moves"])):
        r, c = r + STEPS[letter][0], c + STEPS[letter][1]
        if max(r, c) >= len(state["rows"]) or state["rows"][r][c] != ".":
            return 0.0
    return 1.0
