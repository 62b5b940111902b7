"""Sheet order: in which order overlapping sheets were laid on a table.

Sheets lose their colours and change their form, the order is asked from above, sheets are moved. It is unique because
each sheet overlaps the one that was laid next.
"""

from math import dist

from canvas import Canvas, look, polar

BUCKET = "spatial"
LEVELS = (
    "four sheets in different colours, from the bottom",
    "six sheets",
    "from the top down",
    "all sheets have one colour",
    "sheets of different shapes in one colour",
    "one colour, from the top down",
    "the lowest sheet is put on top first",
    "the ringed sheet is put on top first",
    "the ringed sheet is put at the bottom first",
    "the ringed sheet to the top, then all turned over",
)
TAGS = ("spatial-reasoning", "occlusion", "ordering")
ORACLE = "equality"
WORDINGS = ("Lettered sheets were laid on a table one by one.", "A pile of opaque sheets lies on a table.")
MOVES = {
    "none": "",
    "lowest": " Now the lowest sheet is put on top.",
    "up": " Now the sheet with the ring is put on top.",
    "down": " Now the sheet with the ring is put at the bottom.",
    "over": " Now the sheet with the ring is put on top, and then the whole pile is turned over.",
}
TASKS = ("none", "none", "none", "none", "none", "none", "lowest", "up", "down", "over")
ASK = " In which order do they lie then, from the {}? Answer with the letters without spaces, like GFH."


def generate(rng, difficulty):
    """Neighbours overlap between their middles, where no third sheet reaches; every letter stays in sight."""
    count, places = 4 if difficulty < 1 else 6, [[320, 320]]
    while len(places) < count:
        p = [round(a) for a in polar(places[-1], 127, rng.randrange(360))]
        if all(dist(p, q) > 126 for q in places) and all(104 < a < 536 for a in p):
            places.append(p)
        elif rng.random() < 0.05:
            places = [[rng.randint(110, 530), rng.randint(110, 530)]]
    dx, dy = (320 - (min(axis) + max(axis)) // 2 for axis in zip(*places))
    forms = ["square"] if difficulty < 4 else ["square", "circle", "hexagon"]
    sheets = [[rng.choice(forms), x + dx, y + dy, rng.randrange(90)] for x, y in places]
    state = {"sheets": sheets, "letters": rng.sample("ABCDEF"[:count], count), "plain": int(difficulty > 2)}
    state |= {
        "ring": rng.randrange(1, count - 1),
        "move": TASKS[difficulty],
        "top": int(difficulty in (2, 5)),
    }
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]] + MOVES[state["move"]] + ASK.format(("bottom", "top")[state["top"]])


def reference(state):
    """The sheets are stored from the bottom to the top."""
    pile, move = list(state["letters"]), state["move"]
    if move != "none":
        letter = pile.pop(0 if move == "lowest" else state["ring"])
        pile.insert(0 if move == "down" else len(pile), letter)
    return "".join(reversed(pile) if state["top"] or move == "over" else pile)


def score(state, answer):
    return 1.0 if "".join(answer.upper().replace(",", " ").split()) == reference(state) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    for k, (sheet, letter) in enumerate(zip(state["sheets"], state["letters"])):
        fill = c.tint(0, 0.8) if state["plain"] else c.tint(k, 0.55)
        c.shape(sheet[0], sheet[1:3], 100, sheet[3], fill=fill, width=3)
        c.text(sheet[1:3], letter, 26)
        if k == state["ring"] and state["move"] in ("up", "down", "over"):
            c.circle(sheet[1:3], 22, stroke=1, width=4)
    return c.svg()
