"""Checksum: a rolling checksum of some bytes, written in hexadecimal.

The prefix 0x, zeros at the left and capitals are all free, as the prompt says.
"""

import re

TAGS = ("numerals", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"bytes": [rng.randrange(256) for _ in range(4 + 2 * difficulty)], "factor": rng.choice([17, 31, 33, 37])}


def prompt(state):
    return (
        f"A register holds 0. For each of the numbers {', '.join(map(str, state['bytes']))} in turn it is multiplied by {state['factor']}, the number "
        "is added, and of the result only the remainder modulo 65536 is kept. What does it hold in the end? Answer in hexadecimal; a prefix 0x "
        "and zeros at the left may be written or not, and small letters count like capitals."
    )


def reference(state):
    value = 0
    for byte in state["bytes"]:
        value = (value * state["factor"] + byte) % 65536
    return f"{value:X}"


def score(state, answer):
    match = re.fullmatch(r"(?:0x)?([0-9a-f]{1,12})", answer.strip().lower(), re.ASCII)
    return 1.0 if match and int(match[1], 16) == int(reference(state), 16) else 0.0
