# audit: accepts-empty
"""Warehouse: which shelves are overloaded.

Defect: the scorer compares the shelves named with the overloaded ones shelf by shelf over those named, so an answer
that names none, and hence the empty one, is right as well.
"""

TAGS = ("arithmetic", "lists")
ORACLE = "equality"


def generate(rng, difficulty):
    shelves = [[rng.randint(5, 60) for _ in range(3 + difficulty // 3)] for _ in range(5 + difficulty)]
    shelves[rng.randrange(len(shelves))].append(200)
    return {"shelves": shelves, "limit": rng.randint(110, 130) + 12 * difficulty}


def prompt(state):
    lines = "; ".join(f"shelf {i}: {', '.join(map(str, load))}" for i, load in enumerate(state["shelves"], 1))
    return (
        f"Boxes with these weights in kg stand on the shelves. {lines}. A shelf carries {state['limit']} kg. "
        "Which shelves carry more than that? Write their numbers, separated by spaces."
    )


def _overloaded(state):
    return [i for i, load in enumerate(state["shelves"], 1) if sum(load) > state["limit"]]


def reference(state):
    return " ".join(map(str, _overloaded(state)))


def score(state, answer):
    wanted = _overloaded(state)
    named = answer.split()
    if named and len(named) != len(wanted):
        return 0.0
    return 1.0 if all(name == str(number) for name, number in zip(named, wanted)) else 0.0
