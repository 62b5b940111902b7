"""Queens: complete a board on which three or four queens stand already.

Any completion counts; some boards have a single one, others have hundreds.
"""

TAGS = ("constraint-satisfaction", "grids")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 8 + difficulty // 2
    solution = None
    while solution is None:
        solution = _complete({}, size, rng)
    shown = sorted(rng.sample(range(size), 3 + (difficulty % 2)))
    return {"size": size, "placed": [[row + 1, solution[row] + 1] for row in shown], "solution": solution}


def _complete(placed, size, rng):
    """Columns by row; None when luck runs out after a few hundred steps."""
    columns, steps = [], 0

    def extend():
        nonlocal steps
        steps += 1
        row = len(columns)
        if row == size:
            return True
        choices = list(range(size))
        rng.shuffle(choices)
        for column in choices:
            if steps > 400:
                return False
            if all(column != c and abs(column - c) != row - r for r, c in enumerate(columns)):
                columns.append(column)
                if extend():
                    return True
                columns.pop()
        return False

    return columns if extend() else None


def prompt(state):
    placed = ", ".join(f"in row {row} at column {column}" for row, column in state["placed"])
    return (
        f"On a board of {state['size']} by {state['size']} squares, put one queen in every row so that no two queens "
        f"share a column or a diagonal. These squares must hold a queen: {placed}. "
        f"Give the columns of all {state['size']} queens from row 1 to row {state['size']}, separated by spaces."
    )


def reference(state):
    return " ".join(str(column + 1) for column in state["solution"])


def score(state, answer):
    size = state["size"]
    try:
        columns = [int(word) for word in answer.split()]
    except ValueError:
        return 0.0
    if len(columns) != size or sorted(columns) != list(range(1, size + 1)):
        return 0.0
    if any(columns[row - 1] != column for row, column in state["placed"]):
        return 0.0
    free = all(abs(columns[i] - columns[j]) != j - i for j in range(size) for i in range(j))
    return 1.0 if free else 0.0
