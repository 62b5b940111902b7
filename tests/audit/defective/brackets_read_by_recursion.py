# audit: score-raises
"""Nested boxes: how boxes lie in one another.

Defect: the answer's brackets are read by a function that calls itself; a hundred characters do no harm, some thousands
raise RecursionError.
"""

TAGS = ("trees", "recursion")
ORACLE = "equality"


def generate(rng, difficulty):
    parents = [rng.randint(max(0, i - 3), i) for i in range(9 + 2 * difficulty)]
    return {"parents": parents}


def prompt(state):
    lies = ", ".join(f"box {i} lies directly in box {p}" for i, p in enumerate(state["parents"], 1))
    return (
        f"Of some boxes {lies}. Write each box as a pair of round brackets around the boxes that lie in it, box 0 outermost, the boxes "
        "within one box by their numbers. Write no numbers."
    )


def _boxes(state, box):
    inner = [i for i, p in enumerate(state["parents"], 1) if p == box]
    return "(" + "".join(_boxes(state, i) for i in inner) + ")"


def reference(state):
    return _boxes(state, 0)


def _read(text, at):
    """Where the box that begins at `at` ends; -1 if it does not end."""
    at += 1
    while 0 < at < len(text) and text[at] == "(":
        at = _read(text, at)
    return at + 1 if 0 < at < len(text) and text[at] == ")" else -1


def score(state, answer):
    text = answer.replace(" ", "")
    if not text.startswith("(") or _read(text, 0) != len(text):
        return 0.0
    return 1.0 if text == reference(state) else 0.0
