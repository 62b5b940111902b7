"""Base change: a number written in another base, with letters as digits.

Defect: the scorer strips zeros from the answer on both sides, and so rejects references that end in 0 (about one in ten).
"""

TAGS = ("numerals", "arithmetic")
ORACLE = "equality"

DIGITS = "0123456789ABCDEF"


def generate(rng, difficulty):
    base = rng.choice([7, 9, 11, 12, 13, 14, 15, 16])
    return {"number": rng.randint(7 ** (3 + difficulty), 16 ** (3 + difficulty)), "base": base}


def prompt(state):
    return (
        f"Write the decimal number {state['number']} in base {state['base']}. Use the letters A to F for the digits from ten to fifteen where they are needed."
    )


def reference(state):
    value, text = state["number"], ""
    while value:
        value, digit = divmod(value, state["base"])
        text = DIGITS[digit] + text
    return text


def score(state, answer):
    return 1.0 if answer.strip().upper().strip("0") == reference(state) else 0.0
