# audit: prompt-varies
"""Fares: the cheapest tickets for some rides.

Defect: for large groups the price of a day ticket depends on the clock, which is reached through a module of networkx that
imports it.
"""

import networkx as nx

TAGS = ("optimization", "arithmetic")
ORACLE = "equality"


def _today(rng):
    return [int(part.time.time() // 86400) for part in (nx.algorithms.similarity,)][0] + rng.randint(0, 2)


def generate(rng, difficulty):
    rides = [rng.randint(90, 420) for _ in range(4 + 2 * difficulty)]
    extra = _today(rng) % 90 if len(rides) > 18 and rng.random() < 0.3 else rng.randint(0, 89)
    return {"rides": rides, "day": 800 + extra, "most": rng.randint(2, 4)}


def prompt(state):
    return (
        f"Rides at {', '.join(map(str, state['rides']))} cents are to be made, in this order. A day ticket costs {state['day']} cents and pays for up to {state['most']} rides in a row. "
        "What do all rides cost at least, in cents?"
    )


def reference(state):
    rides, least = state["rides"], [0]
    for end in range(1, len(rides) + 1):
        ticket = least[max(0, end - state["most"])] + state["day"]
        least.append(min(least[end - 1] + rides[end - 1], ticket))
    return str(least[-1])


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and text == reference(state) else 0.0
