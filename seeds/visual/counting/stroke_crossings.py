"""Stroke crossings: how often lines cross one another.

Levels add bends, lines that do not matter, dashes and self-crossings. Lines cross clearly or keep apart.
"""

import math
from itertools import combinations, pairwise, product

from canvas import Canvas, bearing, crossing, distance_to, look

BUCKET = "counting"
LEVELS = (
    "a line and a regular zigzag", "irregular zigzag", "two of three lines", "three zigzags",
    "one of four lines", "dashed with solid lines", "all of one colour", "upright lines, too",
    "dashed with solid, one colour", "self-crossings",
)  # fmt: skip
TAGS = ("counting", "line-tracing", "geometry")
ORACLE = "equality"
COLOURS = ("red", "blue", "green", "orange")
ASKS = {
    "pair": "At how many points do the red line and the blue line cross?",
    "all": "At how many points do two lines cross?",
    "red": "At how many points does the red line cross another line?",
    "kinds": "At how many points does a dashed line cross a solid one?",
    "self": "At how many points do lines cross, be it two lines or a line and itself?",
}
ORDER = ("pair", "pair", "pair", "all", "red", "kinds", "all", "all", "kinds", "self")
COUNTS = (2, 2, 3, 3, 4, 4, 4, 4, 4, 3)
WORDINGS = ("{} Answer with one integer.", "Follow the lines. {} Give one integer.", "{} Give an integer.")


def generate(rng, difficulty):
    lines, tries, wish, dashes = [], 0, 4, [difficulty in (5, 8), False] * 3
    while len(lines) < COUNTS[difficulty]:
        tries, bends = tries + 1, max(3, wish - tries // 24)
        lines *= tries % 96 > 0
        halves = ((36, 364) if difficulty else (36 + i % 2 * 328,) for i in range(bends))
        tops = [rng.choice(half if lines else (200,)) for half in halves]
        points = [[40 + 624 * i // (bends - 1), rng.randint(top, top + 144)] for i, top in enumerate(tops)]
        if difficulty in (7, 8) and len(lines) > 2:
            points = [[rng.randint(36, 668), 36 + x * 3 // 4] for x, _ in points]
        if difficulty == 9:
            points = [[rng.randint(36, 668), rng.randint(36, 508)] for _ in range(max(4, 7 - tries // 24))]
        if clear(lines, points):
            colour = COLOURS[len(lines)] if difficulty < 6 else "blue"
            tries, wish = 0, rng.randint(3, 8 if difficulty == 0 else 12)
            lines.append({"points": points, "colour": colour, "dashed": dashes[len(lines)]})
    state = {"ask": ORDER[difficulty], "lines": lines, "wording": rng.randrange(3)}
    return {**state, "look": look(rng, named=True)}


def clear(lines, points):
    old, hits = [piece for line in lines for piece in pairwise(line["points"])], []
    for (a, b), (c, d) in [*product(old, pairwise(points)), *combinations(pairwise(points), 2)]:
        turn, hit = (bearing(a, b) - bearing(c, d)) % 360, crossing(a, b, c, d)
        room = min(distance_to(*ends) for ends in ((a, c, d), (b, c, d), (c, a, b), (d, a, b)))
        if b == c:
            room = 40 * (24 < (turn + 180) % 360 < 336)
        elif hit:
            room = min(math.dist(hit, p) for p in (a, b, c, d, *hits)) * (28 < turn % 180 < 152)
            hits.append(hit)
        if room < 18:
            return False
    return True


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["ask"]])


def reference(state):
    ask, pairs = state["ask"], []
    for one, two in combinations(state["lines"], 2):
        named = {"pair": {"red", "blue"}, "red": {"red"}}.get(ask, set()) <= {one["colour"], two["colour"]}
        if named and (ask != "kinds" or one["dashed"] != two["dashed"]):
            pairs += product(pairwise(one["points"]), pairwise(two["points"]))
    for line in state["lines"] * (ask == "self"):
        pairs += combinations(pairwise(line["points"]), 2)
    return str(sum(p[1] != q[0] and crossing(*p, *q) is not None for p, q in pairs))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(704, 544, state["look"])
    for line in state["lines"]:
        c.polyline(line["points"], stroke=line["colour"], width=4, dash=[14, 9] if line["dashed"] else None)
    return c.svg()
