"""Laser grid: where a beam leaves a board of slanted mirrors.

Glass, the way back, splitters and mirrors that flip come in level by level; the beam is followed square by square.
"""

from canvas import Canvas, Grid, look

BUCKET = "spatial"
LEVELS = (
    "one or two mirrors on the way",
    "at least three mirrors on the way",
    "panes of glass let the beam pass",
    "at least five mirrors on the way, with glass",
    "the exit is given, the entrance is asked",
    "the entrance is asked, among panes of glass",
    "splitters send the beam two ways: all exits",
    "splitters and panes of glass",
    "each mirror flips when the beam has met it",
    "a second beam after the first has flipped the mirrors",
)
TAGS = ("spatial-reasoning", "simulation", "tracing")
ORACLE = "equality"
N = 7
MET = (1, 3, 2, 5, 3, 3, 2, 2, 4, 5)  # the least number of mirrors on the way
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
WORDINGS = ("Slanted mirrors turn a beam of light.", "Light goes on until a slanted mirror turns it.")
GLASS = " Dashed panes are glass and let the beam pass."
SPLIT = " At a double line it splits: one beam goes straight on, the other is turned as by a mirror."
FLIP = " A mirror takes the other slant as soon as it has turned the beam."
FORM = " Answer with one integer."
ASKS = {
    "in": " The beam enters at the arrow. At which number does it leave?" + FORM,
    "back": " The beam leaves at the arrow. At which number has it entered?" + FORM,
    "all": " The beam enters at the arrow. Where does light leave? Give all numbers in any order, like 3 18 29.",
    "flip": FLIP + " The beam enters at the arrow. At which number does it leave?" + FORM,
    "twice": FLIP + " A beam enters at the arrow, then another one. Where does the second one leave?" + FORM,
}
TASKS = ("in", "in", "in", "in", "back", "back", "all", "all", "flip", "twice")


def generate(rng, difficulty):
    kinds = "/\\/\\" + "gg" * (difficulty in (2, 3, 5, 7)) + "=#" * (difficulty in (6, 7))
    while True:
        cells = rng.sample([[i, j] for i in range(N) for j in range(N)], 9 if difficulty < 1 else 18)
        parts = [[*cell, rng.choice(kinds)] for cell in cells]
        state = {"parts": parts, "start": rng.randrange(4 * N), "task": TASKS[difficulty]}
        exits, met = trace(state)
        fits = met >= MET[difficulty] and state["start"] not in exits
        if difficulty in (6, 7):
            fits = fits and len(exits) > 1
        if fits and (difficulty < 8 or exits != trace({**state, "task": "in"})[0]):
            return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    kinds = {kind for _, _, kind in state["parts"]}
    notes = GLASS * ("g" in kinds) + SPLIT * bool(kinds & {"=", "#"})
    return WORDINGS[state["wording"]] + notes + ASKS[state["task"]]


def gate(number):
    """Row, column and heading of a beam that enters here; numbers run clockwise from the upper left."""
    k, last = number % N, N - 1
    return ((0, k, 1), (k, last, 2), (last, last - k, 3), (last - k, 0, 0))[number // N]


def trace(state):
    """The gates where light leaves, and how many mirrors the beam has met."""
    parts = {(i, j): kind for i, j, kind in state["parts"]}
    met, outside = (
        0,
        {(i - STEPS[way][0], j - STEPS[way][1]): k for k in range(4 * N) for i, j, way in [gate(k)]},
    )
    for _ in range(1 + (state["task"] == "twice")):
        exits, beams = [], [gate(state["start"])]
        for i, j, way in beams:
            kind = parts.get((i, j), "g")
            met += kind != "g"
            turned = [3, 2, 1, 0][way] if kind in "/=" else [1, 0, 3, 2][way]
            if state["task"] in ("flip", "twice"):
                parts[i, j] = {"/": "\\", "\\": "/"}.get(kind, "g")
            for new in [way] * (kind in "=#g") + [turned] * (kind != "g"):
                beam = i + STEPS[new][0], j + STEPS[new][1], new
                if beam[:2] in outside:
                    exits.append(outside[beam[:2]])
                elif beam not in beams or kind not in "=#":
                    beams.append(beam)
    return sorted(set(exits)), met


def reference(state):
    return " ".join(str(k + 1) for k in trace(state)[0])


def score(state, answer):
    return 1.0 if sorted(answer.replace(",", " ").split()) == sorted(reference(state).split()) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, N, N, pad=72)
    for k in range(4 * N):
        i, j, way = gate(k)
        (x, y), (a, b) = g.center((i, j)), [step * g.cell for step in STEPS[way]]
        c.text((x - 0.72 * b, y - 0.72 * a), k + 1, 17)
        if k == state["start"]:
            ends = [(x - t * b, y - t * a) for t in (1.35, 0.97)]
            c.arrow(*(reversed(ends) if state["task"] == "back" else ends), 14, stroke=1, width=4)
    for i, j, kind in state["parts"]:
        (x, y), rise = g.center((i, j)), -1 if kind in "/=" else 1
        for shift in (-5, 5) if kind in "=#" else (0,):
            ends = [(x + t * g.cell + shift, y + (t * g.cell - shift) * rise) for t in (-0.32, 0.32)]
            c.line(*ends, stroke=0, width=4, dash=[5, 9] if kind == "g" else None)
    return c.svg()
