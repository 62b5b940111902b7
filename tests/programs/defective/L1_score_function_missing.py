"""Domino rows: how many ways there are to tile a strip with bricks of several lengths.

Defect: the scorer is called check_answer; there is no function score.
"""

TAGS = ("combinatorics", "dynamic-programming")
ORACLE = "equality"


def generate(rng, difficulty):
    lengths = sorted(rng.sample(range(1, 8), 3))
    return {"lengths": lengths, "strip": rng.randint(12 + 6 * difficulty, 40 + 6 * difficulty)}


def prompt(state):
    a, b, c = state["lengths"]
    return (
        f"A strip of length {state['strip']} is covered without gaps by bricks of lengths {a}, {b} and {c}. "
        "How many different rows of bricks are there, if the order of the bricks matters?"
    )


def reference(state):
    ways = [1]
    for size in range(1, state["strip"] + 1):
        ways.append(sum(ways[size - length] for length in state["lengths"] if length <= size))
    return str(ways[-1])


def check_answer(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
