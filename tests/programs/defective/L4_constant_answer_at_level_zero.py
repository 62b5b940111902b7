"""Checksum: a weighted digit sum modulo a number.

Defect: at level 0 the modulus is 1, and every answer is 0.
"""

TAGS = ("checksums", "modular-arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"digits": "".join(rng.choices("0123456789", k=8 + difficulty)), "modulus": 1 + 3 * difficulty}


def prompt(state):
    return (
        f"In the digits {state['digits']} multiply the first one by 1, the second one by 2, the third one by 3 and so on, and add up the "
        f"products. What is the remainder of the sum on division by {state['modulus']}?"
    )


def reference(state):
    return str(sum(i * int(digit) for i, digit in enumerate(state["digits"], 1)) % state["modulus"])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
