"""Gear train: which gears of a train turn clockwise when one of them turns as its arrow shows.

Gears that touch turn opposite ways, a belt passes the turning on, a crossed belt reverses it. Levels add groups and
belts, groups that stand still, and trains that jam.
"""

from itertools import combinations, product

from canvas import Canvas, beside, distance_to, look, polar

BUCKET = "spatial"
LEVELS = (
    "seven gears that touch", "eight gears, rings of four among them", "two groups joined by a belt",
    "the belt may be crossed", "three groups and two belts", "three groups, belts may be crossed",
    "one group is reached by no belt", "a loose group, and belts may be crossed",
    "two belts between two groups: they may jam", "three groups, of which two may jam",
)  # fmt: skip
TAGS = ("spatial-reasoning", "mechanics", "parity")
ORACLE = "equality"
GROUPS, LOOSE, SIDE = (1, 1, 2, 2, 3, 3, 3, 3, 2, 3), (6, 7), 88
WORDINGS = ("Gears that touch turn opposite ways.", "Gears that touch each other turn against each other.")
RULE = (
    " A belt makes two gears turn the same way, a crossed belt opposite ways. What nothing drives stands still. The"
    " gear with the arrow turns that way. Which gears turn clockwise? Answer with their letters in any order, like"
    " BDF, with none, or with jam if the train cannot move."
)


def generate(rng, difficulty):
    """Groups in columns of their own; belts run between neighbours and pass over no third gear."""
    while True:
        groups = []
        for x in range(0, 3 * GROUPS[difficulty], 3):
            rows = range(rng.randint(0, 1) * (difficulty > 1), rng.randint(3, 4) if difficulty > 1 else 4)
            side = rng.sample(rows, 3 + difficulty if difficulty < 2 else rng.randint(1, 2))
            groups.append([(y, x) for y in rows] + [(y, x + 1) for y in side])
        gears = rng.sample([p for group in groups for p in group], sum(map(len, groups)))
        joined = groups[: 2 if difficulty in LOOSE else None]
        links = list(zip(joined, joined[1:])) + [joined[:2]] * (difficulty > 7)
        belts = [rng.choice(clear(gears, one, two) or [[]]) for one, two in links]
        ends = [end for belt in belts for end in belt]
        if all(belts) and len(set(ends)) == len(ends):
            break
    belts = [[*belt, int(difficulty in (3, 5, 7, 8, 9) and rng.random() < 0.5)] for belt in belts]
    state = {"gears": [list(p) for p in gears], "belts": belts, "way": rng.choice((1, -1))}
    state["driver"] = gears.index(rng.choice(groups[0]))
    if turning(state) is None and rng.random() < 0.75:
        belts[-1][2] = 1 - belts[-1][2]
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def clear(gears, one, two):
    pairs = [(p, q) for p, q in product(one, two) if abs(p[0] - q[0]) < 2]
    near = [(p, q, [g for g in gears if g not in (p, q) and distance_to(g, p, q) < 0.8]) for p, q in pairs]
    return [[gears.index(p), gears.index(q)] for p, q, between in near if not between]


def turning(state):
    """1 for clockwise, -1 for the other way, 0 for standing still, by gear; None for a train that jams."""
    gears = [tuple(p) for p in state["gears"]]
    links = [(i, j, 1 if crossed else 0) for i, j, crossed in state["belts"]]
    for (i, p), (j, q) in combinations(enumerate(gears), 2):
        links += [(i, j, 1)] * (abs(p[0] - q[0]) + abs(p[1] - q[1]) == 1)
    ways = [state["way"] * (i == state["driver"]) for i in range(len(gears))]
    for _ in gears:
        for i, j, turned in links:
            sign = -1 if turned else 1
            ways[i], ways[j] = ways[i] or sign * ways[j], ways[j] or sign * ways[i]
    return ways if all(ways[i] == (-ways[j] if turned else ways[j]) for i, j, turned in links) else None


def prompt(state):
    return WORDINGS[state["wording"]] + RULE


def reference(state):
    ways = turning(state)
    return "jam" if ways is None else "".join(chr(65 + i) for i, way in enumerate(ways) if way == 1) or "none"


def score(state, answer):
    said, right = answer.strip().casefold(), reference(state).casefold()
    if said in ("jam", "none") or right in ("jam", "none"):
        return 1.0 if said == right else 0.0
    return 1.0 if sorted(said.replace(",", "").replace(" ", "")) == sorted(right) else 0.0


def render(state):
    wide = max(p[1] for p in state["gears"]) + 1
    c = Canvas(max(480, 32 * round((wide * SIDE + 60) / 32)), 416, state["look"])
    centers = [((c.w - wide * SIDE) / 2 + (x + 0.5) * SIDE, 32 + (y + 0.5) * SIDE) for y, x in state["gears"]]
    for i, (p, (y, x)) in enumerate(zip(centers, state["gears"])):
        radii = [SIDE * share for share in (0.46, 0.46, 0.535, 0.535)] * 12
        teeth = [polar(p, r, 7.5 * (k - 2.5) + 15 * ((x + y) % 2)) for k, r in enumerate(radii)]
        c.polygon(teeth, fill=c.tint(0, 0.75), width=1.6)
        c.circle(p, 17, fill="paper", layer=2)
        c.text(p, chr(65 + i), bold=True)
    for i, j, crossed in state["belts"]:
        for side in (17, -17):
            far = beside(centers[i], centers[j], -side if crossed else side, 1)
            c.line(beside(centers[i], centers[j], side, 0), far, stroke=1, width=4, layer=1)
    p, way = centers[state["driver"]], state["way"]
    c.polyline([polar(p, 29, 90 - way * a) for a in range(-70, 55, 5)], width=3.5, layer=3)
    c.polygon(
        [polar(p, 21, 90 - way * 50), polar(p, 37, 90 - way * 50), polar(p, 29, 90 - way * 85)],
        fill="ink",
        layer=3,
    )
    return c.svg()
