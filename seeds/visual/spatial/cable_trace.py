"""Cable trace: where a signal comes out that runs through a tangle of cables.

Levels ask back from the end, take colours away, and add boxes and jumps. Cables meet two at a time, well apart.
"""

from canvas import Canvas, look, smooth

BUCKET = "spatial"
LEVELS = (
    "every cable has a colour of its own",
    "asked back from the end to the plug",
    "two cables of each colour",
    "two of each colour, more crossings, asked back",
    "all cables look alike",
    "boxes in which two cables change places",
    "boxes, asked back from the end",
    "at a crossing the signal jumps to the upper cable",
    "boxes and jumps",
    "boxes and jumps, asked back: all plugs that lead there",
)
TAGS = ("line-tracing", "spatial-reasoning", "tangles")
ORACLE = "equality"
PLUGS = "ABCDEFGH"
ALIKE, BACK, BOXES, JUMPS = 4, (1, 3, 6, 9), (5, 6, 8, 9), (7, 8, 9)  # the levels that have a rule
RULES = {
    BOXES: "Two cables that enter a box change places in it.",
    JUMPS: "Wherever two cables cross, the signal goes on along the one on top, whichever it came by.",
}
AHEAD = "It enters at plug {}. At which number on the right does it end? Answer with one integer."
BEHIND = "It ends at {} on the right. At which plugs can it have entered? Name all in any order, like XY."
WORDINGS = ("A signal runs through these cables from left to right.", "Cables carry a signal to the right.")


def generate(rng, difficulty):
    """Redrawn until the cable does not end where it began and the level's rule changes where the signal ends."""
    kinds, size = ("over", "under") + ("box",) * (difficulty in BOXES), 8 + (difficulty > 2) * 5
    state, lanes, plain = {"kind": difficulty}, [0], [0]
    while lanes[-1] in (lanes[0], plain[-1]):
        tops = [range(k % 2, 7, 2) for k in range(size)]
        state["columns"] = [[[top, rng.choice(kinds)] for top in row if rng.random() < 0.8] for row in tops]
        start = rng.randrange(8)
        lanes, plain = follow(state, start), follow(state, start, ALIKE) if difficulty > ALIKE else [start]
    state["right"] = rng.sample(range(1, 9), 8)
    state["asked"] = str(state["right"][lanes[-1]]) if difficulty in BACK else PLUGS[start]
    state["heights"] = [[46 + 60 * lane + rng.randint(-6, 6) for lane in range(8)] for _ in range(size + 1)]
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def follow(state, lane, kind=None):
    """The lanes (0 at the top) in which a signal runs; "over": of two that cross, the one going down is on top."""
    lanes, kind = [lane], state["kind"] if kind is None else kind
    for column in state["columns"]:
        for top, what in column:
            if lane in (top, top + 1) and (what != "box" or kind in BOXES):
                lane = top + (what == "over") if what != "box" and kind in JUMPS else 2 * top + 1 - lane
        lanes.append(lane)
    return lanes


def prompt(state):
    rules = (rule for levels, rule in RULES.items() if state["kind"] in levels)
    ask = (BEHIND if state["kind"] in BACK else AHEAD).format(state["asked"])
    return " ".join([WORDINGS[state["wording"]], *rules, ask])


def reference(state):
    ends = {plug: str(state["right"][follow(state, lane)[-1]]) for lane, plug in enumerate(PLUGS)}
    return ends.get(state["asked"]) or "".join(plug for plug in PLUGS if ends[plug] == state["asked"])


def score(state, answer):
    return float(sorted(answer.strip().upper().replace(" ", "").replace(",", "")) == sorted(reference(state)))


def render(state):
    c, wide = Canvas(800, 512, state["look"]), 640 / len(state["columns"])
    for cable, plug in enumerate(PLUGS):
        lanes = follow(state, cable, ALIKE)
        fine = smooth([(80 + k * wide, state["heights"][k][lane]) for k, lane in enumerate(lanes)])
        paint = {"stroke": cable % (8, 8, 4, 4, 1)[min(state["kind"], ALIKE)], "width": 5}
        c.polyline(fine, **paint)
        for k, (old, new) in enumerate(zip(lanes, lanes[1:])):
            if [min(old, new), "over" if old < new else "under"] in state["columns"][k]:
                c.polyline(fine[8 * k + 2 : 8 * k + 7], stroke="paper", width=15, layer=1)
                c.polyline(fine[8 * k + 1 : 8 * k + 8], **paint, layer=2)
            elif [old, "box"] in state["columns"][k]:
                c.rect(64 + (k + 0.5) * wide, 32 + 60 * old, 32, 88, fill="panel", round=6, layer=3)
        c.text_box((fine[0][0] - 16, fine[0][1]), plug)
        c.text_box((fine[-1][0] + 16, fine[-1][1]), str(state["right"][lanes[-1]]))
    return c.svg()
