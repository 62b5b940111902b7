"""Spot differences: in how many shapes two scenes differ.

Levels let shapes be missing, recoloured, replaced, moved or turned, and show the second scene turned or mirrored.
Every difference lies in a shape of its own, and no two shapes of a scene look alike.
"""

from canvas import Canvas, look, outline

BUCKET = "counting"
LEVELS = (
    "shapes missing on the right", "missing on either side", "missing among shapes of two sizes",
    "other colours or other shapes", "other colours, shapes or sizes", "shapes missing, too", "moved or turned",
    "moved, turned or resized", "the right scene is upside down", "the right scene is a mirror image",
)  # fmt: skip
TAGS = ("counting", "comparison", "spatial-transformation")
ORACLE = "equality"
COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "black")
TURNING = ("triangle", "moon", "pentagon", "star")  # turned by half, these look different
KINDS = (*TURNING, "circle", "square", "cross")
CHANGES = (  # by level, from these on each line
    *("right", "right left", "right left", "colour kind", "colour kind size", "colour kind left right"),
    *("move turn", "move turn size", "move turn colour", "move turn kind right"),
)
VIEWS = {
    "same": "",
    "turned": " The right scene is shown upside down, turned by half a turn as a whole; that is no difference.",
    "mirrored": " The right scene is shown as its mirror image, left and right swapped; that is no difference.",
}
WORDINGS = (
    "How many shapes differ between the left and the right scene?",
    "Compare the two scenes and count the shapes in which they differ.",
)
RULE = " A shape that is missing from one scene, moved, turned, resized, recoloured or replaced counts once."


def generate(rng, difficulty):
    """Every difference is in a shape of its own, and no two shapes have both kind and colour in common."""
    cells, looks = rng.sample(range(20), 20), [[kind, colour] for kind in KINDS for colour in COLOURS]
    rng.shuffle(looks)
    left, right, target = [], [], rng.randint(2, 7)
    for number in range(rng.randint(9, 11) + difficulty // 4):
        (kind, colour), r = looks.pop(), rng.choice((24, 36)) if difficulty not in (0, 1) else 30
        shape = {"kind": kind, "colour": colour, "cell": cells.pop(), "r": r, "turn": rng.choice((0, 180))}
        other, change = dict(shape), rng.choice(CHANGES[difficulty].split()) if number < target else ""
        if change == "turn" and kind in TURNING:
            other["turn"] = 180 - shape["turn"]
        elif change in ("turn", "move"):
            other["cell"] = cells.pop()
        elif change == "size":
            other["r"] = 60 - r
        elif change in ("colour", "kind"):
            same = 0 if change == "colour" else 1
            other["kind"], other["colour"] = next(new for new in looks if new[same] == [kind, colour][same])
            looks.remove([other["kind"], other["colour"]])
        left.append(None if change == "left" else shape)
        right.append(None if change == "right" else other)
    view = ["same", "turned", "mirrored"][max(0, difficulty - 7)]
    rest = {"view": view, "wording": rng.randrange(2), "look": look(rng, named=True)}
    return {"left": left, "right": right, **rest}


def prompt(state):
    return WORDINGS[state["wording"]] + RULE + VIEWS[state["view"]] + " Answer with one integer."


def reference(state):
    return str(sum(one != two for one, two in zip(state["left"], state["right"])))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(864, 544, state["look"])
    for x, side, view in ((12, "left", "same"), (440, "right", state["view"])):
        part = c.panel(x, 12, 412, 520, fill="panel", stroke="soft")
        for shape in filter(None, state[side]):
            at = 56 + shape["cell"] % 4 * 100, 60 + shape["cell"] // 4 * 100
            points = outline(shape["kind"], at, shape["r"], shape["turn"])
            if view != "same":
                points = [(412 - x, y if view == "mirrored" else 520 - y) for x, y in points]
            part.polygon(points, fill=shape["colour"])
    return c.svg()
