"""Dot squares: how many squares have all their corners on dots.

Levels tilt the squares, demand something of the dots, rub dots out, and end with triangles. Dots stand on the
points of a square lattice, so whether four of them form a square is exact.
"""

from itertools import product

from canvas import Canvas, look

BUCKET = "counting"
LEVELS = (
    "level squares, a lattice without a corner", "all dots of one kind", "three dots filled, one hollow",
    "tilted squares, too", "tilted, too, on dots of one kind", "tilted squares only", "dots rubbed out",
    "rubbed out, dots of one kind", "rubbed out, at the ringed dot", "right isosceles triangles",
)  # fmt: skip
TAGS = ("counting", "geometry", "symmetry")
ORACLE = "equality"
SIDE, ALL = range(1, 7), range(-6, 7)
FORMS = {  # how far the first side may go down and to the right
    "squares with level sides": (SIDE, range(1)),
    "squares, level or tilted at any angle,": (SIDE, range(7)),
    "squares, but not those with level sides,": (SIDE, SIDE),
    "triangles with a right angle and two equal sides, level or tilted,": (ALL, ALL),
}
# How many of the dots may be filled.
DOTS = {"dots": (3, 4), "dots all filled or all hollow": (0, 4), "three filled dots and a hollow one": (3,)}
PLANS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0), (1, 0), (1, 1), (1, 0), (3, 0))  # of each, by level
WORDINGS = (
    "How many {} of any size have their corners on {}?",
    "Count the {} small and large, with all corners on {}.",
)


def generate(rng, difficulty):
    """Draws until the count is the one wished for, or in the end until there is something to count."""
    form, kind = list(FORMS)[PLANS[difficulty][0]], list(DOTS)[PLANS[difficulty][1]]
    target, large = rng.randint(2, 13), kind != "dots" or difficulty == 8
    for attempt in range(60):
        a, b, high, wide = (rng.randint(1, 2) for _ in range(4))
        rows, cols = rng.randint(4, 5 + large), rng.randint(4, 5 + large)
        kept = [[y, x] for y in range(rows) for x in range(cols) if y >= a or x >= b]
        kept = [[y, x] for y, x in kept if y < rows - high or x < cols - wide]
        if difficulty > 5:
            kept = rng.sample(kept, round(len(kept) * rng.uniform(0.6, 0.85)))
        dots = [[*spot, int(kind == "dots" or rng.random() < 0.65)] for spot in kept]
        state = {
            "form": form,
            "kind": kind,
            "dots": dots,
            "ring": rng.choice(kept) if difficulty == 8 else [],
        }
        if int(reference(state)) == target or (attempt > 40 and 2 <= int(reference(state)) <= 40):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    only = " Only those with a corner on the ringed dot count." * bool(state["ring"])
    return (
        WORDINGS[state["wording"]].format(state["form"], state["kind"]) + only + " Answer with one integer."
    )


def reference(state):
    """Every square once by its first side and what lies beside it, every triangle by an arm at its right angle."""
    filled, count = {(y, x): full for y, x, full in state["dots"]}, 0
    corners = 3 if "triangles" in state["form"] else 4
    for (y, x), a, b in product(filled, *FORMS[state["form"]]):
        ring = [(y, x), (y + a, x + b), (y + b, x - a), (y + a + b, x + b - a)][:corners]
        if (a or b) and all(corner in filled for corner in ring):
            allowed = sum(filled[corner] for corner in ring) in DOTS[state["kind"]]
            count += allowed and (not state["ring"] or tuple(state["ring"]) in ring)
    return str(count)


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    rows, cols = (1 + max(dot[axis] for dot in state["dots"]) for axis in (0, 1))
    c, step = Canvas(576, 512, state["look"]), min(460 / max(1, cols - 1), 400 / max(1, rows - 1), 110)
    for y, x, full in state["dots"]:
        at = 288 + (x - (cols - 1) / 2) * step, 256 + (y - (rows - 1) / 2) * step
        c.circle(at, 15, fill="ink" if full else None, width=3)
        if [y, x] == state["ring"]:
            c.circle(at, 27, stroke=0, width=4)
    return c.svg()
