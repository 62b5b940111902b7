"""Rank in two lists: the k-th smallest of all numbers on two lists.

The answer is always a number that the prompt shows, at no particular place.
"""

import heapq

TAGS = ("sorting", "selection")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 5 + 2 * difficulty
    numbers = rng.sample(range(100, 1000), 2 * size)
    return {"left": numbers[:size], "right": numbers[size:], "rank": rng.randint(3, 2 * size - 2)}


def prompt(state):
    return (
        f"One list holds {', '.join(map(str, state['left']))}; another one holds "
        f"{', '.join(map(str, state['right']))}. If both are poured together and sorted in increasing order, "
        f"which number stands at place {state['rank']}, the smallest being at place 1?"
    )


def reference(state):
    return str(heapq.nsmallest(state["rank"], state["left"] + state["right"])[-1])


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and text.lstrip("0") == reference(state) else 0.0
