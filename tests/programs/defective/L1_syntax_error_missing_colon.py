"""Collatz steps: how many steps a number takes to reach one.

Defect: a colon is missing after the while condition, so the file does not parse.
"""

TAGS = ("number-theory", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    low = 20 * 3**difficulty
    return {"start": rng.randint(low, low + 2000 * (difficulty + 1))}


def prompt(state):
    return (
        f"Start with {state['start']}. An even number is halved, an odd one is tripled and increased by one. "
        "How many such steps does it take to reach 1?"
    )


def reference(state):
    value, steps = state["start"], 0
    while value != 1
        value = value // 2 if value % 2 == 0 else 3 * value + 1
        steps += 1
    return str(steps)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
