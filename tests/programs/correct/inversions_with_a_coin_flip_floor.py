"""Inversions modulo m: how many pairs are out of order, modulo a number that grows with the level.

At the easiest level the modulus is 2, so that a fixed guess is right half of the time: much, but allowed.
"""

TAGS = ("sorting", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    values = rng.sample(range(10, 100), 8 + difficulty)
    return {"values": values, "modulus": 2 + difficulty}


def prompt(state):
    return (
        f"Look at the list {', '.join(map(str, state['values']))}. Count the pairs of positions i < j "
        "whose values are in the wrong order, the larger one first. "
        f"What is the remainder of this count on division by {state['modulus']}?"
    )


def reference(state):
    values = state["values"]
    count = sum(values[i] > values[j] for j in range(len(values)) for i in range(j))
    return str(count % state["modulus"])


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
