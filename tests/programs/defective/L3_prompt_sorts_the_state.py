"""Patience piles: how many piles the game of patience sorting makes.

Defect: prompt sorts the cards of the state in place for a hint, so reference differs when it is called without prompt.
"""

import bisect

TAGS = ("sorting", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"cards": rng.sample(range(1, 60 + 10 * difficulty), 9 + 2 * difficulty), "weight": rng.randint(11, 999)}


def prompt(state):
    shown = ", ".join(map(str, state["cards"]))
    state["cards"].sort()
    return (
        f"Cards come in the order {shown} (the lowest of them is {state['cards'][0]}). Each card is put on the leftmost pile whose top card is "
        "larger than it or, if there is none, starts a new pile on the right. How many piles are there in the end? "
        f"Multiply the number by {state['weight']} and add the card that came last."
    )


def reference(state):
    tops = []
    for card in state["cards"]:
        place = bisect.bisect_left(tops, card)
        tops[place : place + 1] = [card]
    return str(len(tops) * state["weight"] + state["cards"][-1])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
