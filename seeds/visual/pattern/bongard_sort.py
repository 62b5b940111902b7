"""Bongard sort: which of six panels obey the rule that some panels obey and others break.

Levels go from one figure's look to comparisons and combinations. The rule is never said: all of the simplest rules
that fit the examples sort the six questions alike.
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
RULES = (
    "all 01.", "all 00.", "all [01][12].", "all [01]0.", "all 20.", "all 2..", "all 0.. 1..", "all [01].. 2..",
    "one 2.. 2..", "not-one 2.. 2..",
)  # fmt: skip
TAGS = ("rule-induction", "abstraction", "comparison")
ORACLE = "equality"
LOOKS = (("circle", "square", "triangle"), ("open", "striped", "solid"), (20, 34))
WORDINGS = (
    "The upper panels on the left obey a rule that the upper ones on the right break.",
    "There is a rule that holds for each upper panel on the left and for none on the right.",
)
RULE = (
    " It is one condition: that the upper or the lower figure has a certain shape, filling or size, or that the two"
    " figures are alike in one of these. Only if no condition fits, it joins two: both hold, exactly one holds, or"
    " both or neither. Which of the lettered panels obey it? Answer with their letters in any order, like BDF."
)


def holds(rule, panel):
    """A condition 'fav': in row f (0 upper, 1 lower figure, 2 whether they are alike) attribute a is v."""
    how, *conditions = rule.split()
    rows = [*panel, [int(one == two) for one, two in zip(*panel)]]
    met = [rows[int(f)][int(a)] == int(v) for f, a, v in conditions]
    return {"all": all(met), "one": sum(met) == 1, "not-one": sum(met) != 1}[how]


def language():
    """The rules of one condition and those of two."""
    single = [f + a + v for f, a, v in product("01", "012", "012") if a + v != "22"] + ["201", "211", "221"]
    pairs = product(("all", "one", "not-one"), combinations(single, 2))
    return [f"all {one}" for one in single], [f"{how} {one} {two}" for how, (one, two) in pairs]


def sortings(state):
    """The answer by each of the simplest rules that fit."""
    for rules in language():
        fits = [r for r in rules if all(holds(r, p) for p in state["yes"])]
        fits = [r for r in fits if not any(holds(r, p) for p in state["no"])]
        if fits:
            return {r: "".join(x for x, p in zip("ABCDEF", state["asked"]) if holds(r, p)) for r in fits}
    return {"": ""}


def generate(rng, difficulty):
    """Examples are drawn until all of the simplest rules that fit agree on the questions."""
    rules = [r for r in sum(language(), []) if re.fullmatch(RULES[difficulty], r)]
    panels = [[list(p), list(q)] for p, q in product(product(range(3), range(3), range(2)), repeat=2)]
    for _ in range(200):
        rule, wanted = rng.choice(rules), rng.randint(1, 5)
        yes = rng.sample([p for p in panels if holds(rule, p)], 6 + wanted)
        no = rng.sample([p for p in panels if not holds(rule, p)], 12 - wanted)
        state = {"yes": yes[:6], "no": no[:6], "asked": rng.sample(yes[6:] + no[6:], 6)}
        found = sortings(state)
        if rule in found and len({*found.values()}) == 1:
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]] + RULE


def reference(state):
    return min(sortings(state).values()) or "none"


def score(state, answer):
    said = answer.upper().replace(",", "").replace(" ", "").strip()
    return 1.0 if sorted(said) == sorted(reference(state).upper()) else 0.0


def render(state):
    c = Canvas(832, 608, state["look"])
    places = [(34 + 122 * (i % 3) + 408 * (i // 6), 24 + 172 * (i // 3 % 2)) for i in range(12)]
    places += [(44 + 128 * i, 420) for i in range(6)]
    for (x, y), panel in zip(places, state["yes"] + state["no"] + state["asked"]):
        part = c.panel(x, y, 104, 160, fill="panel", stroke="soft", width=1.6, round=8)
        for height, (kind, fill, size) in zip((42, 118), panel):
            figure(part, (52, height), LOOKS[2][size], LOOKS[0][kind], LOOKS[1][fill], "ink")
    c.line((416, 24), (416, 356), width=3)
    for i, letter in enumerate("ABCDEF"):
        c.text((96 + 128 * i, 399), letter, bold=True)
    return c.svg()
