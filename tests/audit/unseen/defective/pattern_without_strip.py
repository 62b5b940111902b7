# audit: space-refused
"""Licence plates: the plate that is issued so many plates later.

Defect: the answer is matched as it comes, so that a newline or a space after it makes a right answer wrong.
"""

import re

TAGS = ("numerals", "strings")
ORACLE = "equality"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def _plate(number):
    front, rest = divmod(number, 1000)
    return "".join(LETTERS[front // len(LETTERS) ** k % len(LETTERS)] for k in (2, 1, 0)) + f"-{rest:03d}"


def generate(rng, difficulty):
    return {"number": rng.randrange(10**6, 10**7), "later": rng.randint(100 * 2**difficulty, 900 * 2**difficulty)}


def prompt(state):
    return (
        "Plates have three letters, a hyphen and three digits. They are issued in this order: the digits count up from 000 to 999, then they "
        f"begin again and the last letter moves on, and after its end the letter before it. Used are the {len(LETTERS)} letters "
        f"{LETTERS}. Which plate is issued {state['later']} plates after {_plate(state['number'])}?"
    )


def reference(state):
    return _plate(state["number"] + state["later"])


def score(state, answer):
    if not re.fullmatch(r"[A-Za-z]{3}-\d{3}", answer):
        return 0.0
    return 1.0 if answer.upper() == reference(state) else 0.0
