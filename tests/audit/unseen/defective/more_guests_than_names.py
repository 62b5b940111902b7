# audit: generation-fails
"""Seats: who sits where after guests have changed places.

Defect: at the two highest levels more names are drawn than the list has.
"""

TAGS = ("simulation", "permutations")
ORACLE = "equality"
NAMES = ("Ada", "Bob", "Cy", "Dee", "Ed", "Flo", "Guy", "Hal", "Ivy", "Jo", "Kai", "Liv")


def generate(rng, difficulty):
    size = 5 + difficulty
    return {
        "guests": rng.sample(NAMES, size),
        "swaps": [rng.sample(range(1, size + 1), 2) for _ in range(5 + 2 * difficulty)],
        "seat": rng.randint(1, size),
    }


def prompt(state):
    swaps = ", ".join(f"{a} and {b}" for a, b in state["swaps"])
    return (
        f"At the seats 1, 2, 3 and so on sit {', '.join(state['guests'])}, in this order. Then those at these seats change places, one pair after the other: "
        f"{swaps}. Who sits at seat {state['seat']} now?"
    )


def reference(state):
    guests = list(state["guests"])
    for a, b in state["swaps"]:
        guests[a - 1], guests[b - 1] = guests[b - 1], guests[a - 1]
    return guests[state["seat"] - 1]


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state).lower() else 0.0
