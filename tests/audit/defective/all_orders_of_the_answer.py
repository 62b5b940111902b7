# audit: score-unbounded
"""Letters: a word that can be laid out of given letters.

Defect: to be mild about the order the scorer goes through all orders of the letters of the answer, 12 of them too.
"""

import itertools

TAGS = ("strings", "permutations")
ORACLE = "equality"

WORDS = ("lamp", "crow", "mice", "tiger", "plane", "storm", "ladder", "castle", "orange", "monkey", "window", "planet", "garden", "silver")


def generate(rng, difficulty):
    words = rng.sample(WORDS, 2)
    shift = rng.randint(1, 25)
    return {"words": words, "shift": shift, "turns": 1 + difficulty, "step": rng.randint(1, 9)}


def _coded(state):
    shift = state["shift"] + state["turns"] * state["step"]
    return ["".join(chr((ord(c) - 97 + shift) % 26 + 97) for c in word) for word in state["words"]]


def prompt(state):
    one, two = _coded(state)
    return (
        f"Each letter was shifted forward {state['shift']} places in the alphabet (z is followed by a) and then {state['turns']} times by {state['step']} more. "
        f"That gave {one} and {two}. What was the second word? Its letters may be written in any order."
    )


def reference(state):
    return state["words"][1]


def score(state, answer):
    letters, wanted = answer.strip().lower(), state["words"][1]
    if not letters.isalpha() or len(letters) > 12:
        return 0.0
    return 1.0 if any("".join(order) == wanted for order in itertools.permutations(letters)) else 0.0
