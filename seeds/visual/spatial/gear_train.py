"""Gear train: which gears of a train turn clockwise when one of them turns as its arrow shows.

Levels add groups of gears, belts, crossed belts that reverse the turning, groups that stand still, and jams.
"""

from itertools import combinations
from math import dist

from canvas import Canvas, beside, look, polar

BUCKET = "spatial"
LEVELS = (
    "five gears that touch, in no ring", "eight gears, rings of four among them", "two groups joined by a belt",
    "the belt may be crossed", "three groups and two belts", "three groups, belts may be crossed",
    "one group is reached by no belt", "a loose group, and belts may be crossed",
    "two belts between two groups: they may jam", "three groups, of which two may jam",
)  # fmt: skip
TAGS = ("spatial-reasoning", "mechanics", "parity")
ORACLE = "equality"
GROUPS, CROSSED, SIDE = (1, 1, 2, 2, 3, 3, 3, 3, 2, 3), (3, 5, 7, 8, 9), 88
SECOND = (1, 4, 2, 2, 1, 2, 1, 1, 2, 1)  # gears beside the full column of a group
BELTS = ("", "", "0", "0", "01", "01", "0", "0", "00", "010")  # each from this group to the next
WORDINGS = ("Gears that touch turn opposite ways.", "Gears that touch each other turn against each other.")
RULE = (
    " A belt makes two gears turn the same way, a crossed belt opposite ways. What nothing drives stands still, and"
    " so does all of a train that jams. The gear with the arrow turns that way if it can. Which gears turn"
    " clockwise? Answer with their letters in any order, like BDF, or with none."
)


def generate(rng, difficulty):
    """Groups of two columns side by side, one column full; each belt has a row of its own."""
    jams = difficulty > 7 and rng.random() < 0.2
    while True:
        groups = []
        for x in range(0, 3 * GROUPS[difficulty], 3):
            full, rows = rng.randint(0, 1), rng.sample(range(4), SECOND[difficulty])
            groups.append([[x + full, y] for y in range(4)] + [[x + 1 - full, y] for y in rows])
        gears, belts = [p for group in groups for p in group], []
        rng.shuffle(gears)
        for row, k in zip(rng.sample(range(4), 4), map(int, BELTS[difficulty])):
            ends = max(p for p in groups[k] if p[1] == row), min(p for p in groups[k + 1] if p[1] == row)
            belts.append([*map(gears.index, ends), rng.choice((1, -1)) if difficulty in CROSSED else 1])
        state = {"gears": gears, "belts": belts, "way": rng.choice((1, -1))}
        state["driver"] = gears.index(rng.choice(groups[0]))
        if any(turning(state)) != jams:
            return {**state, "wording": rng.randrange(2), "look": look(rng)}


def turning(state):
    """1 for clockwise, -1 for the other way, 0 for standing still, by gear."""
    gears = list(enumerate(state["gears"]))
    links = state["belts"] + [[i, j, -1] for (i, p), (j, q) in combinations(gears, 2) if dist(p, q) == 1]
    ways = [state["way"] * (i == state["driver"]) for i, _ in gears]
    for _ in ways:
        for i, j, sign in links:
            ways[i], ways[j] = ways[i] or sign * ways[j], ways[j] or sign * ways[i]
    return ways if all(ways[i] == sign * ways[j] for i, j, sign in links) else [0] * len(ways)


def prompt(state):
    return WORDINGS[state["wording"]] + RULE


def reference(state):
    return "".join(chr(65 + i) for i, way in enumerate(turning(state)) if way == 1) or "none"


def score(state, answer):
    said = answer.strip().upper().replace(",", "").replace(" ", "")
    return 1.0 if sorted(said) == sorted(reference(state).upper()) else 0.0


def render(state):
    wide = max(p[0] for p in state["gears"]) + 1
    c = Canvas(max(480, 32 * round((wide * SIDE + 60) / 32)), 416, state["look"])
    left = (c.w - (wide - 1) * SIDE) / 2
    centers = [(left + x * SIDE, 76 + y * SIDE) for x, y in state["gears"]]
    for i, (p, (x, y)) in enumerate(zip(centers, state["gears"])):
        teeth = [polar(p, (40, 40, 47, 47)[k % 4], 7.5 * (k - 2.5) + 15 * ((x + y) % 2)) for k in range(48)]
        c.polygon(teeth, fill=c.tint(0, 0.75), width=1.6)
        c.circle(p, 17, fill="paper", layer=2)
        c.text(p, chr(65 + i), bold=True)
    for i, j, sign in state["belts"]:
        for side in (17, -17):
            ends = beside(centers[i], centers[j], side, 0), beside(centers[i], centers[j], sign * side, 1)
            c.line(*ends, stroke=1, width=4, layer=1)
    p, way = centers[state["driver"]], state["way"]
    c.bend_arrow(polar(p, 29, 90 + 75 * way), polar(p, 29, 90 - 75 * way), 21 * way, 15, width=3.5, layer=3)
    return c.svg()
