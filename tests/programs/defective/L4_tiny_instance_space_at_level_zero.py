"""Rabbits and hens: how many animals of each kind are on a farm.

Defect: at level 0 only 25 different questions exist.
"""

TAGS = ("algebra", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    if difficulty == 0:
        return {"rabbits": rng.randint(1, 5), "hens": rng.randint(1, 5), "beetles": 0}
    top = 20 + 30 * difficulty
    return {"rabbits": rng.randint(5, top), "hens": rng.randint(5, top), "beetles": rng.randint(1, top)}


def prompt(state):
    rabbits, hens, beetles = state["rabbits"], state["hens"], state["beetles"]
    return (
        f"On a farm live rabbits (four legs), hens (two legs) and {beetles} beetles (six legs). Altogether there are "
        f"{rabbits + hens + beetles} heads and {4 * rabbits + 2 * hens + 6 * beetles} legs. How many rabbits and how many hens are there? "
        "Write the two numbers in this order, separated by a comma."
    )


def reference(state):
    return f"{state['rabbits']}, {state['hens']}"


def score(state, answer):
    try:
        return 1.0 if [int(part) for part in answer.split(",")] == [state["rabbits"], state["hens"]] else 0.0
    except ValueError:
        return 0.0
