"""Favourite colour: which colour children name most often.

Defect: the usual max(set(x), key=x.count); when two colours tie, which is often, the hash seed decides.
"""

TAGS = ("counting", "reading")
ORACLE = "equality"

COLOURS = ("red", "blue", "green", "yellow", "black", "white", "brown", "pink", "orange", "purple", "grey", "turquoise", "beige", "golden")


def generate(rng, difficulty):
    colours = rng.sample(COLOURS, 5 + difficulty)
    return {"named": [rng.choice(colours) for _ in range(12 + 4 * difficulty)]}


def prompt(state):
    return (
        f"Children name their favourite colours: {', '.join(state['named'])}. Which colour is named most often, and how often? "
        "Write the colour, a comma and the number."
    )


def reference(state):
    named = state["named"]
    favourite = max(set(named), key=named.count)
    return f"{favourite}, {named.count(favourite)}"


def score(state, answer):
    given = [part.strip().lower() for part in answer.split(",")]
    return 1.0 if given == reference(state).split(", ") else 0.0
