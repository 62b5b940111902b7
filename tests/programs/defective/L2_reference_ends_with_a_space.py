"""Run lengths: a bit string written as the lengths of its runs.

Defect: reference returns a text that ends with a space.
"""

import itertools

TAGS = ("strings", "compression")
ORACLE = "equality"


def generate(rng, difficulty):
    text = "".join(rng.choice("ABC") * rng.randint(1, 5) for _ in range(6 + 2 * difficulty))
    return {"text": text}


def prompt(state):
    return (
        f"Write {state['text']} as a list of runs: for each maximal block of equal letters its letter and its length, "
        "as in A3 B1 for AAAB, separated by spaces."
    )


def reference(state):
    text = ""
    for letter, run in itertools.groupby(state["text"]):
        text += f"{letter}{len(list(run))} "
    return text


def score(state, answer):
    return 1.0 if answer.split() == reference(state).split() else 0.0
