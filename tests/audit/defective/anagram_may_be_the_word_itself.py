# audit: accepts-echo
"""Derangement: the letters of a word in an order in which none stays at its place.

Defect: the letters are counted, but whether they left their places is asked only of their first half's duplicates,
which is to say never; the word itself, copied, passes.
"""

TAGS = ("strings", "permutations")
ORACLE = "feasibility"

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def generate(rng, difficulty):
    return {"word": "".join(rng.sample(LETTERS, 5 + difficulty))}


def prompt(state):
    return (
        f"Write the letters of {state['word']} in another order, so that no letter stands at the place that it has there. "
        "Write the result as one word."
    )


def reference(state):
    return state["word"][1:] + state["word"][0]


def score(state, answer):
    given, word = answer.strip().lower(), state["word"]
    if sorted(given) != sorted(word):
        return 0.0
    stayed = [a for a, b in zip(given, word) if a == b and word.count(a) > 1]
    return 0.0 if stayed else 1.0
