"""Paper punch: where a folded and punched sheet has holes after it is opened.

Folds leave the middle, cross the diagonal and grow in number, then holes do.
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
    "Arrows show how a sheet is folded step by step.",
)
ASK = " At last it is punched through all layers at the dots, and opened. Which cells of the grid have holes?"
FORM = " Answer with the names of all these cells, in any order, separated by spaces, like A4 F5."


def generate(rng, difficulty):
    """Each fold leaves the paper within its outline before; a punch goes through several layers."""
    folds = [["D", 0]] * (difficulty > 5)
    for _ in range(80):
        fold = [rng.choice("LRTB"), 3 if difficulty in (0, 2) else rng.randint(1, 5)]
        small = {*layers([*folds, fold]).values()} < {*layers(folds).values()}
        folds = folds + [fold] * (small and len(folds) < (1, 1, 2, 2, 2, 3, 1, 2, 2, 3)[difficulty])
    places = layers(folds)
    halves = [places[k, k] for k in range(N) if difficulty > 5]  # of the cells that a diagonal fold halves
    spots = [at for at in places.values() if at not in halves]
    thick = sorted({at for at in spots if spots.count(at) > 1})
    punches = [list(at) for at in rng.sample(thick, 1 + (difficulty in (4, 8, 9)))]
    return {"folds": folds, "punches": punches, "wording": rng.randrange(2), "look": look(rng)}


def layers(folds):
    """For every cell of the sheet its place after the folds: L folds the left part at column `at`, and so on."""
    places = {(i, j): (i, j) for i in range(N) for j in range(N)}
    for kind, at in folds:
        for cell, (i, j) in places.items():
            p, q = 2 * at - 1 - i, 2 * at - 1 - j
            moved = {"L": (i, max(j, q)), "R": (i, min(j, q)), "T": (max(i, p), j), "B": (min(i, p), j)}
            places[cell] = moved.get(kind, (max(i, j), min(i, j)))
    return places


def prompt(state):
    return WORDINGS[state["wording"]] + ASK + FORM


def reference(state):
    places = layers(state["folds"])
    return " ".join(cell_name(*cell) for cell, at in places.items() if list(at) in state["punches"])


def score(state, answer):
    given = answer.upper().replace(",", " ").split()
    return 1.0 if sorted(given) == sorted(reference(state).split()) else 0.0


def render(state):
    """The sheet before each fold, then the folded one with the punches."""
    folds = state["folds"]
    rows, cols = ((1, 2), (1, 3), (2, 2))[len(folds) - 1]
    c = Canvas(320 * cols, 320 * rows, state["look"])
    for k, panel in enumerate(c.split(rows, cols, 8, 8)):
        g = Grid(panel, N, N, lines="faint", names=True, pad=20)
        for i, j in sorted(set(layers(folds[:k]).values())):
            upper = [] if i == j and k and folds[0][0] == "D" else [g.corner(i, j + 1)]
            corners = [g.corner(i, j), *upper, g.corner(i + 1, j + 1), g.corner(i + 1, j)]
            panel.polygon(corners, fill=c.tint(0, 0.5), stroke=None)
        for kind, at in folds[k : k + 1]:
            ends = [(0, at), (N, at), (3, at - 1), (3, at + 1)] if at else [(0, 0), (N, N), (2, 4), (4, 2)]
            p, q, *way = [g.corner(*(end[::-1] if kind in "TB" else end)) for end in ends]
            panel.line(p, q, dash=[8, 8])
            panel.arrow(*(reversed(way) if kind in "RB" else way), 14, width=4)
    for punch in state["punches"]:
        g.put(punch, "circle", 0.25, fill="ink")
    return c.svg()
