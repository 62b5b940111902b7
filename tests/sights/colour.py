"""Colour of a square.

Each level moves the square farther and makes it smaller. For a toy model that sees: an answer is one of four words.
"""

TAGS = ("toy", "colour")
ORACLE = "equality"
BUCKET = "pattern"
LEVELS = (
    "the square may stand 0 places off the middle",
    "the square may stand 1 places off the middle",
    "the square may stand 2 places off the middle",
    "the square may stand 3 places off the middle",
    "the square may stand 4 places off the middle",
    "the square may stand 5 places off the middle",
    "the square may stand 6 places off the middle",
    "the square may stand 7 places off the middle",
    "the square may stand 8 places off the middle",
    "the square may stand 9 places off the middle",
)
PAINTS = {"red": "#d00000", "green": "#00a000", "blue": "#0000d0", "yellow": "#f0d000"}


def generate(rng, difficulty):
    """Chance decides colour, place and size."""
    return {
        "colour": rng.choice(sorted(PAINTS)),
        "x": 24 + rng.randint(-difficulty, difficulty + 1),
        "y": 24 + rng.randint(-difficulty, difficulty + 1),
        "side": rng.randint(28, 38) - difficulty,
    }


def prompt(state):
    """The same for all."""
    return "which colour has the square?"


def render(state):
    """One square on white."""
    x, y, side = state["x"] - 14, state["y"] - 14, state["side"]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{PAINTS[state["colour"]]}"/></svg>'
    )


def reference(state):
    """The name of the colour."""
    return state["colour"]


def score(state, answer):
    """Compares text with text."""
    return 1.0 if answer.strip() == reference(state) else 0.0
