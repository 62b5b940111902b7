"""Water jugs: how much water is in the last jug after pouring.

Defect: generate takes only rng; the difficulty is drawn instead of handed in.
"""

TAGS = ("simulation", "puzzles")
ORACLE = "equality"


def generate(rng):
    difficulty = rng.randint(0, 9)
    sizes = [rng.randint(4, 20) for _ in range(4)]
    pours = [rng.sample(range(4), 2) for _ in range(5 + 2 * difficulty)]
    return {"sizes": sizes, "fill": [rng.randint(0, size) for size in sizes], "pours": pours}


def prompt(state):
    jugs = "; ".join(
        f"jug {name} holds up to {size} litres and has {now} in it"
        for name, size, now in zip("ABCD", state["sizes"], state["fill"])
    )
    pours = ", ".join(f"{'ABCD'[a]} into {'ABCD'[b]}" for a, b in state["pours"])
    return (
        f"There are four jugs: {jugs}. One pours, each time until the first is empty or the second is full: {pours}. "
        "How many litres are then in the jugs A, B, C and D? Write four numbers separated by spaces."
    )


def reference(state):
    fill = list(state["fill"])
    for a, b in state["pours"]:
        moved = min(fill[a], state["sizes"][b] - fill[b])
        fill[a] -= moved
        fill[b] += moved
    return " ".join(map(str, fill))


def score(state, answer):
    return 1.0 if answer.split() == reference(state).split() else 0.0
