"""Laser grid: where a beam leaves a board of slanted mirrors.

Glass, splitters, mirrors that flip, a second and a third beam come in level by level.
"""

from canvas import Canvas, Grid, look

BUCKET = "spatial"
LEVELS = (
    "mirrors, at least one on the way",
    "at least three mirrors on the way",
    "panes of glass let the beam pass",
    "at least five mirrors on the way, with glass",
    "splitters send the beam two ways: all exits",
    "splitters and panes of glass",
    "a second beam after the first has flipped mirrors",
    "a second beam, flipped mirrors, and panes of glass",
    "a third beam after two have flipped mirrors",
    "a third beam, flipped mirrors, and panes of glass",
)
TAGS = ("spatial-reasoning", "simulation", "tracing")
ORACLE = "equality"
MET = (1, 3, 2, 5, 2, 2, 5, 5, 8, 8)  # at least so many mirrors turn light
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
GATES = tuple(((0, k, 1), (k, 6, 2), (6, 6 - k, 3), (6 - k, 0, 0))[s] for s in range(4) for k in range(7))
WORDINGS = ("Slanted mirrors turn a beam of light.", "Light goes on until a slanted mirror turns it.")
GLASS = " Dashed panes are glass and let the beam pass."
SPLIT = " At a double line it splits: one beam goes straight on, the other is turned as by a mirror."
FLIP = " A mirror takes the other slant as soon as it has turned the beam."
ONE = " The beam enters at the arrow. At which number does it leave? Answer with one integer."
ALL = " The beam enters at the arrow. Where does light leave? Give all numbers in any order, like 3 18 29."
NEXT = " In turn {} beams enter at the arrow. Where does the last one leave? Answer with one integer."


def generate(rng, difficulty):
    kinds = "/\\/\\" + "gg" * (difficulty in (2, 3, 5, 7, 9)) + "=#" * (difficulty in (4, 5))
    for _ in range(200):
        parts = [[*divmod(k, 7), rng.choice(kinds)] for k in rng.sample(range(49), 17)]
        state = {"parts": parts, "start": rng.randrange(28), "beams": (1, 1, 1, 2, 3)[difficulty // 2]}
        exits, met = trace(state)
        if met >= MET[difficulty] and state["start"] not in exits and len(exits) > ("=" in kinds):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def trace(state):
    """The gates where the last beam leaves, and how many mirrors were met."""
    parts, met, flips = {(i, j): kind for i, j, kind in state["parts"]}, 0, state["beams"] > 1
    for _ in range(state["beams"]):
        exits, beams = set(), [GATES[state["start"]]]
        for i, j, way in beams:
            kind = parts.get((i, j), "g")
            met += kind != "g"
            parts[i, j] = {"/": "\\", "\\": "/"}.get(kind, kind) if flips else kind
            for new in [way] * (kind in "g=#") + [3 - way if kind in "/=" else way ^ 1] * (kind != "g"):
                if (i, j, (new + 2) % 4) in GATES:
                    exits.add(GATES.index((i, j, (new + 2) % 4)))
                elif (beam := (i + STEPS[new][0], j + STEPS[new][1], new)) not in beams or flips:
                    beams.append(beam)
    return sorted(exits), met


def prompt(state):
    kinds = {kind for _, _, kind in state["parts"]}
    notes = GLASS * ("g" in kinds) + SPLIT * bool(kinds & {"=", "#"}) + FLIP * (state["beams"] > 1)
    ask = ALL if kinds & {"=", "#"} else (ONE, NEXT.format(state["beams"]))[state["beams"] > 1]
    return WORDINGS[state["wording"]] + notes + ask


def reference(state):
    return " ".join(str(k + 1) for k in trace(state)[0])


def score(state, answer):
    return 1.0 if sorted(answer.replace(",", " ").split()) == sorted(reference(state).split()) else 0.0


def render(state):
    g = Grid(Canvas(640, 640, state["look"]), 7, 7, pad=72)
    for k, (i, j, way) in enumerate(GATES):
        ends = [g.center((i - t * STEPS[way][0], j - t * STEPS[way][1])) for t in (1.35, 0.97, 0.72)]
        g.c.text(ends.pop(), k + 1, 17)
        if k == state["start"]:
            g.c.arrow(*ends, 14, stroke=1, width=4)
    for i, j, kind in state["parts"]:
        rise = -1 if kind in "/=" else 1
        for s in (-0.06, 0.06) if kind in "=#" else (0,):
            ends = [g.center((i + (t - s) * rise, j + t + s)) for t in (-0.32, 0.32)]
            g.c.line(*ends, stroke=0, width=4, dash=[5, 9] if kind == "g" else None)
    return g.c.svg()
