"""Shape tally: how many of the scattered shapes fit a description.

Levels turn the description from one property into several at once, one denied, either of two, exactly two of
three, and at last a property of the frame round each shape. Every shape fits it or does not.
"""

from itertools import product

from canvas import Canvas, hue_names, look, outline

BUCKET = "counting"
LEVELS = (
    "one kind of shape", "turned shapes of several sizes", "kind, colour or pattern", "two properties",
    "one property without another", "three properties", "either of two properties", "one of two, not both",
    "exactly two of three properties", "each shape in a frame with properties of its own",
)  # fmt: skip
TAGS = ("counting", "attributes", "logic")
ORACLE = "equality"
KINDS = ("circle", "square", "triangle", "pentagon", "hexagon", "star", "cross", "moon")
FRAMES = ("circle", "square", "pentagon", "hexagon")
FILLS = {"plain": "", "striped": "lines", "dotted": "dots"}
THREE = "exactly two of these three statements are true: {}; {}; {}"
ONE = "{} or {}, but not both"
JOINTS = (*["{}"] * 3, *["{} and {}"] * 2, "{} and {} and {}", "{} or {} or both", ONE, THREE, THREE)
HITS = ([1], [1], [1], [2], [2], [3], [1, 2], [1], [2], [2])  # by level: how many of the terms must hold
WORDINGS = (
    "Count the shapes that fit this description: {}. Answer with one integer.",
    "How many of the shapes in the picture fit the description '{}'? Answer with one integer.",
    "Look at every shape in the picture. For how many is it true that {}? Answer with one integer.",
)


def generate(rng, difficulty):
    """The count is drawn first, apart from the number of shapes; near misses are likelier than others."""
    kinds, frames, colours = rng.sample(KINDS, 4), rng.sample(FRAMES, 3), hue_names(rng, 3)
    pools = [kinds, colours, list(FILLS) if difficulty > 1 else ["plain"], frames, colours]
    del pools[5 if difficulty == 9 else 3 :]
    parts = rng.sample(range(3), JOINTS[difficulty].count("{}")) if difficulty > 1 else [0]
    parts[0] = rng.choice((3, 4)) if difficulty == 9 else parts[0]
    terms = [["its frame" if part > 2 else "the shape", rng.choice(pools[part]), True] for part in parts]
    terms[-1][2] = difficulty != 4
    every = [{"the shape": list(what[:3]), "its frame": list(what[3:])} for what in product(*pools)]
    fits = [what for what in every if held(terms, what) in HITS[difficulty]]
    misses = [what for what in every if what not in fits for _ in range(1 + 2 * held(terms, what))]
    shapes, target = [], rng.randint(3, 10)
    for number, cell in enumerate(rng.sample(range(24), rng.randint(17, 24))):
        r, turn = 32 if difficulty < 9 else 21, 0
        if 0 < difficulty < 9:
            r, turn = rng.choice((25, 32, 40)), rng.randrange(0, 360, 15)
        place = [68 + cell % 6 * 120 + rng.randint(-12, 12), 76 + cell // 6 * 120 + rng.randint(-12, 12)]
        what = rng.choice(fits if number < target else misses)
        shapes.append({**what, "at": place, "r": r, "turn": turn})
    rule = {"joint": difficulty, "terms": terms}
    return {**rule, "shapes": shapes, "wording": rng.randrange(3), "look": look(rng, named=True)}


def held(terms, what):
    """How many of the terms are true of a shape."""
    return sum((value in what[owner]) == wanted for owner, value, wanted in terms)


def prompt(state):
    said = []
    for owner, value, wanted in state["terms"]:
        said.append(f"{owner} is {'' if wanted else 'not '}{'a ' * (value in KINDS)}{value}")
    return WORDINGS[state["wording"]].format(JOINTS[state["joint"]].format(*said))


def reference(state):
    hits = HITS[state["joint"]]
    return str(sum(held(state["terms"], shape) in hits for shape in state["shapes"]))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(736, 512, state["look"])
    for shape in state["shapes"]:
        at, r, turn, (kind, colour, fill) = shape["at"], shape["r"], shape["turn"], shape["the shape"]
        if frame := shape["its frame"]:
            c.shape(frame[0], at, 47, fill=frame[1])
            c.shape(frame[0], at, 35, fill="paper")
        c.shape(kind, at, r, turn, fill=colour)
        if FILLS[fill]:
            c.hatch(outline(kind, at, r, turn), FILLS[fill], 30, 8, c.on(colour), 1.8)
        c.shape(kind, at, r, turn)
    return c.svg()
