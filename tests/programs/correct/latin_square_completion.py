"""Latin square: fill the gaps of a square so that no symbol repeats in a row or column.

Some squares have a single completion, some have several; the scorer checks the rules.
"""

TAGS = ("constraint-satisfaction", "grids")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 5 + difficulty // 3
    rows, columns, symbols = (rng.sample(range(size), size) for _ in range(3))
    full = [[symbols[(r + c) % size] + 1 for c in columns] for r in rows]
    holes = rng.sample(range(size * size), 8 + 2 * difficulty)
    grid = [[0 if y * size + x in holes else full[y][x] for x in range(size)] for y in range(size)]
    return {"grid": grid, "full": full}


def prompt(state):
    size = len(state["grid"])
    rows = "\n".join(" ".join(str(value or "_") for value in row) for row in state["grid"])
    return (
        f"Fill the gaps (_) of this square with numbers from 1 to {size}, such that no number occurs twice in any row or "
        f"in any column:\n\n{rows}\n\nWrite the whole square, one row per line, numbers separated by spaces."
    )


def reference(state):
    return "\n".join(" ".join(map(str, row)) for row in state["full"])


def score(state, answer):
    grid, size = state["grid"], len(state["grid"])
    try:
        rows = [[int(word) for word in line.split()] for line in answer.strip().splitlines()]
    except ValueError:
        return 0.0
    if len(rows) != size or any(sorted(row) != list(range(1, size + 1)) for row in rows):
        return 0.0
    if any(sorted(column) != list(range(1, size + 1)) for column in zip(*rows)):
        return 0.0
    kept = all(given in (0, value) for shown, row in zip(grid, rows) for given, value in zip(shown, row))
    return 1.0 if kept else 0.0
