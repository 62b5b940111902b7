"""Circle angles: find the angle x between chords, radii, tangents and secants of one circle.

Levels add diameters, tangents, chords that cross and secants that meet; the angles shown fix the arcs of x.
"""

from canvas import Canvas, angle_at, angle_mark, between, crossing, distance_to, fitted, look, parted, polar

BUCKET = "mathematical"
LEVELS = (
    "central and inscribed angle on one arc",
    "inscribed angles on the same arc",
    "inscribed angle by way of an isosceles triangle",
    "a triangle on a diameter",
    "a diameter, angles on the same arc",
    "a diameter, angles on the same arc, a radius",
    "a cyclic quadrilateral and its diagonal",
    "a cyclic quadrilateral with a tangent",
    "two chords that cross",
    "two secants that meet outside",
)
TAGS = ("geometry", "circles", "angles")
ORACLE = "equality"
# Least and greatest half of each arc, the lines, the angles (the first or second is asked): A to D on the circle, O
# the centre, S and T on the tangent at A, P where lines meet.
FIGURES = (
    "30-70 40-60/AC BC AO BO/AOB ACB", "30-55 25-60 25-35/AC BC AD BD/ACB ADB CBD",
    "30-70 40-60/AO BO AB AC BC/OAB ACB", "25-65 =/AB BC AC/BAC ACB", "25-65 = 30-60/AB BC AC AD BD/BAC ADB",
    "25-65 = 30-60/AC AD BD BC BO/ADB BOC", "25-55 25-50 25-50/AB BC CD DA BD/ABD BCD ADB",
    "60-75 30-45 25-38/AB BC CD DA AC ST/SAB ADC BAC", "25-45 25-35 30-60/AC BD AD BC/APB ADB CBD",
    "36-42 20-30 36-42/AP DP AO BO CO DO/BPC BOC AOD",
)  # fmt: skip
WORDINGS = ("How many degrees is the angle x?", "Find the angle x, in degrees.", "What is x, in degrees?")
RULES = "The dot is the centre of the circle. A line that touches the circle is a tangent. Answer with one integer."


def generate(rng, difficulty):
    """Even places keep all these angles whole; an equals sign completes half a turn."""
    arcs, lines, (one, two, *more) = (words.split() for words in FIGURES[difficulty].split("/"))
    state = {"lines": lines, "angles": [one, *more, two] if rng.random() < 0.5 else [two, *more, one]}
    while True:
        state["places"], step = [2 * rng.randrange(180)], 0
        for arc in arcs:
            step = 180 - step if arc == "=" else 2 * rng.randint(*map(int, arc.split("-")))
            state["places"].append(state["places"][-1] + step)
        known = points(state)
        away = [distance_to((0, 0), known[p], known[q]) for p, q in lines if "O" not in p + q]
        if parted(known, lines) and all(far > 0.25 or (far < 0.001 and "=" in arcs) for far in away):
            return {**state, "look": look(rng), "wording": rng.randrange(3)}


def points(state):
    found = {"O": (0.0, 0.0)} | {name: polar((0, 0), 1, at) for name, at in zip("ABCD", state["places"])}
    for name, turn in (("S", 90), ("T", -90)):
        found[name] = polar(found["A"], 0.8, state["places"][0] + turn)
    if "D" in found:
        a, b, c, d = (found[name] for name in ("ABDC" if "AP" in state["lines"] else "ACBD"))
        found["P"] = crossing(a, between(a, b, 9), c, between(c, d, 9)) or (0.0, 0.0)
    return {name: p for name, p in found.items() if name in "".join(state["lines"] + state["angles"])}


def size(known, name):
    p, v, q = (known[letter] for letter in name)
    return round(angle_at(v, p, q))


def prompt(state):
    return f"{WORDINGS[state['wording']]} {RULES}"


def reference(state):
    return str(size(points(state), state["angles"][-1]))


def score(state, answer):
    return 1.0 if answer.strip().rstrip("°") == reference(state) else 0.0


def render(state):
    c, names = Canvas(640, 576, state["look"]), points(state)
    rim = {"o": (0, 0), "w": (-1, 0), "e": (1, 0), "n": (0, -1), "s": (0, 1)} | names
    known = dict(zip(rim, fitted(list(rim.values()), (36, 36, 604, 540))))
    c.circle(known["o"], known["o"][0] - known["w"][0])
    c.circle(known["o"], 4.5, fill="ink", stroke=None)
    for p, q in state["lines"]:
        c.line(known[p], known[q])
    for name in state["angles"]:
        asked, (p, v, q) = name == state["angles"][-1], (known[letter] for letter in name)
        words = "x" if asked else f"{size(names, name)}°"
        angle_mark(c, v, p, q, words, fill=c.tint(0, 0.7) if asked else None)
    return c.svg()
