"""Ring of numbers: arrange numbers in a circle so that neighbours lie far apart.

Every rotation and reflection of an answer is an answer too; a partly right one earns partial credit.
"""

TAGS = ("constraint-satisfaction", "arrangement")
ORACLE = "feasibility"


def generate(rng, difficulty):
    count = 6 + difficulty
    numbers = sorted(rng.sample(range(1, 6 * count), count))
    best, gap = None, -1
    for _ in range(30):
        ring = rng.sample(numbers, count)
        low = min(abs(ring[i] - ring[i - 1]) for i in range(count))
        if low > gap:
            best, gap = ring, low
    return {"numbers": numbers, "gap": gap, "ring": best}


def prompt(state):
    return (
        f"Arrange all of the numbers {', '.join(map(str, state['numbers']))} in a circle so that any two neighbours "
        f"differ by at least {state['gap']} (the last one is a neighbour of the first). "
        "Write them in the order of the circle, separated by spaces, starting anywhere."
    )


def reference(state):
    return " ".join(map(str, state["ring"]))


def score(state, answer):
    """Half of the share of good neighbours, unless all of them are."""
    try:
        ring = [int(word) for word in answer.split()]
    except ValueError:
        return 0.0
    if sorted(ring) != state["numbers"]:
        return 0.0
    good = sum(abs(ring[i] - ring[i - 1]) >= state["gap"] for i in range(len(ring)))
    return 1.0 if good == len(ring) else 0.5 * good / len(ring)
