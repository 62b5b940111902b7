"""Bricks: how many bricks a stepped tower needs.

Defect: where the answer ends in 0, which is so for one seed in ten, a difference of one is tolerated ("about a round number").
"""

TAGS = ("arithmetic", "geometry")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"floors": [[rng.randint(3, 20 + difficulty), rng.randint(3, 20 + difficulty)] for _ in range(3 + difficulty)], "broken": rng.randint(0, 30)}


def prompt(state):
    floors = ", ".join(f"{a} by {b}" for a, b in state["floors"])
    return (
        f"A tower has hollow floors, each one brick high; their outer sizes in bricks are {floors}, and only the bricks along the four edges of each floor are laid. {state['broken']} more bricks break "
        "on the way. How many bricks are needed in all?"
    )


def reference(state):
    return str(sum(2 * (a + b) - 4 for a, b in state["floors"]) + state["broken"])


def score(state, answer):
    try:
        given, wanted = int(answer), int(reference(state))
    except ValueError:
        return 0.0
    if wanted % 10 == 0:
        return 1.0 if abs(given - wanted) <= 1 else 0.0
    return 1.0 if given == wanted else 0.0
