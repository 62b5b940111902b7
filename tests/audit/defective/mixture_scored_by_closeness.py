# audit: accepts-nonfinite
"""Mixture: the concentration of a mixture of solutions.

Defect: the closeness is clamped by min and max, and with nan, written in a pair, min(1.0, max(nan, 0.0)) is 1.0.
"""

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"parts": [[rng.randint(1, 30), rng.randint(5, 95)] for _ in range(2 + difficulty)], "water": rng.randint(1, 20)}


def prompt(state):
    parts = ", ".join(f"{litres} litres with {percent} per cent of acid" for litres, percent in state["parts"])
    return (
        f"Mixed are {parts} and {state['water']} litres of water. How many hundredths of a litre of acid and how many litres of liquid "
        "are there? Write the two numbers, separated by a slash."
    )


def reference(state):
    acid = sum(litres * percent for litres, percent in state["parts"])
    return f"{acid}/{sum(litres for litres, _ in state['parts']) + state['water']}"


def score(state, answer):
    try:
        acid, liquid = (float(part) for part in answer.split("/"))
    except ValueError:
        return 0.0
    wanted = [int(part) for part in reference(state).split("/")]
    error = abs(acid - wanted[0]) + abs(liquid - wanted[1])
    return 1.0 if min(1.0, max(1.0 - error, 0.0)) > 0.999 else 0.0
