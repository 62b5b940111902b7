"""Cable trace: where a signal comes out that runs through a tangle of cables.

Levels ask back from the end, share colours, chain runs and add boxes and jumps. Cables meet two at a time.
"""

from canvas import Canvas, look, smooth

BUCKET = "spatial"
LEVELS = (
    "every cable has a colour of its own",
    "asked back from the end to the plug",
    "two cables of each colour",
    "two of each colour, many more crossings",
    "the end of one cable tells the plug of the next",
    "asked back through two cables",
    "all cables look alike",
    "boxes in which two cables change places",
    "at a crossing the signal jumps to the upper cable",
    "boxes, jumps, and a second run",
)
TAGS = ("line-tracing", "spatial-reasoning", "tangles")
ORACLE = "equality"
PLUGS = "ABCDEFGH"
BACK, TWICE, BOXES, JUMPS = (1, 5), (4, 5, 9), (7, 9), (8, 9)  # the levels that have a rule
RULES = {
    BOXES: "Two cables that enter a box with a dot change places in it; in an empty box they do not.",
    JUMPS: "At each crossing it goes on rightwards along the cable that lies on top, whichever it came by.",
    TWICE: "From the letter that it comes to it is sent to the plug with this letter and runs a second time.",
}
AHEAD = "It enters at plug {}. At which mark on the right does it end? Answer with this mark."
BEHIND = "It ends at {} on the right. At which plug on the left did it enter? Answer with its letter."
WORDINGS = ("A signal runs through these cables from left to right.", "Cables carry a signal to the right.")


def generate(rng, difficulty):
    """Redrawn until the cable is no straight one and the rules of the level change where the signal ends."""
    kinds = ("over", "under") * 2 + ("box", "dot", "dot") * (difficulty in BOXES)
    state, size, end = {"kind": difficulty}, (6, 6, 6, 10, 10, 10, 13, 13, 13, 13)[difficulty], None
    while not end or end in (asked, plain, state["right"][PLUGS.index(asked)]):
        tops = [range(rng.randrange(2), 7, 2) for _ in range(size)]
        state["columns"] = [[[top, rng.choice(kinds)] for top in row if rng.random() < 0.75] for row in tops]
        state["right"] = rng.sample(PLUGS if difficulty in TWICE else "12345678", 8)
        asked = rng.choice(PLUGS)
        end = follow(state, asked)
        plain = follow({**state, "kind": 6}, asked) if difficulty in TWICE + BOXES + JUMPS else None
    state["sway"] = [[rng.randint(-5, 5) for _ in PLUGS] for _ in range(size + 1)]
    state["asked"] = end if difficulty in BACK else asked
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def follow(state, mark):
    """The mark on the right where a signal ends; a pair of lanes is told by the upper one, 0 at the top."""
    for _ in range(1 + (state["kind"] in TWICE)):
        lane = PLUGS.index(mark)
        for top, kind in sum(state["columns"], []):
            if lane in (top, top + 1) and kind in ("over", "under") and state["kind"] in JUMPS:
                lane = top + (kind == "over")  # "over" is said of the cable that comes from the upper lane
            elif lane in (top, top + 1) and kind != "box" and (kind != "dot" or state["kind"] in BOXES):
                lane = 2 * top + 1 - lane
        mark = state["right"][lane]
    return mark


def prompt(state):
    ask = (BEHIND if state["kind"] in BACK else AHEAD).format(state["asked"])
    rules = (rule for levels, rule in RULES.items() if state["kind"] in levels)
    return " ".join([WORDINGS[state["wording"]], *rules, ask])


def reference(state):
    ends = {follow(state, plug): plug for plug in PLUGS}
    return ends[state["asked"]] if state["kind"] in BACK else follow(state, state["asked"])


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0


def render(state):
    c, wide = Canvas(800, 512, state["look"]), 640 / len(state["columns"])
    at = [
        [(80 + k * wide, 46 + 60 * i + dy) for i, dy in enumerate(row)] for k, row in enumerate(state["sway"])
    ]
    paths, order, above = [[p] for p in at[0]], list(range(8)), []
    for k, column in enumerate(state["columns"]):
        for top, kind in column:
            (x, y), (_, low) = at[k][top], at[k][top + 1]
            if kind in ("over", "under"):
                order[top : top + 2] = order[top + 1], order[top]
                above.append((order[top + (kind == "over")], 8 * k))
            else:
                c.rect(x + wide / 2 - 16, y - 16, 32, low - y + 32, fill="panel", round=6, layer=3)
            if kind == "dot":
                c.circle((x + wide / 2, (y + low) / 2), 7, fill="ink", layer=4)
        for lane, cable in enumerate(order):
            paths[cable].append(at[k + 1][lane])
    fine, shades = [smooth(path) for path in paths], (8, 8, 4, 4, 4, 4, 1, 1, 1, 1)[state["kind"]]
    for cable, points in enumerate(fine):
        c.polyline(points, stroke=cable % shades, width=5)
    for cable, k in above:
        c.polyline(fine[cable][k + 2 : k + 7], stroke="paper", width=15, layer=1)
        c.polyline(fine[cable][k + 1 : k + 8], stroke=cable % shades, width=5, layer=2)
    for names, points, back in ((PLUGS, at[0], 19), (state["right"], at[-1], -19)):
        for name, (x, y) in zip(names, points):
            c.circle((x - back, y), 19, fill="panel")
            c.text((x - back, y), name, bold=True)
    return c.svg()
