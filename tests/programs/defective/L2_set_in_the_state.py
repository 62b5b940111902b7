"""Bingo: after how many calls a bingo card is full.

Defect: the numbers of the card are stored as a set, which JSON cannot hold.
"""

TAGS = ("games", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    top = 25 + 5 * difficulty
    return {"card": set(rng.sample(range(1, top + 1), 4 + difficulty // 2)), "calls": rng.sample(range(1, top + 1), top)}


def prompt(state):
    return (
        f"A bingo card shows {', '.join(map(str, sorted(state['card'])))}. The numbers are called in the order "
        f"{' '.join(map(str, state['calls']))}. What is the sum of the numbers called up to the moment when all numbers of the "
        "card have been called, including the last one needed?"
    )


def reference(state):
    missing, total = set(state["card"]), 0
    for call in state["calls"]:
        total += call
        missing.discard(call)
        if not missing:
            break
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
