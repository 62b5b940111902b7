"""Clocks: the minutes between two of them, the angle between the hands, or what a fast clock tells.

Levels pass the hour and the twelve, take the numerals away, turn the dial, ask for angles and mirror a clock.
Less than twelve hours pass, so that every answer is fixed.
"""

from canvas import Canvas, clock, look

BUCKET = "mathematical"
LEVELS = (
    "within one hour, in steps of five",
    "past a full hour",
    "to the minute",
    "past twelve o'clock",
    "dials without numerals",
    "dials without numerals, turned",
    "smaller angle between the hands of one clock",
    "that angle half-way between two clocks",
    "half-way, one of the clocks seen in a mirror",
    "a fast clock: how much time has really passed",
)
TAGS = ("time", "modular-arithmetic", "angles")
ORACLE = "equality"
HALF = "at the moment half-way between the first clock and the second"
ASKED = {
    "minutes": "How many minutes pass from the first clock to the second?",
    "angle": "How many degrees is the smaller angle between the hands?",
    "half": f"How many degrees is the smaller angle between the hands {HALF}?",
    "fast": "The fast clock runs evenly. How many minutes have really passed from the start to the end?",
}
RULES = (
    "Less than twelve hours pass in all, and a dot, where there is one, marks the twelve.",
    "A dot stands at the twelve if the numerals are missing. In all less than twelve hours pass.",
)


def generate(rng, difficulty):
    """The angles are whole degrees at even minutes; of the fast clock k + 1 minutes pass in k."""
    asked = ("minutes", "angle", "half", "half", "fast")[max(0, difficulty - 5)]
    hour, minute, passed = rng.randint(1, 7), rng.randint(30, 59), [0, rng.randint(35, 210)]
    if difficulty == 0:
        minute, passed = 5 * rng.randrange(3), [0, 5 * rng.randint(1, 9)]
    elif difficulty == 1:
        minute, passed = 5 * rng.randint(6, 11), [0, 5 * rng.randint(7, 40)]
    elif 3 <= difficulty < 6:
        hour, passed = rng.randint(8, 11), [0, rng.randint(240, 500)]
    elif difficulty in (6, 7, 8):
        minute, passed = 2 * rng.randrange(30), [0, 4 * rng.randint(15, 150)][: difficulty - 5]
    elif difficulty == 9:
        k, first = rng.randint(4, 9), rng.randint(8, 15)
        passed = [0, k * first, (k + 1) * first, (k + 1) * rng.randint(25, 60)]
    turns = [15 * rng.randrange(24) if difficulty == 5 else 0 for _ in passed]
    state = {"times": [(60 * hour + minute + more) % 720 for more in passed], "turns": turns, "asked": asked}
    style = {"numerals": difficulty not in (4, 5, 8), "mirror": difficulty == 8}
    return {**state, **style, "look": look(rng), "wording": rng.randrange(2)}


def prompt(state):
    return f"{ASKED[state['asked']]} {RULES[state['wording']]} Answer with one integer."


def reference(state):
    start, *rest = state["times"]
    passed = [(time - start) % 720 for time in rest]
    if state["asked"] == "fast":  # the right clock, the fast one then, the fast one at the end
        return str(passed[2] * passed[0] // passed[1])
    if state["asked"] == "minutes":
        return str(passed[0])
    angle = 11 * (start + sum(passed) // 2) // 2 % 360
    return str(min(angle, 360 - angle))


def score(state, answer):
    return 1.0 if answer.strip().rstrip("°") == reference(state) else 0.0


def render(state):
    words = ("first clock", "second clock" + ", in a mirror" * state["mirror"])[: len(state["times"])]
    if state["asked"] == "fast":
        words = ("start, both clocks", "later, right clock", "later, fast clock", "end, fast clock")
    c = Canvas(448 if len(words) == 1 else 832, 896 if len(words) == 4 else 448, state["look"])
    for i, (time, turn, word) in enumerate(zip(state["times"], state["turns"], words)):
        x, y = 224 if len(words) == 1 else 216 + 400 * (i % 2), 208 + 448 * (i // 2)
        clock(c, (x, y), 186, time, state["numerals"], turn, state["mirror"] and i == 1)
        c.text((x, y + 212), word * (len(words) > 1))
    return c.svg()
