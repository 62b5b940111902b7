"""Shuffled cups: under which of six cups the coin lies after a run of swaps.

The answer is one of six letters, all of which the prompt names; a blind guess is worth a sixth.
"""

TAGS = ("tracking", "permutations")
ORACLE = "equality"
CUPS = "ABCDEF"


def generate(rng, difficulty):
    moves = ["".join(rng.sample(CUPS, 2)) for _ in range(6 + 3 * difficulty)]
    return {"start": rng.choice(CUPS), "moves": moves}


def prompt(state):
    moves = ", ".join(f"{a} and {b}" for a, b in state["moves"])
    return (
        f"Six places on a table are called A, B, C, D, E and F, with a cup on each. A coin lies under the cup at "
        f"{state['start']}. The cups (the coin goes along) at these places are exchanged in turn: {moves}. "
        "At which place is the coin now? Answer with the letter alone; a small letter is fine."
    )


def reference(state):
    place = state["start"]
    for a, b in state["moves"]:
        place = b if place == a else a if place == b else place
    return place


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0
