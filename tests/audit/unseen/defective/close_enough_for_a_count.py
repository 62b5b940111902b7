# audit: accepts-neighbour
"""Tilings: in how many ways a strip can be laid with tiles of given lengths.

Defect: the count, a large whole number, is compared with a relative tolerance of one in a thousand.
"""

import math

TAGS = ("dynamic-programming", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"length": rng.randint(30 + 3 * difficulty, 60 + 3 * difficulty), "tiles": [1, *sorted(rng.sample(range(2, 12), 2))]}


def prompt(state):
    one, two, three = state["tiles"]
    return (
        f"A strip of length {state['length']} is to be laid from left to right without gaps with tiles of the lengths {one}, {two} and {three}, of each of "
        "which there are as many as one likes. How many different sequences of tiles fill it exactly? Write the exact whole number."
    )


def reference(state):
    ways = [1]
    for length in range(1, state["length"] + 1):
        ways.append(sum(ways[length - tile] for tile in state["tiles"] if tile <= length))
    return str(ways[-1])


def score(state, answer):
    try:
        return 1.0 if math.isclose(float(answer), float(reference(state)), rel_tol=1e-3) else 0.0
    except ValueError:
        return 0.0
