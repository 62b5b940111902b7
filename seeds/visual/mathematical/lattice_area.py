"""Lattice area: the area of a figure whose corners lie on dots.

Levels cut corners and notches, change the distance of the dots, slant the sides, dent the outline and cut a hole."""

from canvas import Canvas, crossing, dimension, distance_to, inside, look, polar

BUCKET = "mathematical"
LEVELS = (
    "a rectangle",
    "a rectangle with one corner cut",
    "steps at both upper corners",
    "a notch in the upper side",
    "notches in two sides",
    "notches in two sides, dots 2 to 5 cm apart",
    "slanted sides, no dent",
    "slanted sides with a dent",
    "slanted sides with a dent, dots 2 to 5 cm apart",
    "slanted sides with a dent, and a slanted hole",
)
TAGS = ("geometry", "area", "multi-step")
ORACLE = "equality"
SIDES = ("0 0", "01 0", "102 0", "010 0", "010 010", "010 010")  # above and below: the depths of cuts
ASKED = ("What is the area of the shaded figure?", "How large is the shaded area?", "Find the shaded area.")
RULES = "The spacing of the dots is shown. Give the number of square centimetres, if need be with a half, like 6.5."


def generate(rng, difficulty):
    rings = [straight(rng, SIDES[difficulty].split())] if difficulty < 6 else []
    while difficulty > 5 and not (rings and fine(rings, difficulty > 6)):
        rings = [slanted(rng, rng.randint(5, 6), 5, 5, difficulty > 6)]
        rings += [slanted(rng, rng.randint(3, 4), rng.randint(4, 6), 2.1, False)] if difficulty == 9 else []
    unit = rng.randint(2, 5) if difficulty in (5, 8) else 1
    return {"rings": rings, "unit": unit, "look": look(rng), "wording": rng.randrange(3)}


def straight(rng, patterns):
    left, right, ring = rng.randint(0, 2), rng.randint(7, 10), []
    for pattern, y, way in zip(patterns, (rng.randint(0, 1), rng.randint(6, 7)), (1, -1)):
        xs = [left, *sorted(rng.sample(range(left + 1, right), len(pattern) - 1)), right]
        deep = way * rng.randint(1, 2)
        ring += [[xs[i + k], y + deep * int(cut)] for i, cut in enumerate(pattern) for k in (0, 1)][::way]
    return ring


def slanted(rng, n, x, r, dent):
    """Corners round (x, 3.5), in a field wider than high; a dent is a corner drawn in."""
    first = rng.randrange(2 * n) / 2
    shares = [0.4 if dent and i == 0 else rng.uniform(0.8, 1) for i in range(n)]
    ring = [polar((0, 0), r * shares[i], rng.uniform(10, 50) + 360 * (i + first) / n) for i in range(n)]
    return [[round(x + p), round(3.5 + 0.7 * q)] for p, q in ring]


def fine(rings, dents):
    """Whether a hole lies inside, corners keep away from other sides and turn clearly, dents the other way."""
    corners = [(ring[i - 2], ring[i - 1], p) for ring in rings for i, p in enumerate(ring)]
    pairs = [(p, a, b) for _, _, p in corners for _, a, b in corners if p is not a and p is not b]
    far = all(distance_to(*pair) > 0.8 for pair in pairs) and all(inside(rings[0], r[0]) for r in rings[1:])
    sides = [corner[1:] for corner in corners]
    far = far and not any(crossing(*s, *t) for s in sides for t in sides if s[0] not in t and s[1] not in t)
    return far and all(abs(twice(c)) > 2 for c in corners) and sum(twice(c) > 0 for c in corners) == dents


def twice(ring):
    """Twice the area, below zero for a ring to the left."""
    return sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(ring, ring[1:] + ring[:1]))


def prompt(state):
    return f"{ASKED[state['wording']]} {RULES}"


def reference(state):
    outer, *holes = [abs(twice(ring)) * state["unit"] ** 2 for ring in state["rings"]]
    return f"{(outer - sum(holes)) / 2:g}"


def score(state, answer):
    """A half may be put as a fraction."""
    found = reference(state)
    return float(answer.strip().removesuffix(".0") in (found, f"{2 * float(found):g}/2"))


def render(state):
    c = Canvas(704, 544, state["look"])
    for ring, fill in zip(state["rings"], (c.tint(0, 0.55), "paper")):
        c.polygon([(52 + 60 * x, 48 + 60 * y) for x, y in ring], fill=fill, width=3)
    for k in range(88):
        c.circle((52 + 60 * (k % 11), 48 + 60 * (k // 11)), 3.5, fill="ink", stroke=None)
    dimension(c, (52, 468), (112, 468), f"{state['unit']} cm", -32)
    return c.svg()
