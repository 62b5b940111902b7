"""Errands: any order that respects what has to be done first.

Many orders are right; the scorer checks the rules and that each errand occurs exactly once.
"""

TAGS = ("graphs", "ordering")
ORACLE = "feasibility"


def generate(rng, difficulty):
    names = rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 6 + difficulty)
    pairs = [[a, b] for i, a in enumerate(names) for b in names[i + 1:]]
    return {"names": sorted(names), "rules": rng.sample(pairs, len(names) + 3 + difficulty), "planted": names}


def prompt(state):
    rules = ", ".join(f"{a} before {b}" for a, b in state["rules"])
    return (
        f"The errands {', '.join(state['names'])} have to be done one after another, and {rules}. Give an order that "
        "respects all of this; if there are several, any of them. Write all the letters, separated by commas or spaces or by nothing."
    )


def reference(state):
    return ", ".join(state["planted"])


def score(state, answer):
    order = answer.strip().upper().replace(",", " ").split()
    order = list(order[0]) if len(order) == 1 else order
    if sorted(order) != state["names"]:
        return 0.0
    return 1.0 if all(order.index(a) < order.index(b) for a, b in state["rules"]) else 0.0
