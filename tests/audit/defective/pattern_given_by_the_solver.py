# audit: score-unbounded, evaluates-answer
"""Regular expressions: a pattern that tells two lists of words apart.

Defect: the answer is compiled and run as a regular expression, with nested repetitions and all, over the words.
"""

import re

TAGS = ("strings", "patterns")
ORACLE = "feasibility"


def generate(rng, difficulty):
    one, two = rng.sample("abcdegh", 2)
    pad = [("x" * rng.randint(18, 24 + difficulty), "y" * rng.randint(1, 3)) for _ in range(3 + difficulty)]
    inside = [f"{x}{one}{y}" for x, y in pad]
    outside = [f"{x}{two}{y}" for x, y in pad[1:]]
    return {"letter": one, "inside": inside, "outside": outside}


def prompt(state):
    return (
        f"Find a regular expression that occurs in each of the words {', '.join(state['inside'])} and in none of the words "
        f"{', '.join(state['outside'])}. Use letters, brackets, +, * and $ only, at most 40 of them. It may not be one of the words."
    )


def reference(state):
    return state["letter"]


def score(state, answer):
    text = answer.strip()
    if not re.fullmatch(r"[a-z()+*$]{1,40}", text) or text in state["inside"]:
        return 0.0
    try:
        pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return 0.0
    hits = all(pattern.search(word) for word in state["inside"])
    return 1.0 if hits and not any(pattern.search(word) for word in state["outside"]) else 0.0
