"""Tree heights: the height of a search tree after insertions.

Defect: the scorer returns the integers 1 and 0 instead of floats.
"""

TAGS = ("trees", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"keys": rng.sample(range(1, 100), 7 + 3 * difficulty)}


def prompt(state):
    return (
        f"The keys {', '.join(map(str, state['keys']))} are inserted in this order into an empty binary search tree that is never rebalanced. "
        "The root has depth 1. What is the sum of the depths of all keys?"
    )


def reference(state):
    depth = {}
    for key in state["keys"]:
        below = max((k for k in depth if k < key), default=None)
        above = min((k for k in depth if k > key), default=None)
        depth[key] = 1 + max(depth.get(below, 0), depth.get(above, 0))
    return str(sum(depth.values()))


def score(state, answer):
    try:
        return int(int(answer) == int(reference(state)))
    except ValueError:
        return 0
