"""Nonogram: fill the board so that every row and column has the blocks that its clue tells.

Levels add blocks, lost clues, unordered clues, edges that meet and two kinds of tile. Any filling that fits is right.
"""

from itertools import groupby, product

from canvas import Canvas, Grid, look, tile_key

BUCKET = "pattern"
LEVELS = (
    "one block per line", "one block, a row's clue is lost", "two rows' clues are lost", "several blocks a line",
    "several blocks, a clue lost", "clues in no order", "no row is told by its own clue",
    "no such row, a clue lost", "lines are rings", "tiles of two kinds",
)  # fmt: skip
TAGS = ("constraint-satisfaction", "deduction", "search")
ORACLE = "feasibility"
RULES = {
    "plain": "in order.",
    "sorted": "from small to large, not in their order.",
    "ring": "from small to large. Lines are rings: a block may run on over the end into the beginning.",
    "tiles": "in order: of a in circles, of b in squares. Only blocks of unlike tiles may touch.",
}
WORDINGS = ("{} Find a filling; a line with ? may hold anything. ", "{} Fill the board; a ? is no clue. ")
GIVES = "Each clue gives the lengths of the blocks of filled cells in its line, "


def generate(rng, d):
    n, rule = 4 + (d >= 3), {5: "sorted", 8: "ring", 9: "tiles"}.get(d, "plain")
    for _ in range(200):
        bar = [sorted(rng.choices(range(n), k=2)) for _ in range(n)]
        rows = [[int(a <= j <= b) if d < 3 else rng.randrange(2 + d // 9) for j in range(n)] for a, b in bar]
        clues = [clue(rule, line) for line in (*rows, *map(list, zip(*rows)))]
        lost = rng.sample(range(n), (0, 1, 2, 0, 1, 0, 0, 1, 0, 0)[d])
        state = {"rule": rule, "clues": [[] if i in lost else blocks for i, blocks in enumerate(clues)]}
        told = d in (6, 7) and any(len(lines) == 1 for lines in options(state)[:n])
        if (max(map(len, clues)) == 1) == (d < 3) and not told and all(clues) and len(fillings(state)) == 1:
            break
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def clue(rule, line):
    if rule == "ring" and 0 in line:
        line = line[line.index(0) :] + line[: line.index(0)]
    blocks = [[len(list(block)), kind] for kind, block in groupby(line) if kind]
    return sorted(blocks) if rule in ("sorted", "ring") else blocks


def options(state):
    lines = product(range(3 if state["rule"] == "tiles" else 2), repeat=len(state["clues"]) // 2)
    told = [(list(line), clue(state["rule"], list(line))) for line in lines]
    return [[line for line, blocks in told if given in ([], blocks)] for given in state["clues"]]


def fillings(state):
    n, found, allowed = len(state["clues"]) // 2, [[]], options(state)
    starts = [{tuple(line[:k]) for line in lines for k in range(1, n + 1)} for lines in allowed[n:]]
    for lines in allowed[:n]:
        longer = [[*rows, row] for rows in found for row in lines]
        found = [rows for rows in longer if all(tuple(r[j] for r in rows) in starts[j] for j in range(n))]
    return found


def prompt(state):
    form = "Write the rows from top to bottom with the letters of the key, separated by spaces, like oao aao."
    return WORDINGS[state["wording"]].format(GIVES + RULES[state["rule"]]) + form


def reference(state):
    return " ".join("".join("oab"[v] for v in row) for row in fillings(state)[0])


def score(state, answer):
    n, values = len(state["clues"]) // 2, ["oab".find(v) for v in "".join(answer.lower().split())]
    lines = [values[i * n : i * n + n] for i in range(n)] + [values[i::n] for i in range(n)]
    return float(len(values) == n * n and all(line in fit for line, fit in zip(lines, options(state))))


def render(state):
    c, n = Canvas(640, 704, state["look"]), len(state["clues"]) // 2
    edge = 30 + 38 * max(1, *map(len, state["clues"]))
    g = Grid(c, n, n, edge, edge, (608 - edge) / n)
    for i, blocks in enumerate(state["clues"]):
        for k, (length, kind) in enumerate(reversed(blocks or [["?", 0]])):
            x, y = [edge - 24 - 38 * k, (i % n + 0.5) * g.cell + edge][:: 1 if i < n else -1]
            if state["rule"] == "tiles":
                c.circle((x, y), 17) if kind == 1 else c.rect(x - 16, y - 16, 32, 32)
            c.text((x, y), length, 24)
    tile_key(c, edge, 656, "oab" if state["rule"] == "tiles" else "oa")
    return c.svg()
