"""Last letter of a row.

Each level adds a letter. Prompts are made of the words and letters that the toy model of tests/toys.py knows.
"""

TAGS = ("toy", "last")
ORACLE = "equality"


def generate(rng, difficulty):
    """Letters may occur again: the place decides."""
    return {"row": [rng.choice("abcdefgh") for _ in range(3 + difficulty)]}


def prompt(state):
    """Short: most of the time goes into reading it."""
    return f"{' '.join(state['row'])}\nwhich letter is last?"


def reference(state):
    """The one that the row ends with."""
    return state["row"][-1]


def score(state, answer):
    """Compares text with text."""
    return 1.0 if answer.strip() == reference(state) else 0.0
