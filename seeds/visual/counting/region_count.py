"""Region count: into how many pieces lines and a ring cut a disc.

Levels add lines that end inside, crossings, triple points and a ring. Curves meet clearly or keep apart.
"""

import math
from itertools import combinations

from canvas import Canvas, bearing, between, crossing, distance_to, look, polar

BUCKET = "counting"
LEVELS = (
    "no crossings", "some lines end inside", "a ring that floats free", "crossing lines", "crossing, some end inside",
    "crossing, a free ring", "three through a point", "a point, some end inside", "a point, a ring", "ring crossed",
)  # fmt: skip
TAGS = ("counting", "geometry", "euler-formula")
ORACLE = "equality"
HUB, RIM = (288, 288), 256
WORDINGS = ("Into how many pieces do the lines cut the disc?", "How many regions has the inside of the disc?")


def generate(rng, difficulty):
    lines, away, want = [], rng.randrange(360), rng.randint(3, 9)
    ring = [*map(round, polar(HUB, rng.randint(90, 150), away)), rng.randint(36, 70)]
    state = {"rings": [ring] * (difficulty in (2, 5, 8, 9)), "lines": lines}
    knot = ring[:2] if difficulty == 9 else polar(HUB, rng.randint(40, 110), away + 180)
    for _ in range(300):
        a = polar(HUB, RIM, turn := rng.uniform(0, 360))
        b = polar(HUB, RIM, turn + rng.uniform(30, 330))
        if len(lines) < {6: 3, 7: 3, 8: 3, 9: 1}.get(difficulty, 0):
            beam = bearing(a, knot)
            b = polar(a, 2 * RIM * math.cos(math.radians(beam - bearing(a, HUB))), beam)
        elif difficulty in (1, 4, 7) and rng.random() < 0.3:
            b = between(a, b, rng.uniform(0.3, 0.7))
        lines.append([[round(x) for x in end] for end in (a, b)])
        met = meet(state) if len(lines) <= want else None
        for spot, c in met or ():  # no ring is cut before level 9, no third line comes by chance
            met = None if (difficulty < 9 and -1 in c) or (len(c) > 2 and math.dist(spot, knot) > 4) else met
        if met is None or (met and difficulty < 3):
            lines.pop()
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def meet(state):
    """The points where curves meet, each with the numbers of the curves; None if anything is too close."""
    spots, curves = [], state["rings"] + state["lines"]
    for (i, one), (j, two) in combinations(enumerate(curves, -len(state["rings"])), 2):
        if len(one) == 3:
            (x, y, r), (p, q), length = one, two, math.dist(*two)
            share = ((x - p[0]) * (q[0] - p[0]) + (y - p[1]) * (q[1] - p[1])) / length**2
            off = math.dist((x, y), between(p, q, share))
            half = math.sqrt(max(0, r * r - off * off)) / length
            hits = [between(p, q, t) for t in (share - half, share + half) if half and 0 < t < 1]
            room = min(abs(math.dist((x, y), end) - r) for end in two) * (not 0.75 * r < off < r + 18)
        else:
            hits = [hit] if (hit := crossing(*one, *two)) else []
            steep = 28 < (bearing(*one) - bearing(*two)) % 180 < 152 or not hits
            room = min(distance_to(end, *b) for a, b in ((one, two), (two, one)) for end in a) * steep
        for hit in hits:
            near = [spot for spot in spots if math.dist(spot[0], hit) < 26]
            room *= all(math.dist(spot[0], hit) < 5 for spot in near)
            spots += [] if near else [(hit, set())]
            (near or spots)[-1][1].update((i, j))
        if room < 18:
            return None
    return spots


def prompt(state):
    return WORDINGS[state["wording"]] + " Answer with one integer."


def reference(state):
    met, rings = meet(state), len(state["rings"])
    cuts = sum(math.dist(HUB, line[1]) > RIM - 4 for line in state["lines"])
    return str(1 + cuts + rings - any(-1 in c for _, c in met) + sum(len(c) - 1 for _, c in met))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(576, 576, state["look"])
    c.circle(HUB, RIM, fill="panel", width=4)
    for line in state["lines"]:
        c.line(*line, width=3)
    for x, y, r in state["rings"]:
        c.circle((x, y), r, width=3)
    return c.svg()
