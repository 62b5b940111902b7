"""Paper punch: where a folded and punched sheet has holes after it is opened.

Folds leave the middle, cross the diagonal and grow in number, then holes do. Every cell of the sheet is moved along
with the folds; those that end under the punch get a hole.
"""

from canvas import Canvas, Grid, cell_name, look

BUCKET = "spatial"
LEVELS = (
    "one fold in the middle",
    "one fold anywhere: part of the paper is single",
    "two folds in the middle",
    "two folds anywhere",
    "two holes are punched",
    "three folds",
    "a diagonal fold first",
    "a diagonal fold and a second one",
    "a diagonal fold, a second one, two holes",
    "a diagonal fold, two others, two holes",
)
TAGS = ("spatial-reasoning", "paper-folding", "reflection")
ORACLE = "equality"
N = 6
WORDINGS = (
    "A sheet is folded at dashed lines as arrows show.",
    "Paper is folded step by step at dashed lines.",
)
ASK = (
    " At last it is punched through all layers at the dots, and opened. Which cells of the grid have a hole? "
)
FORM = "Answer with the names of all these cells, in any order, separated by spaces, like A4 F5."


def generate(rng, difficulty):
    count, shapes, holes, punches = (1, 1, 2, 2, 2, 3, 1, 2, 2, 3)[difficulty], [], [], [0]
    while (
        len(shapes) <= count
        or not all(b < a for a, b in zip(shapes, shapes[1:]))
        or len(holes) <= len(punches)
    ):
        folds = [["D", 0]] * (difficulty > 5)
        while len(folds) < count:
            folds.append([rng.choice("LRTB"), 3 if difficulty in (0, 2) else rng.randint(1, 5)])
        shapes = [set(layers(folds[:k]).values()) for k in range(count + 1)]
        halves = [layers(folds)[k, k] for k in range(N)] if difficulty > 5 else []
        spots = sorted(at for at in shapes[-1] if at not in halves)
        punches = [list(at) for at in rng.sample(spots, min(len(spots), 1 + (difficulty in (4, 8, 9))))]
        holes = reference({"folds": folds, "punches": punches}).split()
    return {"folds": folds, "punches": punches, "wording": rng.randrange(2), "look": look(rng)}


def moved(fold, i, j):
    """Where a fold takes the cell in row i, column j: L folds the left part to the right at column `at`."""
    kind, at = fold
    if kind == "D":
        return max(i, j), min(i, j)
    if kind in "LR":
        return i, 2 * at - 1 - j if (j < at) == (kind == "L") else j
    return 2 * at - 1 - i if (i < at) == (kind == "T") else i, j


def layers(folds):
    """For every cell of the sheet its place after the folds."""
    places = {(i, j): (i, j) for i in range(N) for j in range(N)}
    for fold in folds:
        places = {cell: moved(fold, *at) for cell, at in places.items()}
    return places


def prompt(state):
    return WORDINGS[state["wording"]] + ASK + FORM


def reference(state):
    places = layers(state["folds"])
    return " ".join(cell_name(*cell) for cell, at in places.items() if list(at) in state["punches"])


def score(state, answer):
    return (
        1.0 if sorted(answer.upper().replace(",", " ").split()) == sorted(reference(state).split()) else 0.0
    )


def render(state):
    folds = state["folds"]
    rows, cols = ((1, 3), (2, 2), (2, 3))[len(folds) - 1]
    c = Canvas(320 * cols, 480 if rows == 1 else 640, state["look"])
    panels = c.split(rows, cols, 8, 8)
    for k in range(len(folds) + 1):
        g = Grid(panels[k], N, N, lines="faint", pad=34)
        for i, j in sorted(set(layers(folds[:k]).values())):
            upper = [] if i == j and folds[0][0] == "D" and k else [g.corner(i, j + 1)]
            corners = [g.corner(i, j), *upper, g.corner(i + 1, j + 1), g.corner(i + 1, j)]
            g.c.polygon(corners, fill=c.tint(0, 0.5), stroke=None)
        kind, at = folds[k] if k < len(folds) else ("", 0)
        ends = {"D": (0, 0, N, N), "L": (0, at, N, at), "T": (at, 0, at, N)}
        ways = {"D": (1.5, 4.5, 4.5, 1.5), "L": (3, at - 1, 3, at + 1), "R": (3, at + 1, 3, at - 1)}
        ways |= {"T": (at - 1, 3, at + 1, 3), "B": (at + 1, 3, at - 1, 3)}
        if kind:
            a, b, e, f = ends[{"R": "L", "B": "T"}.get(kind, kind)]
            g.c.line(g.corner(a, b), g.corner(e, f), dash=[8, 8])
            g.c.arrow(g.corner(*ways[kind][:2]), g.corner(*ways[kind][2:]), 14, width=4)
    for punch in state["punches"]:
        g.put(punch, "circle", 0.25, fill="ink")
    Grid(panels[len(folds) + 1], N, N, names=True, pad=20)
    return c.svg()
