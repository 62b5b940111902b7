"""Odometer: what a broken odometer shows that skips a digit.

Defect: a module variable is changed with a global statement (it counts the questions, and numbers them).
"""

TAGS = ("numerals", "arithmetic")
ORACLE = "equality"

ASKED = 0


def generate(rng, difficulty):
    return {"skipped": rng.randint(1, 9), "distance": rng.randint(10 ** (2 + difficulty // 2), (difficulty + 2) * 10 ** (2 + difficulty // 2))}


def prompt(state):
    global ASKED
    ASKED += 1
    return (
        f"Question {ASKED}. An odometer never shows the digit {state['skipped']}: each wheel goes straight to the next digit. "
        f"It started at 0. What does it show after {state['distance']} kilometres?"
    )


def reference(state):
    digits = [digit for digit in "0123456789" if digit != str(state["skipped"])]
    value, text = state["distance"], ""
    while value:
        value, digit = divmod(value, 9)
        text = digits[digit] + text
    return text


def score(state, answer):
    return 1.0 if answer.strip().lstrip("0") == reference(state) else 0.0
