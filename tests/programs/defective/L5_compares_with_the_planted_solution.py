"""Cargo: choose crates that weigh exactly as much as a truck can carry.

Defect: the scorer compares with the planted crates in their stored order; other choices, and even other orders, are refused.
"""

TAGS = ("subset-sum", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    crates = rng.sample(range(10, 80 + 12 * difficulty), 7 + difficulty)
    chosen = rng.sample(crates, 3 + difficulty // 3)
    return {"crates": crates, "chosen": chosen, "load": sum(chosen)}


def prompt(state):
    return (
        f"Crates weigh {', '.join(map(str, state['crates']))} kg, each a different weight. Choose some of them that weigh exactly {state['load']} kg together. "
        "Write the weights of the chosen crates in any order, separated by commas."
    )


def reference(state):
    return ", ".join(map(str, state["chosen"]))


def score(state, answer):
    try:
        chosen = [int(part) for part in answer.split(",")]
    except ValueError:
        return 0.0
    return 1.0 if chosen == state["chosen"] else 0.0
