# audit: score-range
"""Jumps: a short sequence of jumps to a goal.

Defect: a sequence that is shorter than the planted one gets a bonus, which lifts the score above 1.
"""

TAGS = ("search", "arithmetic")
ORACLE = "feasibility"


def generate(rng, difficulty):
    sizes = sorted(rng.sample(range(2, 14 + 2 * difficulty), 3))
    jumps = [rng.choice(sizes) for _ in range(8 + 2 * difficulty)]
    return {"sizes": sizes, "jumps": jumps}


def prompt(state):
    return (
        f"A frog sits at 0 and can jump {', '.join(map(str, state['sizes']))} steps forward. Which jumps take it to exactly {sum(state['jumps'])}, "
        f"if it makes at most {len(state['jumps'])} of them? Write the lengths of the jumps, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["jumps"]))


def score(state, answer):
    tokens = answer.split()
    if not set(tokens) <= {str(size) for size in state["sizes"]} or len(tokens) > len(state["jumps"]):
        return 0.0
    if sum(map(int, tokens)) != sum(state["jumps"]):
        return 0.0
    return 1.0 + 0.05 * (len(state["jumps"]) - len(tokens))
