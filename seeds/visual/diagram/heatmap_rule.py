"""Heat map: cells of a shaded matrix, read by a stepped key, that meet a rule.

Levels go from one value to totals, largest cells and joined patches. States with a tie for the largest are redrawn.
"""

from canvas import Canvas, Grid, cell_name, look

BUCKET = "diagram"
LEVELS = (
    "how many cells have a value",
    "the total of a column",
    "the row with the largest total",
    "where the largest row and column meet",
    "the largest row and the smallest column",
    "the second largest row, the second smallest column",
    "cells largest in their row and in their column",
    "the patch of joined equal cells round a dot",
    "the largest of all patches",
    "a patch joined by steps of at most one",
)
TAGS = ("heat-map", "grid", "comparison")
ORACLE = "equality"
MEET = "Which cell is in the row with the {} and the column with the {} total?"
JOINED = "Cells of one value that share a side are joined. How many cells has the {}?"
ASKS = (
    *("How many cells have the value {0}?", "What is the total of the column with the dot?"),
    *(
        "Which cell of the dot's column is in the row with the largest total?",
        MEET.format("largest", "largest"),
    ),
    *(MEET.format("largest", "smallest"), MEET.format("second largest", "second smallest")),
    "How many cells have a value that no other cell in the same row, and none in the same column, exceeds?",
    *(JOINED.format("patch of joined cells with the dot"), JOINED.format("largest patch of joined cells")),
    "The dot moves across sides between values that differ by at most 1. How many cells, its own too, can it reach?",
)
FORM = "Give an integer, or a cell by its letter and number, like J15."
WORDINGS = ("The key tells the values of the shades.", "Read the values of the cells by the key.")


def generate(rng, difficulty):
    n, top, goal = 6 + difficulty // 7, 3 if difficulty in (7, 8) else 6, str(rng.randint(4, 10))
    state = {"kind": difficulty, "bound": rng.randint(1, 6), "at": rng.choices(range(n), k=2)}
    for _ in range(400):
        state["values"] = [[rng.randint(1, top) for _ in range(n)] for _ in range(n)]
        if reference(state) == goal or (difficulty != 6 and reference(state) not in ("tie", "1", "2")):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return f"{WORDINGS[state['wording']]} {ASKS[state['kind']].format(state['bound'])} {FORM}"


def reference(state):
    kind, rows, at, columns = state["kind"], state["values"], state["at"], list(zip(*state["values"]))
    cells = [[i, j] for i in range(len(rows)) for j in range(len(rows))]
    if kind < 2:
        return str(sum(columns[at[1]]) if kind else sum(row.count(state["bound"]) for row in rows))
    if kind < 6:
        across, down = [sum(row) for row in rows], [sum(column) for column in columns]
        most, best = sorted(across)[-1 - (kind == 5)], sorted(down)[(-1, -1, 0, 1)[kind - 2]]
        tie = across.count(most) > 1 or (kind > 2 and down.count(best) > 1)
        return "tie" if tie else cell_name(across.index(most), at[1] if kind == 2 else down.index(best))
    if kind == 6:
        return str(sum(max(rows[i]) == rows[i][j] == max(columns[j]) for i, j in cells))
    return str(max(len(patch(rows, [cell], kind // 9)) for cell in (cells if kind == 8 else [at])))


def patch(rows, found, most):
    for i, j in found:
        for x, y in ([i + 1, j], [i - 1, j], [i, j + 1], [i, j - 1]):
            if 0 <= x < len(rows) > y >= 0 and [x, y] not in found and abs(rows[x][y] - rows[i][j]) <= most:
                found.append([x, y])
    return found


def score(state, answer):
    return 1.0 if "".join(answer.split()).upper() == reference(state) else 0.0


def render(state):
    c, rows, top = Canvas(672, 576, state["look"]), state["values"], 3 if state["kind"] in (7, 8) else 6
    grid = Grid(c, len(rows), len(rows), 64, 60, 480 / len(rows), names=True)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            grid.fill((i, j), c.step(value - 1, top), stroke=c.tint(1, 0.4))
    if state["kind"] in (1, 2, 7, 9):
        c.circle(grid.center(state["at"]), 13, fill=0, stroke="paper", width=4)
    c.legend(580, 84, [(c.step(v - 1, top), str(v)) for v in range(top, 0, -1)], step=56, mark=20)
    return c.svg()
