"""Counting out: who of the children in a circle remains when every k-th one leaves.

The answer is always one of the names that the prompt shows, and which one cannot be guessed well.
"""

TAGS = ("simulation", "josephus")
ORACLE = "equality"

NAMES = (
    "Ada", "Boris", "Chen", "Dina", "Emil", "Fatou", "Goran", "Hana", "Igor", "Jun", "Kofi", "Lena",
    "Mira", "Nils", "Olga", "Pablo", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wim", "Yuki", "Zoe",
)


def generate(rng, difficulty):
    return {"names": rng.sample(NAMES, 5 + difficulty), "step": rng.randint(3, 9 + 2 * difficulty)}


def prompt(state):
    names = state["names"]
    return (
        f"{', '.join(names[:-1])} and {names[-1]} stand in a circle in this order. Counting starts at "
        f"{names[0]} with one; whoever is counted as number {state['step']} leaves, and the count starts again "
        "at one with the next child. This goes on until a single child remains. Who is it?"
    )


def reference(state):
    circle, position = list(state["names"]), 0
    while len(circle) > 1:
        position = (position + state["step"] - 1) % len(circle)
        circle.pop(position)
        position %= len(circle)
    return circle[0]


def score(state, answer):
    return 1.0 if answer.strip().casefold() == reference(state).casefold() else 0.0
