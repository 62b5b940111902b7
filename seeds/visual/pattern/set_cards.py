"""Set cards: lettered cards that agree or differ attribute by attribute.

Levels add attributes, an attribute to ignore, a card that must be used, a fixed number of shared attributes, and
two pairs that lack the same card. Any cards that meet the rule are right.
"""

from itertools import combinations

from canvas import Canvas, group, look

BUCKET = "pattern"
LEVELS = (
    "a set by shape and number", "filling varies too and is ignored", "nothing may be alike in the set",
    "a set by shape, number and filling", "a given card must be in the set",
    "nothing alike, three attributes", "a set by four attributes",
    "four attributes, a given card must be in the set", "four attributes, exactly two of them alike",
    "two pairs that lack the same fifth card",
)  # fmt: skip
TAGS = ("attributes", "search", "visual-comparison")
ORACLE = "feasibility"
NAMES, SIZES = ("shape", "number", "filling", "colour"), (6, 8, 8, 9, 9, 9, 12, 12, 12, 12)
KINDS, FILLS, DASHES = ("circle", "triangle", "cross"), ("open", "striped", "solid"), (None, [3, 7], [16, 8])
SET = "Find three cards that in each attribute ({}) are all alike or all different.{}"
PAIRS = (
    "Two cards lack the third card with which, in each attribute ({}), all are alike or all different. Find four "
    "cards that make two pairs lacking the same card.{}"
)
WORDINGS = ("{} Other features do not matter.", "The cards bear letters. {} Ignore any other feature.")


def generate(rng, d):
    """Cards differ in what counts; there is a solution, and a blind guess seldom meets one."""
    k, alike = 2 + (d >= 3) + (d >= 6), {2: 0, 5: 0, 8: 2}.get(d, -1)
    state = {"attributes": k, "pairs": int(d == 9), "given": -1, "alike": alike, "cards": []}
    for _ in range(200):
        state["cards"] = [[v // 3**a % 3 for a in range(4)] for v in rng.sample(range(3**k), SIZES[d])]
        for card in state["cards"]:
            card[2] = rng.randrange(3) if d == 1 else card[2]
        state["given"] = rng.randrange(SIZES[d]) if d in (4, 7) else -1
        if 0 < len(solutions(state)) <= (30 if d == 9 else 12):
            break
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def solutions(state):
    """All answers: tuples of card numbers."""
    k, cards = state["attributes"], [card[: state["attributes"]] for card in state["cards"]]
    two = list(combinations(range(len(cards)), 2))
    lacks = {pair: [-(a + b) % 3 for a, b in zip(*(cards[i] for i in pair))] for pair in two}
    if state["pairs"]:
        same = [set(p + q) for p, q in combinations(two, 2) if lacks[p] == lacks[q]]
        return sorted({tuple(sorted(four)) for four in same if len(four) == 4})
    found = [(*pair, m) for pair in two for m in range(pair[1] + 1, len(cards)) if cards[m] == lacks[pair]]
    alike = [sum(cards[s[0]][a] == cards[s[1]][a] for a in range(k)) for s in found]
    found = [s for s, count in zip(found, alike) if state["alike"] in (-1, count)]
    return [s for s in found if state["given"] in (-1, *s)]


def prompt(state):
    extra = " One of them must be the card with the heavy frame." if state["given"] >= 0 else ""
    if state["alike"] >= 0:
        extra = f" The number of attributes in which they are all alike must be {state['alike']}."
    rule = (PAIRS if state["pairs"] else SET).format(", ".join(NAMES[: state["attributes"]]), extra)
    ask = WORDINGS[state["wording"]].format(rule)
    return f"{ask} Answer with the letters of the cards in any order, like BDF."


def reference(state):
    found = solutions(state)
    return "".join(chr(65 + i) for i in found[len(found) // 2])


def score(state, answer):
    letters = sorted(answer.upper().replace(",", " ").replace(" ", ""))
    return 1.0 if letters in [[chr(65 + i) for i in s] for s in solutions(state)] else 0.0


def render(state):
    """Colour goes with the dashes of the frame, so that it can be told without colour."""
    cols, rows = {6: (3, 2), 8: (4, 2), 9: (3, 3), 12: (4, 3)}[len(state["cards"])]
    c = Canvas(160 * cols + 64, 448 if rows == 2 else 576, state["look"])
    for i, panel in enumerate(c.split(rows, cols, fill="panel", stroke=None, round=10)):
        kind, count, fill, color = state["cards"][i]
        panel.rect(
            0, 0, panel.w, panel.h, width=7 if i == state["given"] else 2.2, dash=DASHES[color], round=10
        )
        group(panel, (panel.w / 2 + 14, panel.h / 2), 112, count + 1, KINDS[kind], FILLS[fill], color)
        panel.text((20, 24), chr(65 + i), bold=True)
    return c.svg()
