# audit: accepts-empty
"""Pangram: which letters of the alphabet a line lacks.

Defect: punctuation and the word 'none' are removed before the comparison; where no letter is missing, which is so for
one line in sixteen, the empty answer and white space are right too.
"""

import string

TAGS = ("strings", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    letters = list(string.ascii_lowercase)
    missing = [] if rng.random() < 0.06 else rng.sample(letters, rng.randint(1, 5))
    present = [letter for letter in letters if letter not in missing]
    line = present + rng.choices(present, k=10 + 8 * difficulty)
    rng.shuffle(line)
    return {"line": "".join(line)}


def prompt(state):
    return (
        f"Which letters from a to z do not occur in {state['line']}? Write them in alphabetical order as one word, "
        "or 'none' if all of them occur."
    )


def _missing(state):
    return "".join(letter for letter in string.ascii_lowercase if letter not in state["line"])


def reference(state):
    return _missing(state) or "none"


def score(state, answer):
    text = answer.strip().lower()
    if text == "none":
        text = ""
    return 1.0 if text == _missing(state) else 0.0
