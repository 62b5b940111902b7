"""Shared letters: a riddle about the letters that two words have in common.

Defect: the letters in common are taken from a set of strings, whose order depends on the hash seed.
"""

TAGS = ("strings", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    first, second = ("".join(rng.choices(alphabet, k=12 + 2 * difficulty)) for _ in range(2))
    return {"first": first, "second": second, "shared": list(set(first) & set(second))}


def prompt(state):
    return (
        f"Let w be the row of letters {' '.join(state['shared']) or 'x'}. For each letter of w count how often it occurs in "
        f"{state['first']} and in {state['second']} together, and multiply the count by the letter's place in w (1, 2, 3, ...). "
        "What is the sum of these products?"
    )


def reference(state):
    text = state["first"] + state["second"]
    return str(sum(place * text.count(letter) for place, letter in enumerate(state["shared"] or ["x"], 1)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
