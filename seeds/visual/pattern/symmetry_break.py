"""Symmetry break: which tiles spoil the symmetry of a pattern.

Levels add kinds of tiles, turns, and patterns without a part that is known to be right: there at most one tile of
each orbit is wrong, so the fewest repairs are unique.
"""

from canvas import Canvas, cell_name, look, tiles

BUCKET = "pattern"
LEVELS = (
    "mirror image, one kind of tile", "mirror image, three kinds of tiles", "half turn about the centre",
    "two mirrors, one quarter is right", "two mirrors, three kinds of tiles",
    "two mirrors, no part surely right: fewest repairs", "quarter turn about the centre",
    "quarter turn, three kinds of tiles", "quarter turn, fewest repairs", "mirrored and moved on, fewest repairs",
)  # fmt: skip
TAGS = ("symmetry", "visual-comparison", "spatial-reasoning")
ORACLE = "equality"
KINDS = "mirror mirror half mirrors mirrors mirrors quarter quarter quarter glide".split()
RULES = {
    "mirror": "be its own mirror image in the upright line through its centre",
    "half": "look the same after half a turn about its centre",
    "mirrors": "be its own mirror image both in the upright and in the level line through its centre",
    "quarter": "look the same after every quarter turn about its centre",
    "glide": "agree with itself wherever it meets itself when mirrored top to bottom and moved two columns right",
}
FEWEST = "At most one cell of each set of cells that should be alike is wrong: repair as few as possible."
WORDINGS = ("A pattern should {}. {} Which cells are wrong?", "Find the flaws: a pattern should {}. {}")


def generate(rng, d):
    """At most one flaw in each orbit, so that three of four cells still show what is right."""
    n, kind, values = 6 if d < 3 else 8, KINDS[d], range((2, 4, 3, 2, 4, 4, 3, 4, 4, 4)[d])
    high, wide = n if kind == "mirror" else n // 2, n if kind == "half" else n // 2
    top, left = rng.randrange(0, n, high), rng.randrange(0, n, wide)
    frame = [0] * 4 if d in (5, 8, 9) else [top, left, high, wide]
    state = {"kind": kind, "frame": frame, "rows": [[0] * n for _ in range(n)]}
    cells, flaws = [(r, c) for r in range(n) for c in range(n)], {}
    for r, c in rng.sample(cells, n * n):
        value = rng.choice(values)
        for y, x in orbit(state, r, c):
            state["rows"][y][x] = value
        if not framed(state, r, c):
            flaws[min(orbit(state, r, c))] = r, c
    for r, c in rng.sample(list(flaws.values()), rng.randint(2, 3 + d // 3)):
        state["rows"][r][c] = rng.choice([value for value in values if value != state["rows"][r][c]])
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def framed(state, r, c):
    top, left, high, wide = state["frame"]
    return top <= r < top + high and left <= c < left + wide


def orbit(state, r, c):
    """The cells that the symmetry makes alike."""
    m = len(state["rows"]) - 1
    images = {"mirror": [(r, m - c)], "half": [(m - r, m - c)]}
    images["mirrors"] = [(r, m - c), (m - r, c), (m - r, m - c)]
    images["quarter"] = [(c, m - r), (m - r, m - c), (m - c, r)]
    images["glide"] = [(m - r if k % 2 else r, (c + 2 * k) % (m + 1)) for k in (1, 2, 3)]
    return [(r, c), *images[state["kind"]]]


def prompt(state):
    known = "The framed part is right." if any(state["frame"]) else FEWEST
    text = WORDINGS[state["wording"]].format(RULES[state["kind"]], known)
    return f"{text} Name all of them by column letter and row number, in any order, like B3 D1."


def reference(state):
    rows, found = state["rows"], []
    for r, c in [(r, c) for r in range(len(rows)) for c in range(len(rows))]:
        cells = orbit(state, r, c)
        votes = [rows[y][x] for y, x in [cell for cell in cells if framed(state, *cell)] or cells]
        found += [cell_name(r, c)] if rows[r][c] != max(votes, key=votes.count) else []
    return " ".join(found)


def score(state, answer):
    names = answer.upper().replace(",", " ").split()
    return 1.0 if sorted(names) == sorted(reference(state).split()) else 0.0


def render(state):
    c, (top, left, high, wide) = Canvas(608, 608, state["look"]), state["frame"]
    g = tiles(c, state["rows"], 56, 52, 528 / len(state["rows"]), names=True)
    if high:
        for stroke, width in (("paper", 12), ("ink", 6)):
            g.block(top, left, top + high - 1, left + wide - 1, stroke=stroke, width=width)
    return c.svg()
