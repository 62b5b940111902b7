"""Orbit sequence: marks move round a ring from frame to frame; where are they in a later frame?

Levels add marks, a lost frame, growing steps and steps that take turns. The kind of motion is told and the frames
shown fix its numbers; only the remainder by ten matters.
"""

from canvas import Canvas, look, polar

BUCKET = "pattern"
LEVELS = (
    "one mark, the next frame", "one mark, a far frame", "one mark, a far frame, one frame is lost",
    "two marks with steps of their own", "two marks, one frame is lost", "three marks, one frame is lost",
    "steps that grow", "growing steps, a far frame", "growing steps, one frame is lost",
    "two steps take turns and both grow, a far frame",
)  # fmt: skip
TAGS = ("sequence", "modular-arithmetic", "rule-induction")
ORACLE = "equality"
KINDS = ("circle", "triangle", "square")
RULES = {
    "even": "Each mark moves on by the same number of places every time.",
    "grow": "Each mark's step grows by the same number of places every time, all steps taken clockwise.",
    "turns": "Each mark has two clockwise steps in turn. Both grow by the same number each time round.",
}
WORDINGS = ("Where are the marks in the last frame?", "On which places do the marks stand in the last frame?")


def generate(rng, d):
    motion, marks = ("even", "grow", "turns")[(d >= 6) + (d == 9)], []
    shown = (5 if d < 6 else 7) + (d == 9)
    for _ in range((1, 1, 1, 2, 2, 3, 2, 2, 2, 2)[d]):
        steps = [rng.choice((1, 2, 3, 4, 6, 7, 8, 9)) for _ in range(2)]
        marks.append({"start": rng.randrange(10), "steps": steps, "growth": rng.randint(1, 3)})
    ask = shown + rng.randint(2, 4) if d in (1, 2, 7, 9) else shown + 1
    lost = rng.randint(2, shown - 1) if d in (2, 4, 5, 8) else 0
    state = {"motion": motion, "marks": marks, "shown": shown, "lost": lost, "ask": ask}
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def place(state, mark, frame):
    total, (one, two) = mark["start"], mark["steps"]
    for i in range(frame - 1):
        total += {
            "even": one,
            "grow": one + i * mark["growth"],
            "turns": (two if i % 2 else one) + i // 2 * mark["growth"],
        }[state["motion"]]
    return total % 10


def prompt(state):
    names = " and ".join(KINDS[: len(state["marks"])])
    lost = " A hatched frame is lost." if state["lost"] else ""
    ask = WORDINGS[state["wording"]]
    form = f"Answer with the numbers of the places in this order: {names}; separate numbers by spaces, like 4 0 6."
    return f"The frames are numbered in the order of time.{lost} {RULES[state['motion']]} {ask} {form}"


def reference(state):
    return " ".join(str(place(state, mark, state["ask"])) for mark in state["marks"])


def score(state, answer):
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0


def render(state):
    """The frames shown, and the one asked for last."""
    w, h, rows = {5: (960, 640, 2), 7: (1024, 544, 2), 8: (864, 864, 3)}[state["shown"]]
    c, frames = Canvas(w, h, state["look"]), [*range(1, state["shown"] + 1), state["ask"]]
    for frame, panel in zip(frames, c.split(rows, len(frames) // rows, fill="panel", stroke=None, round=10)):
        middle, r = (panel.w / 2, panel.h / 2 + 10), min(panel.w, panel.h - 20) / 2 - 32
        panel.text((22, 24), frame, bold=True)
        if frame == state["ask"]:
            panel.text(middle, "?", 60)
        elif frame == state["lost"]:
            panel.hatch([(0, 44), (panel.w, 44), (panel.w, panel.h), (0, panel.h)], gap=24, stroke="soft")
        else:
            draw(panel, middle, r, [place(state, mark, frame) for mark in state["marks"]])
    return c.svg()


def draw(panel, middle, r, places):
    for k in range(10):
        panel.line(polar(middle, r * 0.14, 90 - 36 * k), polar(middle, r, 90 - 36 * k), stroke="faint")
        panel.text(polar(middle, r + 18, 90 - 36 * k), k, 16, "soft")
    for m, k in enumerate(places):
        panel.circle(middle, r * (0.86 - 0.3 * m), stroke="faint")
        p = polar(middle, r * (0.86 - 0.3 * m), 90 - 36 * k)
        panel.shape(KINDS[m], p, r * 0.11, fill=m, stroke="ink", layer=2)
