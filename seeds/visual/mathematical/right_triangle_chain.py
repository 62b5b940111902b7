"""Right triangles: the length x at the end of a chain of them.

Levels link two and three triangles, add the height on a hypotenuse and a tangent; all lengths are whole."""

from math import dist, hypot

from canvas import Canvas, away, beside, dimension, linework, look, side_text

BUCKET = "mathematical"
LEVELS = (
    "one triangle: the hypotenuse",
    "one triangle: a leg",
    "one height between two triangles",
    "two triangles: the last hypotenuse or leg",
    "two triangles on one height",
    "three triangles: the last hypotenuse or leg",
    "the height on a hypotenuse",
    "the height on a hypotenuse, and a triangle beside it",
    "tangent and radius of a circle",
    "tangent and radius, the radius from a chord",
)
TAGS = ("geometry", "pythagoras", "multi-step")
ORACLE = "equality"
# Shape and further links, sides shown, side asked. Fan: OAB, OBC, OCD. Roof or high: triangle WEG with height GF, H
# beside EG. Disc: centre O, tangent TP, N where OP leaves the circle, M in the middle of the chord IJ.
FIGURES = (
    ("fan0/OA AB/OB",), ("fan0/OA OB/AB", "fan0/AB OB/OA"), ("roof1/WG WF FE/FG", "roof1/EG WF FE/FG"),
    ("fan1/OA AB BC/OC", "fan1/OA AB OC/BC"), ("roof1/WG WF EG/FE", "roof1/WG WF FE/EG"),
    ("fan2/OA AB BC CD/OD", "fan2/OA AB BC OD/CD"), ("high0/WF FE/FG", "high0/WF FG/FE"), ("high1/WF FE EH/GH",),
    ("disc0/OT NP/TP", "disc0/TP OT/NP"), ("disc1/IM OM NP/TP", "disc1/IM OM TP/NP"),
)  # fmt: skip
TRIOS = [(a, b, int(hypot(a, b))) for a in range(6, 140) for b in range(a // 3, 3 * a) if not hypot(a, b) % 1]
LINES = "OA AB OB BC OC CD OD WF FE WG EG FG EH GH OT TP OP IM MJ OM OI".split()
WORDINGS = ("How long is x?", "Find the length x.", "What is the length x?")
RULES = "Squares mark right angles, and a line that touches a circle is a tangent. Answer with one integer."


def generate(rng, difficulty):
    shape, shown, asked = rng.choice(FIGURES[difficulty]).split("/")
    names, legs = [*shown.split(), asked], [0]
    while not legs[-1]:
        *legs, last = rng.choice(TRIOS)
        square = (legs[1] if shape[0] == "r" else last) ** 2
        if shape[0] == "h":
            k, x, y = rng.randint(1, 6), rng.randint(2, 5), rng.randint(2, 5)
            legs, square = [k * x * x, k * x * y, k * y * y], (k * y) ** 2 * (x * x + y * y)
        for _ in range(int(shape[-1])):
            _, leg, last = rng.choice([t for t in TRIOS if t[0] ** 2 == square] or [(0, 0, 0)])
            legs, square = [*legs, leg], last**2
    state = {"shape": shape, "legs": legs, "names": names, "turn": rng.randrange(0, 360, 90)}
    return {**state, "look": look(rng), "wording": rng.randrange(3)}


def corners(state):
    kind, (a, b, *more) = state["shape"][0], state["legs"]
    if kind == "f":
        found = {"O": (0, 0), "A": (a, 0)}
        for name, leg in zip("BCD", [b, *more]):
            found[name] = beside(list(found.values())[-1], (0, 0), -leg, 0)
    elif kind == "d":
        r, t = (hypot(a, b), more[0]) if more else (a, b)
        found = {"O": (0, 0), "T": (0, -r), "P": (t, -r), "N": (t * r / hypot(r, t), -r * r / hypot(r, t))}
        found |= {"M": (-a, 0), "I": (-a, -b), "J": (-a, b)} if more else {}
    else:
        found = {"W": (-a, 0), "E": (more[0], 0), "F": (0, 0), "G": (0, -b)}
        found |= {"H": beside(found["E"], found["G"], -more[1], 0)} if more[1:] else {}
    return found


def prompt(state):
    return f"{WORDINGS[state['wording']]} {RULES}"


def reference(state):
    return str(round(dist(*(corners(state)[letter] for letter in state["names"][-1]))))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    c, spots = Canvas(704, 576, state["look"]), corners(state)
    known = linework(c, spots, LINES, state["turn"], hypot(*spots["T"]) if "T" in spots else 0)
    for name in state["names"]:
        p, q = known[name[0]], known[name[1]]
        words = "x" if name == state["names"][-1] else round(dist(spots[name[0]], spots[name[1]]))
        mark, gap = (dimension, 26) if name in ("NP", "IM", "WF", "FE") else (side_text, 9)
        mark(c, p, q, words, gap * away(p, q, known.values()))
    return c.svg()
