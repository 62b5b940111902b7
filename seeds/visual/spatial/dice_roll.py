"""Dice roll: what a die shows after it has been rolled along a path of squares.

Paths wind and cross themselves, sides and sums are asked, and at last a second view tells which of two dice it is.
"""

from canvas import Canvas, die, face, iso, look

BUCKET = "spatial"
LEVELS = (
    "a straight path: the number on top at the end",
    "the path turns once",
    "the path winds",
    "another side than the top is asked",
    "the sum of the tops on three shaded squares",
    "the path crosses itself on a shaded square",
    "one side is blank, a second view of the die completes it",
    "with the second view, another side is asked",
    "with the second view, the sum on shaded squares",
    "second view, sum, and a path that crosses itself",
)
TAGS = ("spatial-reasoning", "mental-rotation", "simulation")
ORACLE = "equality"
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # to the lower right, lower left, upper left, upper right
ASKS = {
    "top": "Which number is on top at the end? Answer with one integer.",
    "side": "Which number is in the end on the side that faces the lower left? Answer with one integer.",
    "sum": "What do the numbers on top at each visit to a shaded square add up to? Answer with one integer.",
}
WORDINGS = ("The die rolls over an edge to the next square", "The die tips from square to square")
RULE = ", along the line up to the tip of the arrow. Opposite faces of the die add up to 7. "
VIEW = "Beside the board the same die lies in another position; on the board one side of it is blank. "


def generate(rng, difficulty):
    """The path starts in the far corner, where the die hides nothing, and crosses itself at right angles."""
    crossed, fits = difficulty in (5, 9), False
    while not fits:
        path, heading = [[0, 0]], rng.randrange(2)
        for _ in range(10 if crossed else rng.randint(3, 4) + min(difficulty, 3)):
            path.append([a + b for a, b in zip(path[-1], STEPS[heading % 4])])
            heading += rng.choice((0, 0, 1, 3))
        bends = [q for p, q, r in zip(path, path[1:], path[2:]) if p[0] != r[0] and p[1] != r[1]]
        twice = [p for p in path if path.count(p) > 1]
        fits = len(twice) == 2 * crossed and not any(p in [*bends, path[0], path[-1]] for p in twice)
        fits = fits and min(len(bends), 3) == min(difficulty, 3) and all(0 <= a < 5 for p in path for a in p)
    ask = ("top", "top", "top", "side", "sum", "sum", "top", "side", "sum", "sum")[difficulty]
    shaded = rng.sample([p for p in path[1:] if p not in twice], 3 - crossed) + twice[:crossed]
    view, start = ([rng.choice((n, 7 - n)) for n in rng.sample((1, 2, 3), k)] for k in (3, 2))
    state = {"view": view, "start": start * (difficulty > 5), "path": path, "shaded": shaded * (ask == "sum")}
    return {**state, "ask": ask, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]] + RULE + VIEW * bool(state["start"]) + ASKS[state["ask"]]


def rolled(top, left, right):  # the three sides in sight after each of the four STEPS
    return [7 - right, left, top], [7 - left, top, right], [right, left, 7 - top], [left, 7 - top, right]


def reference(state):
    """Rolling the second view about until it shows the same sides as the die on the board tells the blank one."""
    dice, path, total = [state["view"]], state["path"], 0
    for sides in dice:
        dice += [new for new in rolled(*sides) if new not in dice]
    sides = next(new for new in dice if new[:2] == (state["start"] or state["view"][:2]))
    for (x, y), square in zip(path, path[1:]):
        sides = rolled(*sides)[STEPS.index((square[0] - x, square[1] - y))]
        total += sides[0] * (square in state["shaded"])
    return str({"top": sides[0], "side": sides[1], "sum": total}[state["ask"]])


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    c = Canvas(768, 512, state["look"])
    at = iso((384, 102), 76)
    for square in [[x, y] for x in range(5) for y in range(5)]:
        on = face(at, (*square, -1), "top")
        fill = c.tint(0, 0.4) if square in state["shaded"] else "panel"
        c.polygon([on(0, 0), on(1, 0), on(1, 1), on(0, 1)], fill=fill, stroke="soft")
    centers = [at(x + 0.5, y + 0.5, 0) for x, y in state["path"]]
    c.polyline(centers[:-1], stroke=1, width=5)
    c.arrow(*centers[-2:], 18, stroke=1, width=5)
    die(c, iso((120, 110), 76) if state["start"] else at, (0, 0, 0), state["view"])
    if state["start"]:
        die(c, at, (0, 0, 0), [*state["start"], 0])
    return c.svg()
