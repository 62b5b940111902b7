"""Thermometer: converting between two temperature scales.

Defect: at level 5 the step between two marks is negative, and the scorer, which accepts digits only, rejects the references there.
"""

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    step = rng.randint(2, 9 + difficulty)
    return {
        "zero": rng.randint(1, 40),
        "step": -step if difficulty == 5 else step,
        "readings": [rng.randint(20, 90) for _ in range(3 + difficulty)],
    }


def prompt(state):
    return (
        f"On the scale of Rana, 0 degrees of the scale of Solo are {state['zero']} degrees, and each degree of Solo more changes the reading on the scale of Rana by "
        f"{state['step']:+d}. What is the sum of the readings of Rana that belong to the readings {', '.join(map(str, state['readings']))} of Solo?"
    )


def reference(state):
    return str(sum(state["zero"] + state["step"] * reading for reading in state["readings"]))


def score(state, answer):
    text = answer.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return 0.0
    return 1.0 if int(text) == int(reference(state)) else 0.0
