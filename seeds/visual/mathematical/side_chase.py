"""Side chase: a length, the perimeter or the area of a figure with right angles only, from some of its lengths.

The figure is a row of columns on a level base. The lengths that a level shows always fix the answer.
"""

from canvas import Canvas, fitted, look, side_text

BUCKET = "mathematical"
LEVELS = (
    "missing side, one step",
    "missing side of a staircase",
    "missing side, up and down",
    "perimeter of a staircase from few sides",
    "perimeter with a dip",
    "perimeter with two dips",
    "area, one side missing each way",
    "area, a hole cut out",
    "area, a hole whose width is not given",
    "area given: find a side",
)
TAGS = ("geometry", "area", "equations")
ORACLE = "equality"
# The columns' heights by rank, then what is shown, from the left: t upper sides, s steps, l and r the outer sides,
# b the base, u and v width and height of the hole, m its distances from the outer sides.
FIGURES = (
    ("01 10", "t0 t1 b l s1 r"), ("012 210", "t0 t1 t2 b l s1 s2 r"), ("021 120 102 201", "t0 t1 t2 b l s1 s2 r"),
    ("0123 3210", "t1 b l r s2"), ("201 102", "b l r s1"), ("30412 31402 20413", "b l r s1 s2 s3"),
    ("021 120 102 201", "t0 t1 b l s1 r"), ("01 10", "t0 b l s1 u v"), ("01 10", "t1 b r s1 m0 m1 v"),
    ("021 120 102 201", "t0 t1 b s1 s2 area"),
)  # fmt: skip
ASKED = {"border": "How long is the whole border", "area": "How large is the shaded area, in square cm"}
RULES = ("All angles are right, all lengths in cm.", "Lengths are in cm, all angles are right angles.")


def generate(rng, difficulty):
    ranks, shown = (words.split() for words in FIGURES[difficulty])
    ranks, rise, low = rng.choice(ranks), [rng.randint(4, 7) for _ in range(4)], rng.randint(7, 12)
    widths = [rng.randint(7, 14) for _ in ranks]
    state = {"xs": [sum(widths[:i]) for i in range(len(ranks) + 1)], "hole": [0, 0, 0]}
    state["heights"] = [low + sum(rise[: int(rank)]) for rank in ranks]
    if difficulty in (7, 8):  # the left side of the hole, its width and height
        state["hole"] = [rng.randint(4, 5), rng.randint(4, sum(widths) - 9), rng.randint(4, low - 3)]
    asked = rng.choice(shown) if difficulty < 3 else ("border", "area", "l")[difficulty // 3 - 1]
    state |= {"shown": [name for name in shown if name != asked], "asked": asked}
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def sides(state):
    """Both ends of each side in cm, the outside on the left hand; the base lies at 0 and up is negative."""
    xs, heights, (x, u, v), mid = state["xs"], state["heights"], state["hole"], -2 - state["hole"][2] / 2
    found = {f"t{i}": (xs[i], -h, xs[i + 1], -h) for i, h in enumerate(heights)}
    found |= {"b": (xs[-1], 0, 0, 0), "l": (0, 0, 0, -heights[0]), "r": (xs[-1], -heights[-1], xs[-1], 0)}
    found |= {f"s{i}": (xs[i], -heights[i - 1], xs[i], -heights[i]) for i in range(1, len(heights))}
    found |= {"u": (x + u, -2 - v, x, -2 - v), "v": (x, -2 - v, x, -2)}
    return found | {"m0": (0, mid, x, mid), "m1": (x + u, mid, xs[-1], mid)}


def length(state, name):
    known = {name: round(abs(x - u) + abs(y - v)) for name, (x, y, u, v) in sides(state).items()}
    known["border"] = sum(value for name, value in known.items() if name[0] in "lrbst")
    known["area"] = sum(known[f"t{i}"] * h for i, h in enumerate(state["heights"])) - known["u"] * known["v"]
    return known[name]


def prompt(state):
    return f"{ASKED.get(state['asked'], 'How long is the side x')}? {RULES[state['wording']]} Answer with an integer."


def reference(state):
    return str(length(state, state["asked"]))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    ends = fitted([side[k : k + 2] for side in sides(state).values() for k in (0, 2)], (62, 40, 642, 450))
    c, known = Canvas(704, 544, state["look"]), dict(zip(sides(state), zip(ends[::2], ends[1::2])))
    c.polygon([p for name in known if name[0] in "tb" for p in known[name]], fill=c.tint(0, 0.6), width=3)
    if state["hole"][1]:
        (left, top), low, right = known["v"][0], known["v"][1][1], known["u"][0][0]
        c.rect(left, top, right - left, low - top, fill="paper", width=3)
    for name in [name for name in known if name in (*state["shown"], state["asked"])]:
        side_text(c, *known[name], "x" if name == state["asked"] else length(state, name), gap=9)
        if name[0] == "m":
            c.arrow(*known[name], both=True, width=1.5)
    if "area" in state["shown"]:
        c.text((352, 510), f"shaded area: {length(state, 'area')} square cm")
    return c.svg()
