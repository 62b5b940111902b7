"""Side of a square.

Each level moves the square nearer to the middle. For a toy model that sees: an answer is one of two words.
"""

TAGS = ("toy", "side")
ORACLE = "equality"
BUCKET = "spatial"
LEVELS = (
    "the square stands 0 steps nearer to the middle",
    "the square stands 1 steps nearer to the middle",
    "the square stands 2 steps nearer to the middle",
    "the square stands 3 steps nearer to the middle",
    "the square stands 4 steps nearer to the middle",
    "the square stands 5 steps nearer to the middle",
    "the square stands 6 steps nearer to the middle",
    "the square stands 7 steps nearer to the middle",
    "the square stands 8 steps nearer to the middle",
    "the square stands 9 steps nearer to the middle",
)


def generate(rng, difficulty):
    """Chance decides the side, the height and the size."""
    return {
        "side": rng.choice(["left", "right"]),
        "gap": rng.randint(0, 3) + difficulty // 2,
        "y": rng.randint(4, 30),
        "size": rng.randint(20, 26),
    }


def prompt(state):
    """The same for all."""
    return "on which side is the square?"


def render(state):
    """One black square on white."""
    size = state["size"]
    x = state["gap"] if state["side"] == "left" else 64 - size - state["gap"]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect x="{x}" y="{state["y"]}" width="{size}" height="{size}" fill="#000000"/></svg>'
    )


def reference(state):
    """The name of the side."""
    return state["side"]


def score(state, answer):
    """Compares text with text."""
    return 1.0 if answer.strip() == reference(state) else 0.0
