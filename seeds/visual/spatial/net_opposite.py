"""Net opposite: which letter comes to lie where when a net is folded to a cube.

The nets become irregular, then the cube is set down and tipped over: folding and tipping leave no choice.
"""

from canvas import Canvas, look, net, polar

BUCKET = "spatial"
LEVELS = (
    "the net is a cross: the letter opposite the marked one",
    "any of the eleven nets, in any direction",
    "the letter beyond the edge to which the arrow points",
    "the cube stands, arrow on top: a side is asked",
    "the cube is tipped over before the question",
    "the arrow is in front, not on top, before the tip",
    "arrow on top, two tips in different directions",
    "arrow in front, two tips",
    "the arrow's place is known after a tip: a side before",
    "the arrow's place is known after two tips",
)
TAGS = ("spatial-reasoning", "cube-nets", "mental-folding")
ORACLE = "equality"
CROSS = [[1, 1], [0, 1], [1, 0], [1, 2], [2, 1], [3, 1]]
# Up, right, down, left: a step on the net; which of (front, right, bottom, back, left, top) then comes where.
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
ROLL = ((5, 1, 0, 2, 4, 3), (1, 3, 2, 4, 0, 5), (2, 1, 3, 5, 4, 0), (4, 0, 2, 1, 3, 5))
TIPS = ("towards you", "to the left", "away from you", "to the right")
SIDES = ("at the back", "on the right", "in front", "on the left")
QUESTIONS = {
    "opposite": "Which letter is opposite the one with the arrow?",
    "edge": "The arrow points to an edge of its square. Which letter lies beyond that edge of the cube?",
    "top": "The cube stands with the arrow on top, pointing away from you{}. Which letter is then {}?",
    "front": "The cube stands with the arrow in front, pointing up{}. Which letter is then {}?",
    "before": "The cube stands{}. Now the arrow is on top, pointing away from you. Which letter was {} at first?",
}
TASKS = ("opposite", "opposite", "edge", "top", "top", "front", "top", "front", "before", "before")
WORDINGS = ("The net is folded to a cube, print outside.", "Fold it to a cube with the letters outside.")


def generate(rng, difficulty):
    cells = CROSS
    while difficulty and (cells == CROSS or len({view[0] for view in views(cells)}) < 6):
        cells = [[0, 0]]
        while len(cells) < 6:
            (i, j), (di, dj) = rng.choice(cells), rng.choice(STEPS)
            cells = cells + [[i + di, j + dj]] * ([i + di, j + dj] not in cells)
    tips = [rng.choice((0, 2)), rng.choice((1, 3))][: (0, 0, 0, 0, 1, 1, 2, 2, 1, 2)[difficulty]]
    state = {"cells": cells, "letters": rng.sample("ABCDEFGHJKLPRTUVY", 6), "marked": rng.randrange(6)}
    state |= {"arrow": rng.randrange(4), "tips": tips} | ({"ask": rng.randrange(4)} if difficulty > 2 else {})
    return {**state, "task": TASKS[difficulty], "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    told = "".join(a + TIPS[tip] for a, tip in zip((" and is tipped over ", " and then "), state["tips"]))
    question = QUESTIONS[state["task"]].format(told, SIDES[state.get("ask", 0)])
    return f"{WORDINGS[state['wording']]} {question} Answer with the letter."


def views(cells):
    """For each square the six sides as seen when it is in front and the net upright."""
    frames = [list(range(6))]
    for i, j in cells[1:]:
        behind = [cells.index([i - a, j - b]) if [i - a, j - b] in cells else 6 for a, b in STEPS]
        frames.append([frames[min(behind)][k] for k in ROLL[behind.index(min(behind))]])
    return frames


def reference(state):
    """Every question asks which side comes to the front after some rolls."""
    sides, tips = views(state["cells"]), state["tips"]
    first = {"opposite": [0], "front": [0, *tips], "before": [tip + 2 for tip in reversed(tips)]}
    view = sides[state["marked"]]
    for move in [*first.get(state["task"], tips), state.get("ask", 0)]:
        view = [view[k] for k in ROLL[(state["arrow"] + move) % 4]]
    return next(letter for letter, side in zip(state["letters"], sides) if side[0] == view[0])


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = net(c, state["cells"], fill=c.tint(1, 0.8), pad=56)
    for cell, letter in zip(state["cells"], state["letters"]):
        g.text(cell, letter, 0.36)
    middle, turn = g.center(state["cells"][state["marked"]]), 90 - 90 * state["arrow"]
    c.arrow(polar(middle, 0.25 * g.cell, turn), polar(middle, 0.47 * g.cell, turn), 15, stroke=0, width=4)
    return c.svg()
