"""Automaton step: a row of cells after some steps of a rule that the picture shows.

A key draws what becomes of a cell. Levels add steps, rings, keys that draw only some cases, a rule with a memory, and
a rule that only its history tells: there every case occurs, so the rule is certain.
"""

from canvas import Canvas, Grid, look, tile_key

BUCKET = "pattern"
LEVELS = (
    "one step, empty beyond the ends", "two steps", "two steps, filled beyond the ends",
    "three steps on a ring", "ring, the key draws only what gets filled",
    "ring, the key draws only what changes", "two rows are given: the one before flips cells",
    "memory, the key draws only what gets filled", "memory, the key draws only what changes",
    "no key: the rule is read from a history",
)  # fmt: skip
TAGS = ("cellular-automaton", "simulation", "rule-induction")
ORACLE = "equality"
WIDE, STEPS, SHOWN = 11, (1, 2, 2, 3, 3, 3, 2, 2, 2, 2), (0, 0, 0, 0, 1, 2, 0, 1, 2, 3)
BEYOND = ("Beyond the ends all is empty.", "Beyond the ends all is filled.", "The ends of the row meet.")
KEYS = (
    "The key shows what becomes of the middle cell in each case.",
    "The middle cell becomes filled in the cases of the key, and empty in all others.",
    "The middle cell changes in the cases of the key, and stays as it is in all others.",
    "Each row follows from the one above: what a cell becomes depends on that cell and its two neighbours.",
)
MEMORY = " Each step then flips the cells that were filled one row earlier."
COUNTS = ("no step", "one step", "two steps", "three steps")
WORDINGS = ("{} Which row comes {} after the lowest row?", "{} Go on from the lowest row by {}.")


def generate(rng, d):
    state = {"beyond": min(max(d - 1, 0), 2), "shown": SHOWN[d], "steps": STEPS[d], "memory": int(6 <= d < 9)}
    state["past"] = 6 if d == 9 else 0
    for _ in range(200):
        state["key"] = [rng.randrange(2) for _ in range(8)]
        state["rows"] = [[rng.randrange(2) for _ in range(WIDE)] for _ in range(1 + state["memory"])]
        *history, end = run(state, state["past"] + state["steps"])
        seen = {case(state, row, i) for row in history[:6] for i in range(WIDE)}
        if 2 < sum(end) < 9 and end not in history and (d < 9 or len(seen) == 8):
            break
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def case(state, row, i):
    row = row + row if state["beyond"] == 2 else row + [state["beyond"]] * 2
    return 4 * row[i - 1] + 2 * row[i] + row[i + 1]


def run(state, steps):
    rows = list(state["rows"])
    for _ in range(steps):
        past = rows[-2] if state["memory"] else [0] * WIDE
        rows.append([state["key"][case(state, rows[-1], i)] ^ past[i] for i in range(WIDE)])
    return rows


def prompt(state):
    rule = f"{KEYS[state['shown']]}{MEMORY if state['memory'] else ''} {BEYOND[state['beyond']]}"
    ask = WORDINGS[state["wording"]].format(rule, COUNTS[state["steps"]])
    return f"{ask} All change at once. Write the row with # for filled and . for empty, like ##..#.#.#.."


def reference(state):
    return "".join(".#"[value] for value in run(state, state["past"] + state["steps"])[-1])


def score(state, answer):
    return 1.0 if "".join(answer.split()) == reference(state) else 0.0


def cells(c, rows, x, y, side):
    g = Grid(c, len(rows), len(rows[0]), x, y, side)
    for cell in [(r, i) for r, row in enumerate(rows) for i, value in enumerate(row) if value]:
        g.fill(cell, 0, 3)


def render(state):
    c, rows = Canvas(768, 448, state["look"]), run(state, state["past"])
    drawn = [(1, v, v != i // 2 % 2, 0)[state["shown"]] for i, v in enumerate(state["key"])]
    for k, i in enumerate(i for i in range(8) if drawn[i]):
        x, y = 43 + 180 * (k % 4), 44 + 80 * (k // 4)
        cells(c, [[i // 4, i // 2 % 2, i % 2]], x, y, 28)
        c.arrow((x + 90, y + 14), (x + 108, y + 14), head=9)
        cells(c, [[state["key"][i]]], x + 114, y, 28)
    side, middle = (52, 206) if state["past"] else (60, 286)
    cells(c, rows, 384 - side * WIDE / 2, middle - side * len(rows) / 2, side)
    tile_key(c, 298, 416, ".#")
    return c.svg()
