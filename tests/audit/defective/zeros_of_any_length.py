# audit: constant-answer
"""Lights: which of some lamps burn after switching.

Defect: credit is the share of lamps that are right, lamps too many cost nothing, and most lamps stay dark: a long row of
zeros earns most of the credit everywhere.
"""

TAGS = ("simulation", "binary")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 12 + 3 * difficulty + rng.randint(0, 20)
    return {"count": count, "switched": [rng.randint(1, count) for _ in range(3 + difficulty // 2)]}


def prompt(state):
    return (
        f"Of {state['count']} lamps in a row all are dark. Then these are switched over one after the other: {', '.join(map(str, state['switched']))}. "
        "Write a 1 for each lamp that burns at the end and a 0 for each dark one, from lamp 1 on, without spaces."
    )


def reference(state):
    lamps = [0] * state["count"]
    for number in state["switched"]:
        lamps[number - 1] ^= 1
    return "".join(map(str, lamps))


def score(state, answer):
    wanted, given = reference(state), answer.strip()
    if given == wanted:
        return 1.0
    if len(given) <= len(wanted):
        return 0.0
    return 0.95 * sum(a == b for a, b in zip(wanted, given)) / len(wanted)
