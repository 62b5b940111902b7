"""Gift circle: who gives a present to whom after several rounds of swapping.

Defect: the difficulty is written into the state and used nowhere; questions of all levels are alike.
"""

TAGS = ("permutations", "simulation")
ORACLE = "equality"

NAMES = ("Anna", "Bela", "Cora", "Dirk", "Elsa", "Finn", "Gina", "Hans", "Iris", "Jörg")


def generate(rng, difficulty):
    swaps = [rng.sample(NAMES, 2) for _ in range(rng.randint(6, 12))]
    return {"difficulty": difficulty, "swaps": swaps, "who": rng.choice(NAMES)}


def prompt(state):
    swaps = ", ".join(f"{a} with {b}" for a, b in state["swaps"])
    return (
        f"{', '.join(NAMES)} each hold a parcel with their own name on it. Then they swap what they hold at that moment: {swaps}. "
        f"Whose name is on the parcel that {state['who']} holds in the end?"
    )


def reference(state):
    holds = {name: name for name in NAMES}
    for a, b in state["swaps"]:
        holds[a], holds[b] = holds[b], holds[a]
    return holds[state["who"]]


def score(state, answer):
    return 1.0 if answer.strip().casefold() == reference(state).casefold() else 0.0
