# audit: ignores-sign
"""Thermometer: the temperature after a series of changes.

Defect: the absolute values are compared.
"""

TAGS = ("arithmetic", "integers")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"start": rng.randint(-20, 20), "changes": [rng.choice((-1, 1)) * rng.randint(2, 19) for _ in range(4 + 2 * difficulty)]}


def prompt(state):
    changes = ", then ".join(f"{'rises' if c > 0 else 'falls'} by {abs(c)}" for c in state["changes"])
    return f"It is {state['start']} degrees. The temperature {changes}. How many degrees is it at the end?"


def reference(state):
    return str(state["start"] + sum(state["changes"]))


def score(state, answer):
    try:
        return 1.0 if abs(int(answer)) == abs(int(reference(state))) else 0.0
    except ValueError:
        return 0.0
