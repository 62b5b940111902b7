# audit: ignores-order, accepts-part, accepts-superset
"""String of beads: the colours of a string of beads after beads were moved.

Defect: the colours are compared as sets, in which neither their order nor how often they come is kept.
"""

TAGS = ("simulation", "sequences")
ORACLE = "equality"
COLOURS = ("red", "blue", "green", "white", "black", "gold", "pink", "grey")


def generate(rng, difficulty):
    colours = rng.sample(COLOURS, 4 + difficulty // 3)
    beads = [*colours, *(rng.choice(colours) for _ in range(3 + difficulty))]
    rng.shuffle(beads)
    moves = [[rng.randint(1, len(beads)), rng.randint(1, len(beads))] for _ in range(3 + difficulty)]
    return {"beads": beads, "moves": moves, "cut": rng.randint(3, len(beads) - 2)}


def prompt(state):
    moves = ", ".join(f"from {a} to {b}" for a, b in state["moves"])
    return (
        f"On a string are, from left to right, beads in these colours: {', '.join(state['beads'])}. One after another, beads are taken out and put back so "
        f"that they stand at another place (places count from 1 at the left): {moves}. Then the string is cut after bead {state['cut']} and the right "
        "part dropped. Which colours has the left part, from left to right? Name the colour of each bead, separated by commas."
    )


def reference(state):
    beads = list(state["beads"])
    for a, b in state["moves"]:
        beads.insert(b - 1, beads.pop(a - 1))
    return ", ".join(beads[: state["cut"]])


def score(state, answer):
    given = {colour.strip().lower() for colour in answer.split(",")}
    return 1.0 if given == set(reference(state).split(", ")) else 0.0
