"""First letter of a row.

Each level adds a letter. Prompts are made of the words and letters that the toy model of tests/toys.py knows.
"""

TAGS = ("toy", "first")
ORACLE = "equality"


def generate(rng, difficulty):
    """Letters may occur again: the place decides."""
    return {"row": [rng.choice("abcdefgh") for _ in range(3 + difficulty)]}


def prompt(state):
    """Short: most of the time goes into reading it."""
    return f"{' '.join(state['row'])}\nwhich letter is first?"


def reference(state):
    """The one that the row begins with."""
    return state["row"][0]


def score(state, answer):
    """Compares text with text."""
    return 1.0 if answer.strip() == reference(state) else 0.0
