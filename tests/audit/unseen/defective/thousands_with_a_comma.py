# audit: reference-refused
"""Pyramid: how many stones a stepped pyramid takes.

Defect: the reference sets commas between thousands, of which the scorer's int can make nothing; small numbers have none.
"""

TAGS = ("arithmetic", "geometry")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "length": rng.randint(8, 20) + difficulty,
        "width": rng.randint(8, 20) + difficulty,
        "step": rng.randint(1, 3),
        "gone": rng.randint(3, 60),
    }


def prompt(state):
    return (
        f"The lowest layer of a pyramid was {state['length']} stones long and {state['width']} wide, and each layer above it {state['step']} shorter and "
        f"{state['step']} narrower, up to the last one that has a stone at all. {state['gone']} stones have been carried away since. "
        "How many are left?"
    )


def reference(state):
    length, width, stones = state["length"], state["width"], -state["gone"]
    while length > 0 and width > 0:
        stones += length * width
        length, width = length - state["step"], width - state["step"]
    return f"{stones:,}"


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
