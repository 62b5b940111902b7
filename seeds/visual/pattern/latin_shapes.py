"""Latin shapes: which shape belongs at the ? of a board that holds each shape once in every line.

Levels add fields to be filled first, boxes, ragged regions. Sound eliminations decide the ?: no guess is needed.
"""

from canvas import Canvas, Grid, figure, look

BUCKET = "pattern"
LEVELS = (
    "row and column together leave one shape", "another field has to be filled first", "boxes are needed too",
    "ragged regions are needed too", "only one field of a line for a shape", "only one field, after other fields",
    "only one field, boxes needed", "only one field, ragged regions needed",
    "only one field, boxes, after other fields", "only one field, ragged regions, after other fields",
)  # fmt: skip
TAGS = ("deduction", "constraint-satisfaction", "elimination")
ORACLE = "equality"
KINDS = ("circle", "square", "triangle", "star", "cross", "moon")
BOXES = ("000111000111222333222333444555444555", "001122001122001122334455334455334455")
RAGGED = ("200111200131220133220333444555444555", "000111020311022313422333442555444555")
MAPS = ([""], [""], BOXES, RAGGED, [""], [""], BOXES, RAGGED, BOXES, RAGGED)
ENOUGH, FEW = (1, 99, 99, 99, 2, 99, 4, 4, 99, 99), (0, 1, 1, 1, 0, 2, 0, 0, 2, 2)  # rounds of elimination
STRAIGHT = [range(i, i + 6) for i in range(0, 36, 6)] + [range(i, 36, 6) for i in range(6)]
RULE = "Each row and each column{} holds each of the six shapes of the key exactly once."
WORDINGS = ("{} Which shape belongs at the question mark?", "What shape stands at the question mark? {}")


def generate(rng, d):
    """Of a full board so much is shown that the level's means decide a field, and no weaker ones do."""
    areas, found = rng.choice(MAPS[d])[:: rng.choice((1, -1))], []
    lines = STRAIGHT + [[i for i in range(36) if areas[i] == v] for v in sorted({*areas})]
    means = [(lines, ENOUGH[d], d > 3), (lines, FEW[d], d > 3)] + [(lines, 99, False)] * (d > 3)
    means += [(lines[:k] + lines[k + 6 :], 99, True) for k in range(0, len(lines), 6)]
    full = filled(rng, [-1] * 36, lines)
    while not found:
        cells = [v if rng.random() < 0.35 else -1 for v in full]
        left = [[len(one) for one in possible(cells, *those)] for those in means]
        found = [i for i, (own, *weaker) in enumerate(zip(*left)) if own == 1 < min(weaker)]
    state = {"regions": lines[12:], "cells": cells, "asked": rng.choice(found), "kinds": rng.sample(KINDS, 6)}
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def filled(rng, cells, lines):
    sets = possible(cells, lines, 2, True)
    i = min((i for i in range(36) if cells[i] < 0), key=lambda i: len(sets[i]), default=-1)
    tries = ([*cells[:i], v, *cells[i + 1 :]] for v in rng.sample(sorted(sets[i]), len(sets[i])))
    return cells if i < 0 else next((full for more in tries if (full := filled(rng, more, lines))), [])


def possible(cells, lines, rounds, single):
    """What each field may hold; `single`: a shape that only one field of a line can hold must stand there."""
    sets, before = [{v} if v >= 0 else {*range(6)} for v in cells], []
    while before != sets and rounds > 0:
        before, rounds = [{*one} for one in sets], rounds - 1
        for line in lines:
            for i in (i for i in line if len(before[i]) > 1):
                rest = [before[j] for j in line if j != i]
                only = before[i].difference(*rest) if single else ()
                sets[i] &= (only or before[i]).difference(*(one for one in rest if len(one) == 1))
    return sets


def prompt(state):
    rule = RULE.format(", and each region with a heavy border," if state["regions"] else "")
    return WORDINGS[state["wording"]].format(rule) + " Answer with its letter in the key."


def reference(state):
    found = possible(state["cells"], STRAIGHT + state["regions"], 99, True)[state["asked"]]
    return "".join("ABCDEF"[v] for v in sorted(found)) or "none"


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state).upper() else 0.0


def render(state):
    c, places = Canvas(608, 704, state["look"]), [divmod(i, 6) for i in range(36)]
    g = Grid(c, 6, 6, 28, 24, 92)
    g.block(0, 0, 5, 5)
    pairs = [(i, i + 6, "S") for i in range(30)] + [(i, i + 1, "E") for i in range(35) if i % 6 < 5]
    for i, j, side in pairs:
        if any((i in region) != (j in region) for region in state["regions"]):
            g.wall(places[i], side)
    for i, v in [(i, v) for i, v in enumerate(state["cells"]) if v >= 0]:
        figure(c, g.center(places[i]), 26, state["kinds"][v], "solid", v)
    g.text(places[state["asked"]], "?", 0.55, bold=True, halo=True)
    for v, kind in enumerate(state["kinds"]):
        figure(c, (58 + 94 * v, 640), 20, kind, "solid", v)
        c.text((94 + 94 * v, 640), "ABCDEF"[v], bold=True)
    return c.svg()
