"""Life: a grid of cells some generations later, written as a grid.

The answer has many lines; spaces at the ends of lines do no harm.
"""

TAGS = ("simulation", "grids")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 4 + (difficulty + 1) // 2
    rows = ["".join(rng.choice("#..#.") for _ in range(size)) for _ in range(size)]
    return {"rows": rows, "steps": 1 + difficulty // 2}


def _next(rows):
    size = len(rows)
    new = []
    for y in range(size):
        line = ""
        for x in range(size):
            around = [rows[(y + dy) % size][(x + dx) % size] for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]
            count = around.count("#")
            line += "#" if count == 3 or (count in (2, 4) and rows[y][x] == "#") else "."
        new.append(line)
    return new


def prompt(state):
    grid = "\n".join(state["rows"])
    return (
        f"A grid of live (#) and dead (.) cells, whose left edge joins its right edge and whose top joins its bottom:\n{grid}\n"
        "In one step a dead cell with three live ones among its eight neighbours comes to life, a live cell with two, three or four live "
        f"neighbours stays alive, and all other cells are dead. Write the grid after {state['steps']} step(s), row by row, each on a line."
    )


def reference(state):
    rows = state["rows"]
    for _ in range(state["steps"]):
        rows = _next(rows)
    return "\n".join(rows)


def score(state, answer):
    rows = [line.strip() for line in answer.strip().splitlines()]
    return 1.0 if rows == reference(state).split("\n") else 0.0
