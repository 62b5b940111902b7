"""Smaller number: the smaller of two numbers, or the smallest of several.

Levels make the numbers longer; every third level adds a number.
"""

TAGS = ("numbers", "comparison")
ORACLE = "equality"


def generate(rng, difficulty):
    """Numbers of the same range, so that their lengths seldom tell."""
    low, high = 10 + 20 * difficulty, 99 + 150 * difficulty
    return {"numbers": rng.sample(range(low, high + 1), 2 + difficulty // 3)}


def prompt(state):
    """Two numbers are compared, of more the extreme one is asked for."""
    word = "Smaller" if len(state["numbers"]) == 2 else "Smallest"
    return f"{word} of the numbers: {' '.join(map(str, state['numbers']))}"


def reference(state):
    """The number itself, not its place."""
    return str(min(state["numbers"]))


def score(state, answer):
    """Compares text with text; a full stop after the number is forgiven."""
    return 1.0 if answer.strip().removesuffix(".") == reference(state) else 0.0
