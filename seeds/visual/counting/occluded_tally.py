"""Occluded tally: how many shapes lie in a pile in which they cover one another.

Levels take the colours away, ask for one kind, for the covered or for the free, and hide more of each shape;
the last draws a curtain over evenly spaced rows. Two shapes overlap clearly or stand well apart.
"""

import math

from canvas import Canvas, look, outline, polar, visible_shares

BUCKET = "counting"
LEVELS = (
    "edges overlap", "one of three kinds", "one kind, turned, of several sizes", "all of one colour",
    "one colour, one kind", "one colour, what is not covered", "half of a shape may be hidden",
    "half hidden, one kind", "half hidden, what is covered", "rows run on behind a curtain",
)  # fmt: skip
TAGS = ("counting", "occlusion", "amodal-completion")
ORACLE = "equality"
KINDS = ("circle", "square", "hexagon")
ASKS = ("all", "all", "all", "all", "all", "free", "all", "all", "covered", "rows")
ASKED = {
    "all": "How many {}s are there in all?",
    "free": "How many {}s are not covered by another shape, not even in part?",
    "covered": "How many {}s are partly covered by another shape?",
    "rows": "In each row the shapes stand at equal distances and in an order that repeats, and the row runs on "
    "behind the curtain without a gap. How many {}s are there in all, those behind the curtain included?",
}
WORDINGS = ("{} Answer with one integer.", "Look closely. {} Answer with one integer.", "{} Give an integer.")


def generate(rng, difficulty):
    """Places shape after shape on top, then takes away what is hidden too far."""
    kind = rng.choice(KINDS) if difficulty in (1, 2, 4, 7, 9) else "shape"
    state = {"ask": ASKS[difficulty], "kind": kind, "wording": rng.randrange(3), "look": look(rng)}
    kinds = [kind] * (kind != "shape") + rng.sample(KINDS, 3 if difficulty else 1)
    if difficulty == 9:
        orders = [kinds[:1], *([rng.sample(KINDS, rng.choice((1, 2))) for _ in range(3)])]
        return {**state, "rows": [[order, rng.randint(4, 6), rng.randint(1, 3)] for order in orders]}
    shapes, near, want = [], 0.44 if difficulty > 5 else 0.6, rng.randint(8, 18) + difficulty // 3
    sizes, colours = (42, 48, 55) if difficulty > 1 else (48,), range(6 if difficulty < 3 else 1)
    for _ in range(40 * want):
        r, at = rng.choice(sizes), [rng.randint(60, 644), rng.randint(60, 452)]
        if shapes and rng.random() < 0.8:
            _, centre, other, *_ = rng.choice(shapes)
            at = polar(centre, rng.uniform(near, 0.7) * (r + other), rng.randrange(360))
        shape = [rng.choice(kinds), list(map(round, at)), r, rng.randrange(0, 90, 15) * (difficulty > 1)]
        roomy = len(shapes) < want and 60 <= at[0] <= 644 and 60 <= at[1] <= 452
        if roomy and all(
            near <= apart(shape, other) <= 0.7 or apart(shape, other) >= 1.1 for other in shapes
        ):
            shapes.append([*shape, rng.choice(colours)])
    while min(seen := visible_shares([outline(*shape[:4]) for shape in shapes], 12)) < 0.42:
        del shapes[seen.index(min(seen))]
    return {**state, "shapes": shapes}


def apart(one, two):
    """Distance in sums of radii: at most 0.7 where two shapes overlap, else at least 1.1."""
    return math.dist(one[1], two[1]) / (one[2] + two[2])


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKED[state["ask"]].format(state["kind"]))


def reference(state):
    rows = [(kinds * 12)[: 3 + hidden + after] for kinds, hidden, after in state.get("rows", ())]
    count, shapes = sum(row.count(state["kind"]) for row in rows), state.get("shapes", ())
    for i, shape in enumerate(shapes):
        covered = any(apart(shape, other) < 1 for other in shapes[i + 1 :])
        fits = state["ask"] == "all" or covered == (state["ask"] == "covered")
        count += fits and state["kind"] in ("shape", shape[0])
    return str(count)


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(*((800, 448) if "rows" in state else (704, 512)), state["look"])
    for *shape, colour in state.get("shapes", ()):
        c.shape(*shape, fill=colour, stroke="paper", width=4)
    for y, (kinds, hidden, after) in enumerate(state.get("rows", ())):
        for i in range(3 + hidden + after):  # the curtain ends half-way between two shapes
            at = 240 + (i - 2.5) * 320 / hidden, 62 + 108 * y
            c.shape(kinds[i % len(kinds)], at, 19, fill=y, stroke=None)
    for x in range(240, 560, 32) if "rows" in state else ():
        c.rect(x, 12, 32, 424, fill="panel", stroke="soft")
    return c.svg()
