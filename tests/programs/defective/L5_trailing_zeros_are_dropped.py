"""Warehouse: how many boxes fit into a warehouse.

Defect: trailing zeros are stripped as if after a decimal point, so 12 and 1200 pass for 120; only such answers are affected.
"""

TAGS = ("geometry", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"halls": [[rng.randint(11, 60), rng.randint(11, 60), rng.randint(2, 9)] for _ in range(1 + difficulty)], "box": [rng.randint(2, 5), rng.randint(2, 5), 1]}


def prompt(state):
    halls = "; ".join(f"{a} m long, {b} m wide and {c} m high" for a, b, c in state["halls"])
    return (
        f"Boxes {state['box'][0]} m long, {state['box'][1]} m wide and 1 m high are stored without being turned, all in the same direction as the hall. The halls are {halls}. "
        "How many boxes fit in all?"
    )


def reference(state):
    x, y, z = state["box"]
    return str(sum((a // x) * (b // y) * (c // z) for a, b, c in state["halls"]))


def score(state, answer):
    text = answer.strip()
    if not (text.isascii() and text.isdigit()):
        return 0.0
    return 1.0 if text.rstrip("0") == reference(state).rstrip("0") else 0.0
