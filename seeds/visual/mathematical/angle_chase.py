"""Angle chase: find the angle x in a fan of triangles that stand on one line and share a tip.

Levels add angles outside, a parallel through the tip, equal sides and a bisector; what a figure shows fixes x.
"""

from itertools import pairwise
from math import radians, tan

from canvas import Canvas, angle_mark, equal_mark, fitted, look, parallel_mark

BUCKET = "mathematical"
LEVELS = (
    "angle sum of one triangle",
    "an angle outside the triangle",
    "two triangles side by side",
    "a parallel through the tip",
    "a parallel, two triangles",
    "a parallel, two triangles, an angle outside",
    "equal sides and an angle outside",
    "equal sides in both of two triangles",
    "equal sides twice, the angle given at a parallel",
    "a chain of four: parallel, triangle, bisector, equal sides",
)
TAGS = ("geometry", "angles", "multi-step")
ORACLE = "equality"
# Per level: how each foot is found (see `feet`), the angles shown, the angle asked. l0 and r0 lie left and right of
# the way from foot 0 to the tip, a01 at the tip between feet 0 and 1, p0 and q1 there beside the parallel.
FIGURES = (
    ("ff/r0 l1/a01", "ff/r0 a01/l1"), ("ff/l0 l1/a01", "ff/r1 a01/r0"), ("fff/r0 a01 l2/a12", "fff/l2 a12 a01/r0"),
    ("ff/p0 l1/a01", "ff/q1 a01/r0", "ff/r0 q1/a01"), ("fff/p0 a01 l2/a12", "fff/q2 r0 a01/a12"),
    ("fff/p0 a01 r2/a12", "fff/l0 q2 a12/a01"), ("fb/r1/r0", "fe/l0/a01"), ("fbe/r0/a12", "fbe/l2/r0", "feE/l2/r0"),
    ("fbe/q2/a01", "feE/q2/r0"), ("fbmf/q3 a23/r0", "ffme/q3 a01/r0", "fbmE/q3/r0"),
)  # fmt: skip
MARKS = "Sides with equally many ticks are equally long, double arcs mark equal angles, arrow heads parallel lines."
WORDINGS = ("How many degrees is the angle x?", "Find the angle x, in degrees.", "What is x, in degrees?")


def generate(rng, difficulty):
    rules, shown, asked = rng.choice(FIGURES[difficulty]).split("/")
    state = {"rules": rules, "names": [*shown.split(), asked], "free": [0, 0, 0]}
    while any(b - a < 22 or b % 1 for a, b in pairwise([3, *angles(state)[0], 177])):
        state["free"] = [rng.randint(25, 155) for _ in range(rules.count("f"))]
    return {**state, "turn": rng.choice((0, 15, 180)), "look": look(rng), "wording": rng.randrange(3)}


def angles(state):
    """The angle right of each foot (free, sides that meet at base or end, middle by bisection), and all named."""
    free, slopes, found = iter(state["free"]), [0, 0], []
    for rule in state["rules"]:
        a, b = slopes[-2:]
        slopes.append(next(free) if rule == "f" else {"b": 2 * b, "m": 2 * b - a}.get(rule, 90 + b / 2))
    for kind, i, *more in state["names"]:
        at, end = slopes[int(i) + 2], slopes[int(more[0] if more else i) + 2]
        found.append(round(end - at if kind == "a" else at if kind in "rp" else 180 - at))
    return slopes[2:], found


def prompt(state):
    return f"{WORDINGS[state['wording']]} {MARKS} Answer with one integer."


def reference(state):
    return str(angles(state)[1][-1])


def score(state, answer):
    return 1.0 if answer.strip().rstrip("°") == reference(state) else 0.0


def render(state):
    c, (slopes, found), names = Canvas(704, 448, state["look"]), angles(state), state["names"]
    foot = [(-1 / tan(radians(slope)), 1) for slope in slopes]
    ends = [(0, 0), (foot[0][0] - 0.6, 1), (foot[-1][0] + 0.6, 1), (-0.8, 0), (0.8, 0)]
    tip, west, east, left, right, *ps = fitted(ends + foot, (44, 44, 660, 404), state["turn"])
    c.line(west, east)
    for i, (p, rule) in enumerate(zip(ps, state["rules"])):
        c.line(tip, p)
        for side in ((ps[i - 1], p), (tip, p if rule == "b" else ps[i - 1])) if rule in "beE" else ():
            equal_mark(c, *side, 1 + rule.isupper())
        for j in (i - 1, i) if rule == "m" else ():
            angle_mark(c, tip, ps[j - 1], ps[j], r=40, arcs=2)
    for p, q, t in ((west, east, 0.93), (left, right, 0.85))[: 2 * any(name[0] in "pq" for name in names)]:
        c.line(p, q)
        parallel_mark(c, p, q, t=t)
    for i, (name, value) in enumerate(zip(names, found), 1):
        p, asked = ps[int(name[1])], i == len(found)
        v, arm = (p, tip) if name[0] in "lr" else (tip, p)
        end = {"l": west, "r": east, "p": left, "q": right}.get(name[0], ps[int(name[-1])])
        angle_mark(c, v, arm, end, "x" if asked else f"{value}°", fill=c.tint(0, 0.7) if asked else None)
    return c.svg()
