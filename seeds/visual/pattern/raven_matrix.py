"""Raven matrix: which of eight candidates completes a matrix of three rows.

All rules that fit the first two rows agree on the last figure. The candidates combine right and wrong values of three
attributes in all eight ways, so that they tell nothing.
"""

from itertools import permutations, product

from canvas import Canvas, group, look

BUCKET = "pattern"
LEVELS = (
    "numbers change by equal steps", "two numbers add up to the third", "three fillings in each row",
    "equal steps and three shapes", "numbers add up, three shapes", "numbers subtract, three fillings",
    "numbers add up, three shapes, three fillings", "three rules, an irrelevant colour varies",
    "dots are united, three shapes, three fillings", "one of two dots, numbers subtract, shapes, colour",
)  # fmt: skip
TAGS = ("analogy", "rule-induction", "attributes")
ORACLE = "equality"
KINDS, FILLS = ("circle", "triangle", "cross", "star"), ("open", "striped", "dotted", "solid")
RANGES = (range(1, 7), range(4), range(4), range(16))  # number, shape, filling, corner dots as bits
FAMILY = ("step sum difference all", "same all", "same all", "same or and xor")
RULES = (  # for number, shape, filling and corner dots
    "step - - -,sum - - -,- - all -,step all - -,sum all - -,difference - all -,sum all all -,sum all all -,"
    "- all all or,difference all - xor"
).split(",")
WORDINGS = ("Which candidate belongs in place of the question mark?", "Which candidate completes the matrix?")


def generate(rng, d):
    rules, columns = RULES[d].split(), []
    for rule, values, family in zip(rules, RANGES, FAMILY):
        rows = [[rng.choice(values[:6]) if len(values) < 9 else 0] * 3] * 3
        for _ in range(0 if rule == "-" else 200):
            whole = rng.sample(values, 3)
            rows = [[*p, third(rule, whole, *p)] for p in permutations(whole if rule == "all" else values, 2)]
            rows = rng.sample([row for row in rows if row[2] in values], 3)
            if survivors(rows, family) == {rows[2][2]}:
                break
        columns.append([v for row in rows for v in row])
    cells, colours = [list(cell) for cell in zip(*columns)], rng.choices(range(4 if d in (7, 9) else 1), k=16)
    used = sorted(range(4), key=lambda a: (rules[a] == "-", a))[:3]
    wrong = [rng.choice([w for w in RANGES[a] if w != v]) for a, v in enumerate(cells[8])]
    ends = [[v, wrong[a]][: 1 + (a in used)] for a, v in enumerate(cells[8])]
    options = rng.sample([list(cell) for cell in product(*ends)], 8)
    state = {"cells": cells[:8], "options": options, "colours": colours}
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def third(rule, whole, a, b):
    rest = [v for v in whole if v not in (a, b)]
    results = {"step": 2 * b - a, "sum": a + b, "difference": a - b, "or": a | b, "and": a & b, "xor": a ^ b}
    return {**results, "same": a if a == b else -1, "all": rest[0] if len(rest) == 1 else -1}[rule]


def survivors(rows, family):
    fit = [r for r in family.split() if all(third(r, rows[0], *row[:2]) == row[2] for row in rows[:2])]
    return {third(rule, rows[0], *rows[2][:2]) for rule in fit}


def prompt(state):
    rule = "Along each row, number, shape, filling and corner dots each follow a rule; colour means nothing."
    return f"{WORDINGS[state['wording']]} {rule} The rules hold for all three rows. Answer with one letter."


def reference(state):
    rows = [[[cell[a] for cell in state["cells"][i : i + 3]] for i in (0, 3, 6)] for a in range(4)]
    wanted = [survivors(*pair) for pair in zip(rows, FAMILY)]
    fits = [sum(v in w for v, w in zip(option, wanted)) for option in state["options"]]
    return "ABCDEFGH"[fits.index(max(fits))]


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0


def draw(panel, cell, colour):
    group(panel, (panel.w / 2, panel.h / 2), 104, cell[0], KINDS[cell[1]], FILLS[cell[2]], colour)
    for i in [i for i in range(4) if cell[3] >> i & 1]:
        panel.circle((16 + i % 2 * (panel.w - 32), 16 + i // 2 * (panel.h - 32)), 7, fill="ink")


def render(state):
    c = Canvas(672, 864, state["look"])
    panels = c.panel(84, 8, 504, 484).split(3, 3, 8, fill="panel", stroke="soft", width=1.6, round=6)
    for panel, cell, colour in zip(panels, state["cells"], state["colours"][8:]):
        draw(panel, cell, colour)
    panels[8].text((panels[8].w / 2, panels[8].h / 2), "?", 60)
    c.options("ABCDEFGH", lambda panel, i: draw(panel, state["options"][i], state["colours"][i]), 492, 140, 4)
    return c.svg()
