"""Bongard sort: which of six panels obey the rule that some panels obey and others break.

The levels change what the rule speaks of; all of the simplest rules that fit sort the questions alike.
"""

import re
from itertools import combinations, product

from canvas import Canvas, figure, look

BUCKET = "pattern"
LEVELS = (
    "the filling of the upper figure", "the shape of the upper figure", "the filling or size of either figure",
    "the shape of either figure", "both figures have one shape", "one shape, one filling or one size",
    "a condition on each of the two figures", "a condition and a comparison, both needed",
    "exactly one of two comparisons holds", "two comparisons hold both or neither",
)  # fmt: skip
TAGS = ("rule-induction", "abstraction", "comparison")
ORACLE = "equality"
LOOKS = (("circle", "square", "triangle"), ("open", "striped", "solid"), (20, 34))
WORDINGS = ("There is a rule that holds", "Find the rule that holds", "You must find out which rule holds")
RULE = (
    " for each upper panel on the left and none on the right. It is one condition: the upper or the lower figure has"
    " a certain shape, filling or size, or both are alike in one of these. Only if none fits, it joins two: both"
    " hold, just one, or both or neither. Which lettered panels obey it? Answer with letters in any order, like BDF."
)
# A condition 'fav': in row f (0 upper, 1 lower figure, 2 whether they are alike) attribute a is v. A rule: how many
# of its conditions hold (& all, ! just one, = not just one), then one or two of them. Each level draws by a pattern.
CONDITIONS = "000 001 002 010 011 012 020 021 100 101 102 110 111 112 120 121 201 211 221".split()
PAIRS = [f"{how} {one} {two}" for how, (one, two) in product("&!=", combinations(CONDITIONS, 2))]
RULES = [f"& {one}" for one in CONDITIONS] + PAIRS
DRAWN = "& 01. | & 00. | & [01][12]. | & [01]0. | & 20. | & 2.. | & 0.. 1.. | & [01].. 2.. | ! 2.. 2.. | = 2.. 2.."


def holds(rule, panel):
    how, *conditions = rule.split()
    rows = [*panel, [int(one == two) for one, two in zip(*panel)]]
    met = [rows[int(f)][int(a)] == int(v) for f, a, v in conditions]
    return {"&": all(met), "!": sum(met) == 1, "=": sum(met) != 1}[how]


def sortings(state):
    """The answer by each of the simplest rules that fit."""
    fits = [r for r in RULES if all(holds(r, p) == (p in state["yes"]) for p in state["yes"] + state["no"])]
    fits = [r for r in fits if r not in PAIRS] or fits
    return {r: "".join(x for x, p in zip("ABCDEF", state["asked"]) if holds(r, p)) for r in fits}


def generate(rng, difficulty):
    """Examples are drawn until all of the simplest rules that fit agree on the questions."""
    rules = [r for r in RULES if re.fullmatch(DRAWN.split(" | ")[difficulty], r)]
    panels = [[list(p), list(q)] for p, q in product(product(range(3), range(3), range(2)), repeat=2)]
    for _ in range(200):
        rule, wanted, k = rng.choice(rules), rng.randint(1, 5), 4 if difficulty < 6 else 6
        yes = rng.sample([p for p in panels if holds(rule, p)], k + wanted)
        no = rng.sample([p for p in panels if not holds(rule, p)], k + 6 - wanted)
        state = {"yes": yes[:k], "no": no[:k], "asked": rng.sample(yes[k:] + no[k:], 6)}
        found = sortings(state)
        if {*found.values()} == {found.get(rule)}:
            break
    return {**state, "wording": rng.randrange(3), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]] + RULE


def reference(state):
    return min(sortings(state).values(), default="") or "none"


def score(state, answer):
    said = re.sub("[ ,]", "", answer.upper().strip())
    return 1.0 if sorted(said) == sorted(reference(state).upper()) else 0.0


def render(state):
    c, n = Canvas(832, 608, state["look"]), len(state["yes"]) // 2
    places = [
        (217 + 122 * (j - n / 2) + 408 * (r // 2), 24 + 172 * (r % 2)) for r in range(4) for j in range(n)
    ]
    places += [(44 + 128 * i, 420) for i in range(6)]
    for (x, y), panel in zip(places, state["yes"] + state["no"] + state["asked"]):
        part = c.panel(x, y, 104, 160, fill="panel", stroke="soft", width=1.6, round=8)
        for height, (kind, fill, size) in zip((42, 118), panel):
            figure(part, (52, height), LOOKS[2][size], LOOKS[0][kind], LOOKS[1][fill], "ink")
    c.line((416, 24), (416, 356), width=3)
    for i, letter in enumerate("ABCDEF"):
        c.text((96 + 128 * i, 399), letter, bold=True)
    return c.svg()
