"""Latin shapes: which shape belongs at the ? of a board that holds each shape once in every line.

Levels add fields to be filled first, diagonals, boxes and ragged regions. Sound eliminations decide the ?.
"""

from itertools import combinations

from canvas import Canvas, Grid, figure, look

BUCKET = "pattern"
LEVELS = (
    "row and column together leave one shape", "another field has to be filled first",
    "the diagonals are needed too", "a shape has only one field left in a line",
    "only one field left, after other fields", "only one field left, diagonals needed",
    "only one field left, boxes needed", "only one field left, ragged regions needed",
    "only one field left, boxes needed, after other fields",
    "only one field left, ragged regions needed, after other fields",
)  # fmt: skip
TAGS = ("deduction", "constraint-satisfaction", "elimination")
ORACLE = "equality"
KINDS = ("circle", "square", "triangle", "star", "cross", "moon")
BOXES = ("000111000111222333222333444555444555",)
RAGGED = ("200111200131220133220333444555444555", "000111020311022313422333442555444555")
STEPS = ((1, 0), (9, 1), (9, 1), (2, 0), (9, 3), (4, 0), (4, 0), (4, 0), (9, 3), (9, 4))  # enough, too few
RULE = "Each row and each column{} holds each of the six shapes of the key exactly once."
EXTRA = ("", ", and each dashed diagonal,", ", and each region with a heavy border,")
WORDINGS = ("{} Which shape belongs at the question mark?", "What shape stands at the question mark? {}")


def generate(rng, d):
    """A full board loses what is not needed; shapes come back while no weaker means decide."""
    sizes, (enough, few) = ((1,), (1, 5))[d > 2], STEPS[d]
    maps = RAGGED if d in (7, 9) else BOXES if d in (6, 8) else ("",)
    while True:
        state = {"regions": rng.choice(maps)[:: rng.choice((1, -1))], "diagonals": int(d in (2, 5))}
        groups, ask = lines(state), rng.randrange(36)
        every = filled(rng, [-1] * 36, groups)
        weaker = [(groups[:6], 99, range(1, 6)), (groups[6:12], 99, range(1, 6)), (groups, few, sizes)]
        weaker += [(groups[:12], 99, range(1, 6))] * (len(groups) > 12) + [(groups, 99, sizes[:-1])] * (d > 2)
        order = [i for i in rng.sample(range(36), 36) if i != ask]
        cells = [-1 if i == ask else v for i, v in enumerate(every)]
        for i in order:
            fewer = [*cells[:i], -1, *cells[i + 1 :]]
            cells = fewer if len(possible(fewer, groups, enough, sizes)[ask]) == 1 else cells
        if all(len(possible(cells, *means)[ask]) > 1 for means in weaker):
            for i in order[:5]:
                more = [*cells[:i], every[i], *cells[i + 1 :]]
                cells = more if all(len(possible(more, *means)[ask]) > 1 for means in weaker) else cells
            state |= {"cells": cells, "asked": ask, "kinds": rng.sample(KINDS, 6)}
            return {**state, "look": look(rng), "wording": rng.randrange(2)}


def lines(state):
    found = [[6 * i + j for j in range(6)] for i in range(6)] + [list(range(j, 36, 6)) for j in range(6)]
    found += [[7 * i for i in range(6)], [5 * i + 5 for i in range(6)]] if state["diagonals"] > 0 else []
    return found + [[i for i in range(36) if state["regions"][i] == v] for v in sorted({*state["regions"]})]


def filled(rng, cells, groups):
    if -1 not in cells:
        return cells
    seen = [{cells[j] for g in groups if i in g for j in g} for i in range(36)]
    free = {i: {*range(6)} - seen[i] for i in range(36) if cells[i] < 0}
    i = min(free, key=lambda i: len(free[i]))
    tries = ([*cells[:i], v, *cells[i + 1 :]] for v in rng.sample(sorted(free[i]), len(free[i])))
    return next((full for longer in tries if (full := filled(rng, longer, groups))), [])


def possible(cells, groups, steps, sizes):
    """k fields of a line that hold only k shapes keep them from its other fields: so for each k of `sizes`."""
    sets, before = [{v} if v >= 0 else {*range(6)} for v in cells], []
    while before != sets and steps > 0:
        before, sets, steps = sets, [{*one} for one in sets], steps - 1
        for group in groups:
            for some in (some for k in sizes for some in combinations(group, k)):
                taken = before[some[0]].union(*(before[i] for i in some[1:]))
                for i in group if len(taken) == len(some) else ():
                    sets[i] -= taken if i not in some else set()
    return sets


def prompt(state):
    rule = RULE.format(EXTRA[2 if state["regions"] else int(state["diagonals"] > 0)])
    return WORDINGS[state["wording"]].format(rule) + " Answer with its letter in the key."


def reference(state):
    found = possible(state["cells"], lines(state), 99, (1, 2, 3, 4, 5))[state["asked"]]
    return "".join("ABCDEF"[v] for v in sorted(found)) or "none"


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state).upper() else 0.0


def render(state):
    c, places = Canvas(608, 704, state["look"]), [divmod(i, 6) for i in range(36)]
    g = Grid(c, 6, 6, 28, 24, 92)
    g.block(0, 0, 5, 5)
    for k in (0, 1) if state["diagonals"] > 0 else ():
        c.line(g.corner(0, 6 * k), g.corner(6, 6 - 6 * k), stroke="soft", dash=[10, 8])
    for (i, one), (j, other) in combinations(enumerate(state["regions"]), 2):
        if one != other and (j == i + 6 or (j == i + 1 and j % 6 > 0)):
            g.wall(places[i], "S" if j == i + 6 else "E")
    for place, v in zip(places, state["cells"]):
        if v >= 0:
            figure(c, g.center(place), 26, state["kinds"][v], "solid", v)
    g.text(places[state["asked"]], "?", 0.55, bold=True, halo=True)
    for v, kind in enumerate(state["kinds"]):
        figure(c, (58 + 94 * v, 640), 20, kind, "solid", v)
        c.text((94 + 94 * v, 640), "ABCDEF"[v], bold=True)
    return c.svg()
