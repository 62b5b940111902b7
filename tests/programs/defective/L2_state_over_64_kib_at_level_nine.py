"""Grid worms: the cheapest way through a grid of costs.

Defect: the state keeps the whole table of pairwise costs between rows, which exceeds 64 KiB at level 9 only.
"""

TAGS = ("grids", "dynamic-programming")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 4 + difficulty
    grid = [[rng.randint(1, 9) for _ in range(size)] for _ in range(size)]
    table = []
    if difficulty >= 5:
        table = [[grid[i % size][j % size] * 1000 + i * j for j in range(24 * (difficulty - 4))] for i in range(24 * (difficulty - 4))]
    return {"grid": grid, "table": table}


def prompt(state):
    rows = "\n".join(" ".join(map(str, row)) for row in state["grid"])
    return (
        f"From the upper left to the lower right corner of this grid one moves right or down, one cell at a time:\n\n{rows}\n\n"
        "What is the least possible sum of the numbers on the way, both corners included?"
    )


def reference(state):
    grid, size = state["grid"], len(state["grid"])
    best = [[0] * size for _ in range(size)]
    for y in range(size):
        for x in range(size):
            before = [best[y - 1][x]] * (y > 0) + [best[y][x - 1]] * (x > 0)
            best[y][x] = grid[y][x] + (min(before) if before else 0)
    return str(best[-1][-1])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
