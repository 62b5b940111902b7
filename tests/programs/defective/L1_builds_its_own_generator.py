"""Card deal: the sum of the cards of one player after a shuffle by cutting.

Defect: constructs random.Random from a number in the state to deal the cards in reference.
"""

import random

TAGS = ("games", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    deal = rng.getrandbits(32)
    deck = list(range(1, 13 + 4 * difficulty))
    random.Random(deal).shuffle(deck)
    return {"deal": deal, "size": len(deck), "deck": deck, "cuts": [rng.randint(2, 9) for _ in range(2 + difficulty)]}


def prompt(state):
    return (
        f"From top to bottom a deck shows the cards {' '.join(map(str, state['deck']))}. It is cut "
        f"{len(state['cuts'])} times, each time moving cards from the top to the bottom: {', '.join(map(str, state['cuts']))}. "
        "Then every third card from the top (the third, the sixth, ...) goes to Anna. What is the sum of her cards?"
    )


def reference(state):
    deck = list(range(1, state["size"] + 1))
    random.Random(state["deal"]).shuffle(deck)
    for cut in state["cuts"]:
        deck = deck[cut:] + deck[:cut]
    return str(sum(deck[2::3]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
