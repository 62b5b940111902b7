"""Alarm codes: a check digit computed over several rounds.

Defect: generate keeps the last key in a function attribute and mixes it into the next state.
"""

TAGS = ("digits", "checksums")
ORACLE = "equality"


def generate(rng, difficulty):
    key = rng.randint(1, 96)
    before = getattr(generate, "last_key", 7)
    generate.last_key = key
    digits = "".join(rng.choices("0123456789", k=8 + 2 * difficulty))
    return {"digits": digits, "factor": key, "offset": before}


def prompt(state):
    return (
        f"A code is computed from the digits {state['digits']}. Start with {state['offset']}; for each digit, from left to right, multiply by "
        f"{state['factor']}, add the digit and keep the remainder modulo 997. What is the code?"
    )


def reference(state):
    value = state["offset"]
    for digit in state["digits"]:
        value = (value * state["factor"] + int(digit)) % 997
    return str(value)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
