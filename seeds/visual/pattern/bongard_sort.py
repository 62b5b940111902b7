"""Bongard sort: which of six panels obey the rule that some panels obey and others break.

Levels go from one figure's look to comparisons and combinations. The rule is never said: all of the simplest rules
that fit the examples sort the six questions alike.
"""

from itertools import combinations, product

from canvas import Canvas, figure, look

BUCKET = "pattern"
LEVELS = (
    "the filling of the upper figure", "the shape of the upper figure", "the filling or size of either figure",
    "the shape of either figure", "both figures have one shape", "one shape, one filling or one size",
    "two conditions on single figures", "a condition and a comparison, both needed",
    "exactly one of two comparisons holds", "two comparisons hold both or neither",
)  # fmt: skip
RULES = (
    "01",
    "00",
    "01 11 02 12",
    "00 10",
    "same0",
    "same",
    "and",
    "with",
    "xor",
    "iff",
)  # beginnings of names
TAGS = ("rule-induction", "abstraction", "comparison")
ORACLE = "equality"
LOOKS = (("circle", "square", "triangle"), ("open", "striped", "solid"), (20, 34))
WORDINGS = (
    "The upper panels on the left obey a rule that the upper ones on the right break.",
    "There is a rule that holds for each upper panel on the left and for none on the right.",
)
RULE = (
    " It speaks of the shape, filling or size of the upper or the lower figure, or of whether the two figures are"
    " alike in one of these, or joins two such conditions; take the simplest one. Which of the lettered panels obey"
    " it? Answer with their letters in any order, like BDF."
)


def tiers():
    """The rules by name, simplest first; a panel is an upper and a lower figure: shape, filling, size."""
    single = {f"{w}{a}{v}": (w, a, v) for w, a in product((0, 1), (0, 1, 2)) for v in range(3 - (a == 2))}
    single = {name: lambda p, w=w, a=a, v=v: p[w][a] == v for name, (w, a, v) in single.items()}
    alike = {f"same{a}": lambda p, a=a: p[0][a] == p[1][a] for a in (0, 1, 2)}
    pairs = [(a, b) for a, b in combinations(single, 2) if a[:2] != b[:2]]
    both = {f"and{a}{b}": lambda p, a=a, b=b: single[a](p) and single[b](p) for a, b in pairs}
    both |= {
        f"with{a}{b}": lambda p, a=a, b=b: single[a](p) and alike[b](p) for a, b in product(single, alike)
    }
    odd = {f"xor{a}{b}": lambda p, a=a, b=b: alike[a](p) != alike[b](p) for a, b in combinations(alike, 2)}
    odd |= {f"iff{a}{b}": lambda p, a=a, b=b: alike[a](p) == alike[b](p) for a, b in combinations(alike, 2)}
    return [single | alike, odd, both]


def verdicts(state):
    """How each of the simplest rules that fit sorts the questions, by the rule's name."""
    for tier in tiers():
        fits = {n: r for n, r in tier.items() if all(map(r, state["yes"])) and not any(map(r, state["no"]))}
        if fits:
            return {name: [rule(p) for p in state["asked"]] for name, rule in fits.items()}
    return {}


def generate(rng, difficulty):
    """Examples are drawn until all of the simplest rules that fit agree on the questions."""
    named = {name: rule for tier in tiers() for name, rule in tier.items()}
    names = [name for name in named if name.startswith(tuple(RULES[difficulty].split()))]
    panels = [[list(p), list(q)] for p, q in product(product(range(3), range(3), range(2)), repeat=2)]
    for _ in range(200):
        name, wanted, k = rng.choice(names), rng.randint(1, 5), 4 + difficulty // 4
        yes = [p for p in panels if named[name](p)]
        yes, no = rng.sample(yes, k + wanted), rng.sample([p for p in panels if p not in yes], k + 6 - wanted)
        state = {"yes": yes[:k], "no": no[:k], "asked": rng.sample(yes[k:] + no[k:], 6)}
        found = verdicts(state)
        if name in found and all(sorting == found[name] for sorting in found.values()):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]] + RULE


def reference(state):
    sorting = next(iter(verdicts(state).values()), [])
    return "".join(letter for letter, obeys in zip("ABCDEF", sorting) if obeys) or "none"


def score(state, answer):
    said = answer.upper().replace(",", "").replace(" ", "").strip()
    return 1.0 if sorted(said) == sorted(reference(state).upper()) else 0.0


def render(state):
    c = Canvas(832, 608, state["look"])
    places = [(34 + 122 * (i % 3), 24 + 172 * (i // 3)) for i in range(6)]
    groups = [(places, state["yes"]), ([(x + 408, y) for x, y in places], state["no"])]
    groups += [([(44 + 128 * i, 420) for i in range(6)], state["asked"])]
    for row, panels in groups:
        for (x, y), panel in zip(row, panels):
            part = c.panel(x, y, 104, 160, fill="panel", stroke="soft", width=1.6, round=8)
            for height, (kind, fill, size) in zip((42, 118), panel):
                figure(part, (52, height), LOOKS[2][size], LOOKS[0][kind], LOOKS[1][fill], "ink")
    c.line((416, 24), (416, 356), width=3)
    for i, letter in enumerate("ABCDEF"):
        c.text((96 + 128 * i, 399), letter, bold=True)
    return c.svg()
