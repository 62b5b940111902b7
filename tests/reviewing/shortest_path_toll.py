"""Shortest path: any cheapest route between two towns.

Tolls make a detour over cheap roads lose at times. Levels add towns. From level 3 some roads are one-way, and
from level 6 the route has to call at a third town.
"""

from heapq import heappop, heappush
from itertools import pairwise
from string import ascii_uppercase

TAGS = ("graphs", "search", "optimization")
ORACLE = "feasibility"


def generate(rng, difficulty):
    """A two-way ring connects all towns; chords, priced like the stretch they cut off, compete with it."""
    size = 6 + 2 * difficulty
    towns = rng.sample(ascii_uppercase, size)
    roads = [[towns[i - 1], towns[i], rng.randint(2, 9)] for i in range(size)]
    oneway = []
    for i in range(size):
        span = rng.randint(2, 2 + min(difficulty, 1))
        chord = [towns[i - span], towns[i]]
        rng.shuffle(chord)
        kind = oneway if difficulty >= 3 and rng.random() < 0.5 else roads
        kind.append([*chord, rng.randint(3 * span, 6 * span)])
    rng.shuffle(roads)
    state = {"start": towns[0], "end": towns[size // 2], "roads": roads, "oneway": oneway}
    state["toll"] = rng.randint(1, 5)
    if difficulty >= 6:
        state["via"] = rng.choice(towns[1 : size // 2] + towns[size // 2 + 1 :])
    return state


def prompt(state):
    """Keeps two-way and one-way roads apart, and says which towns charge the toll."""
    roads = ", ".join(f"{a}-{b} {cost}" for a, b, cost in state["roads"])
    rules = f"These roads between towns can be driven both ways, each at the cost given: {roads}.\n\n"
    if state["oneway"]:
        arrows = ", ".join(f"{a}->{b} {cost}" for a, b, cost in state["oneway"])
        rules += f"These roads can be driven only in the direction of the arrow: {arrows}.\n\n"
    call = ""
    if "via" in state:
        call = f"The route has to call at {state['via']} on the way, and may enter a town more than once. "
    return (
        f"{rules}Find a cheapest route from {state['start']} to {state['end']}. {call}"
        "If several routes are equally cheap, any one of them will do. "
        "Give the towns of the route in order, first and last included, separated by spaces."
    )


def legs(state):
    """What each leg that can be driven costs, by its two ends in driving order; the toll is included."""
    drives = state["oneway"] + state["roads"] + [[b, a, cost] for a, b, cost in state["roads"]]
    return {(a, b): cost + state["toll"] for a, b, cost in drives}


def cheapest(table, start, end):
    """Dijkstra, with the route so far carried along."""
    heap, done = [(0, [start])], set()
    while heap[0][1][-1] != end:
        cost, route = heappop(heap)
        if route[-1] not in done:
            done.add(route[-1])
            for (a, b), price in table.items():
                if a == route[-1] and b not in done:
                    heappush(heap, (cost + price, [*route, b]))
    return heap[0]


def best(state):
    """The least cost and one route that attains it: with a call, the best of each half."""
    stops = [state[key] for key in ("start", "via", "end") if key in state]
    cost, route = 0, stops[:1]
    for a, b in pairwise(stops):
        more, rest = cheapest(legs(state), a, b)
        cost, route = cost + more, route + rest[1:]
    return cost, route


def reference(state):
    """One cheapest route; there may be others."""
    return " ".join(best(state)[1])


def score(state, answer):
    """The route must exist and attain the least cost: which of the cheapest it is does not matter."""
    route, table = answer.replace(",", " ").split(), legs(state)
    if not route or (route[0], route[-1]) != (state["start"], state["end"]):
        return 0.0
    if state.get("via", route[0]) not in route or any(leg not in table for leg in pairwise(route)):
        return 0.0
    return 1.0 if sum(table[leg] for leg in pairwise(route)) == best(state)[0] else 0.0
