"""Ticket queue: when the last of several counters is done.

Defect: reference returns an int instead of a string.
"""

import heapq

TAGS = ("scheduling", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"counters": 2 + difficulty // 4, "times": [rng.randint(2, 20) for _ in range(6 + 2 * difficulty)]}


def prompt(state):
    return (
        f"Customers who need {', '.join(map(str, state['times']))} minutes queue in this order before {state['counters']} counters; "
        "the next one always goes to the counter that is free first. After how many minutes is the last of them done?"
    )


def reference(state):
    free = [0] * state["counters"]
    for minutes in state["times"]:
        heapq.heapreplace(free, free[0] + minutes)
    return max(free)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
