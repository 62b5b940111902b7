"""Train tickets: the price of a journey by zones.

Defect: ticket numbers come from an itertools.count at module level, which moves on with every call of generate.
"""

import itertools

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"

SERIAL = itertools.count(5001)


def generate(rng, difficulty):
    return {
        "serial": next(SERIAL),
        "zones": [rng.randint(1, 9) for _ in range(4 + difficulty)],
        "base": rng.randint(110, 290),
        "step": rng.randint(20, 95),
    }


def prompt(state):
    return (
        f"Ticket number {state['serial']} is for a journey through the zones {', '.join(map(str, state['zones']))}, in this order. It costs {state['base']} cents plus {state['step']} "
        "cents for each unit by which the zone number changes from one zone to the next. What is the price in cents, plus the last digit of the ticket number?"
    )


def reference(state):
    changes = sum(abs(a - b) for a, b in itertools.pairwise(state["zones"]))
    return str(state["base"] + state["step"] * changes + state["serial"] % 10)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
